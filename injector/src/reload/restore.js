// Knows: how a page is made to be what it was like before.
// Refuses to know: where that was kept.
//
// No event is sent for a field that gets its value back: scripts have not seen anybody type.

import { pause } from "../connection/connection.js";
import { dom } from "../dom/dom.js";
import { findElement, textOf } from "./element-path.js";
import { isOpenPopover, isTextField, topIn } from "./capture.js";
import { trustedHTML } from "../dom/trusted.js";

/** @typedef {import("./capture.js").Field} Field */
/** @typedef {import("./capture.js").Focus} Focus */
/** @typedef {import("./capture.js").Medium} Medium */
/** @typedef {import("./capture.js").Opening} Opening */
/** @typedef {import("./capture.js").Point} Point */
/** @typedef {import("./capture.js").Range} Range */
/** @typedef {import("./capture.js").Scroll} Scroll */
/** @typedef {import("./capture.js").State} State */

/** So long the page is given to show what is to be put back, in milliseconds. */
const PATIENCE = 2_000;

/**
 * Puts back what the page was like.
 * @param {State} state
 */
export async function restore(state) {
  await Promise.race([loaded(), pause(PATIENCE)]);
  await untilDone(tasksFor(state));
}

/** Scripts that run on load have run. */
async function loaded() {
  const load = new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  if (dom.readyState(document) !== "complete") await load;
  await frame();
}

/**
 * What is there first changes where the rest is; the scroll positions come last.
 * @param {State} state
 * @returns {(() => boolean)[]} each says whether it is done
 */
function tasksFor({ openings, fields, media, scrolls, focus, range }) {
  const closedFirst = [...openings].sort((one, other) => Number(Boolean(one.open)) - Number(Boolean(other.open)));
  return [
    ...closedFirst.map((opening) => () => reopen(opening)),
    ...fields.map((field) => () => refill(field)),
    ...media.map((medium) => () => resume(medium)),
    ...(focus ? [() => refocus(focus)] : []),
    ...(range ? [() => reselect(range)] : []),
    ...scrolls.map((scroll) => () => rescroll(scroll)),
  ];
}

/**
 * Tried with every frame, for pages that scripts make; a person who does something has the last word.
 * @param {(() => boolean)[]} tasks
 */
async function untilDone(tasks) {
  const inputs = ["pointerdown", "keydown", "wheel", "touchstart"];
  const stop = () => (tasks = []);
  for (const type of inputs) addEventListener(type, stop, { capture: true, passive: true });
  for (const end = performance.now() + PATIENCE; tasks.length && performance.now() < end; await frame()) {
    tasks = tasks.filter((task) => !task());
  }
  for (const type of inputs) removeEventListener(type, stop, { capture: true });
}

/** @param {Opening} opening */
function reopen({ at, open }) {
  const element = findElement(at);
  if (element instanceof HTMLDetailsElement) element.open = Boolean(open);
  else if (open === "popover") openPopover(element);
  else if (element instanceof HTMLDialogElement && !element.open) open === "modal" ? element.showModal() : element.show();
  return Boolean(element);
}

/** @param {Element | null} element */
function openPopover(element) {
  if (element instanceof HTMLElement && dom.popover(element) && !isOpenPopover(element)) dom.showPopover(element);
}

/** Only what differs is written: a write moves the cursor. @param {Field} field */
function refill({ at, value, checked, chosen, html }) {
  const element = findElement(at);
  if (element instanceof HTMLSelectElement && chosen) {
    for (const option of element.options) option.selected = chosen.includes(option.value);
  } else if (element instanceof HTMLInputElement && checked !== undefined) {
    element.checked = checked;
  } else if (isTextField(element) && value !== undefined) {
    if (element.value !== value) element.value = value;
  } else if (element && html !== undefined) {
    const parsed = new DOMParser().parseFromString(trustedHTML(html), "text/html");
    dom.replaceChildren(element, ...dom.childNodes(dom.body(parsed)));
  }
  return Boolean(element);
}

/** @param {Medium} medium */
function resume({ at, paused, currentSrc, ...play }) {
  const element = findElement(at);
  if (!(element instanceof HTMLMediaElement) || element.currentSrc !== currentSrc) return false;
  if (element.readyState === 0) return false;
  Object.assign(element, play);
  if (paused) element.pause();
  else element.play().catch(() => {}); // a page that nobody has touched may not play aloud
  return true;
}

/** @param {Focus} focus */
function refocus({ at, start, end, direction }) {
  const element = findElement(at);
  if (!(element instanceof HTMLElement || element instanceof SVGElement)) return false;
  dom.focus(element, { preventScroll: true });
  if (isTextField(element) && start !== undefined && element.selectionStart !== null) {
    element.setSelectionRange(start, end ?? start, direction);
  }
  return true;
}

/** @param {Range} range */
function reselect({ anchor, focus }) {
  const [from, to] = [nodeAt(anchor), nodeAt(focus)];
  if (!from || !to) return false;
  getSelection()?.setBaseAndExtent(from, lengthUpTo(from, anchor.offset), to, lengthUpTo(to, focus.offset));
  return true;
}

/** @param {Point} point */
function nodeAt({ at, child }) {
  const element = findElement(at);
  return child < 0 ? element : ((element && dom.childNodes(element)[child]) ?? null);
}

/** @param {Node} node @param {number} offset */
const lengthUpTo = (node, offset) => Math.min(offset, node instanceof CharacterData ? node.length : dom.childNodes(node).length);

/** Where it was, or where what was seen there is now; not done before it could be reached. @param {Scroll} scroll */
function rescroll({ at, x, y, anchor }) {
  const scroller = findElement(at);
  if (!scroller) return false;
  dom.scrollTo(scroller, { left: x, top: y, behavior: "instant" });
  const seen = anchor && findAgain(anchor);
  if (!seen) return Math.abs(dom.scrollTop(scroller) - y) < 1;
  const off = topIn(scroller, seen) - anchor.top;
  dom.scrollBy(scroller, { top: off, behavior: "instant" });
  return Math.abs(topIn(scroller, seen) - anchor.top) < 1;
}

/** At its place, or with its text at another. @param {NonNullable<Scroll["anchor"]>} anchor */
function findAgain({ at, tag, text }) {
  const there = findElement(at);
  if (there && textOf(there) === text) return there;
  const alike = text && [...dom.querySelectorAll(document, tag)].find((element) => textOf(element) === text);
  return alike || null;
}

/** The next frame; a hidden page has none. */
const frame = () => Promise.race([new Promise(requestAnimationFrame), pause(100)]);
