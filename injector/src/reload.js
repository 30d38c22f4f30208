// Knows: what a person would miss after a full reload, how it is kept, and how it is put back.
// Refuses to know: why the page reloads.
//
// Kept in this tab's session storage for ten seconds: scroll positions, with an element near the top
// of each scroller that shows the way when content above it changed; what was typed or chosen and
// differs from the source; open details, dialogs and popovers; media times; focus and selection.
// Not kept: passwords, files, hidden fields, what a form marks as a secret. No event is sent for a
// field that gets its value back: scripts have not seen anybody type. `data-hotreload-restore="off"`
// on the root element keeps nothing.

import { BROWSER } from "./connection.js";
import { trustedHTML } from "./trusted.js";

/** Where a page puts what it was like; followed by the place of its frame in the tab. */
const LEFT = "hotreload:left";
/** The update that a page last reloaded for. */
const FOR = "hotreload:for";
/** What is older is not from this reload, in milliseconds. */
const EXPIRES = 10_000;
/** So long the page is given to show what is to be put back, in milliseconds. */
const PATIENCE = 2_000;
/** A reload that has not begun by then was refused by a person. */
const REFUSED = 3_000;

/**
 * `Place` is an element, to be found again in another document; `at` is one, and for a scroller none is the window.
 * @typedef {{ host?: Place, start?: [selector: string, nth: number], path: [tag: string, nth: number][] }} Place
 * @typedef {{ at?: Place, x: number, y: number, anchor?: { at: Place, tag: string, text: string, top: number } }} Scroll
 * @typedef {{ at: Place, value?: string, checked?: boolean, chosen?: string[], html?: string }} Field
 * @typedef {{ at: Place, open: boolean | "modal" | "popover" }} Opening
 * @typedef {Pick<HTMLMediaElement, "currentTime" | "paused" | "playbackRate" | "volume" | "muted" | "currentSrc">} Play
 * @typedef {Play & { at: Place }} Medium
 * @typedef {{ at: Place, start?: number, end?: number, direction?: "forward" | "backward" | "none" }} Focus
 * @typedef {{ at: Place, child: number, offset: number }} Point
 * @typedef {{ anchor: Point, focus: Point }} Range
 * @typedef {{ scrolls: Scroll[], fields: Field[], openings: Opening[], media: Medium[], focus?: Focus, range?: Range }} State
 * @typedef {State & { href: string, time: number }} Left
 */

// ---- leaving -----------------------------------------------------------------------------------------

/**
 * Whether this page was already loaded anew for the same update: then once more will not help, as when
 * a service worker answers with the old page.
 * @param {string} update
 * @returns {boolean}
 */
export function isRepeated(update) {
  const key = FOR + placeOfFrame();
  try {
    const repeated = sessionStorage.getItem(key) === update;
    sessionStorage.setItem(key, update);
    return repeated;
  } catch {
    return false; // no storage for this page, so no worker either that could keep it old
  }
}

/**
 * Reloads as a person would: the address, the history's state and the fragment stay. (A page that came
 * from a form makes the browser ask, as it does for a person: only the form can make that page.)
 * @param {string[]} urls of what changed
 * @param {WeakSet<EventTarget>} edited what a person has written in
 * @returns {Promise<void>} kept only if the page is still there after a while
 */
export async function reload(urls, edited) {
  await Promise.race([forget(urls), pause(300)]);
  const frames = framesOf(window);
  if (frames.length) await keepAll(frames, edited);
  location.reload();
  if (!frames.length) keep(edited); // while the browser asks the server already
  await pause(REFUSED);
}

/** @param {Window[]} frames @param {WeakSet<EventTarget>} edited */
async function keepAll(frames, edited) {
  keep(edited); // first: frames that land from now on see that they are about to go
  await Promise.race([Promise.all(frames.map(keepFrame)), pause(300)]);
}

/** @type {Left | null} what this page was like before, while that is not all put back */
let pending = null;

/**
 * Notes what this page is like, for when it comes back.
 * @param {WeakSet<EventTarget>} edited what a person has written in
 */
export function keep(edited) {
  try {
    const left = pending ? { ...pending, time: Date.now() } : look(edited);
    if (isWanted()) sessionStorage.setItem(LEFT + placeOfFrame(), JSON.stringify(left));
  } catch (error) {
    console.debug("[hotreload]", error); // no storage, or full: it lands as after any reload
  }
}

/** @param {Window} page @returns {Window[]} those in frames too */
const framesOf = (page) => Array.from(page).flatMap((frame) => [frame, ...framesOf(frame)]);

/** A frame that has a client of its own. @param {Window} frame */
async function keepFrame(frame) {
  try {
    await /** @type {any} */ (frame).__hotreload__?.keep();
  } catch {
    // another origin: it keeps nothing, and is asked nothing
  }
}

/** A service worker may answer from caches that know nothing of files. @param {string[]} urls */
async function forget(urls) {
  if (!navigator.serviceWorker?.controller) return;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const url of [...urls, location.href]) await cache.delete(url, { ignoreSearch: true, ignoreVary: true });
  }
}

const isWanted = () => document.documentElement.dataset["hotreloadRestore"] !== "off";

/** Whether a page that this frame is in is about to reload, which takes the frame with it. */
function isBeingTaken() {
  for (let place = placeOfFrame(); place; ) {
    place = place.replace(/^\/\d+/, "");
    const above = leftBy(place);
    if (above && Date.now() - above.time < REFUSED) return true;
  }
  return false;
}

/** @param {string} place @returns {Left | null} what is noted there */
const leftBy = (place) => JSON.parse(sessionStorage.getItem(LEFT + place) ?? "null");

/** Frames of one tab share its storage: each has its own place in the tree of frames, from the frame to the top. */
function placeOfFrame() {
  let place = "";
  for (let frame = window; frame !== frame.parent; frame = /** @type {typeof window} */ (frame.parent)) {
    place += `/${Array.from(frame.parent).indexOf(frame)}`;
  }
  return place;
}

/** @param {WeakSet<EventTarget>} edited @returns {Left} */
function look(edited) {
  const elements = [...everyElement(document)];
  const focus = lookAtFocus();
  const range = lookAtRange();
  return {
    href: location.href,
    time: Date.now(),
    scrolls: elements.filter(isScrolled).map(lookAtScroll),
    fields: elements.flatMap((element) => lookAtField(element, edited)),
    openings: elements.flatMap(lookAtOpening),
    media: elements.flatMap(lookAtMedium),
    ...(focus && { focus }),
    ...(range && { range }),
  };
}

/** @param {Document | ShadowRoot} root @returns {Generator<Element>} those in open shadow trees too */
function* everyElement(root) {
  for (const element of root.querySelectorAll("*")) {
    yield element;
    if (element.shadowRoot) yield* everyElement(element.shadowRoot);
  }
}

/** @param {Element} element */
const isScrolled = ({ scrollLeft, scrollTop }) => scrollLeft !== 0 || scrollTop !== 0;

/** @param {Element} element @returns {Scroll} */
function lookAtScroll(element) {
  const anchor = lookForAnchor(element);
  return {
    ...(element !== document.scrollingElement && { at: placeOf(element) }),
    x: element.scrollLeft,
    y: element.scrollTop,
    ...(anchor && { anchor: { at: placeOf(anchor), tag: anchor.localName, text: textOf(anchor), top: topIn(element, anchor) } }),
  };
}

/** The smallest element that is seen near the top, and moves with the content. @param {Element} scroller */
function lookForAnchor(scroller) {
  const { left, top, width, height } = boxOf(scroller);
  const found = [0.02, 0.1, 0.2, 0.35, 0.5].flatMap((y) =>
    [0.5, 0.2, 0.8].map((x) => document.elementFromPoint(left + width * x, top + height * y)),
  );
  const anchors = found.filter((element) => element && isMovedBy(element, scroller));
  const heightOf = (/** @type {Element | null} */ element) => element?.getBoundingClientRect().height ?? 0;
  return anchors.sort((one, other) => heightOf(one) - heightOf(other))[0];
}

/** @param {Element | null} element @param {Element} scroller */
function isMovedBy(element, scroller) {
  if (!element || element === scroller || element === document.body || !scroller.contains(element)) return false;
  for (let each = /** @type {Element | null} */ (element); each && each !== scroller; each = each.parentElement) {
    if (/fixed|sticky/.test(getComputedStyle(each).position)) return false;
  }
  return true;
}

/** @param {Element} scroller @returns {{ left: number, top: number, width: number, height: number }} in the viewport */
function boxOf(scroller) {
  if (scroller === document.scrollingElement) return { left: 0, top: 0, width: innerWidth, height: innerHeight };
  return scroller.getBoundingClientRect();
}

/** @param {Element} scroller @param {Element} anchor */
const topIn = (scroller, anchor) => anchor.getBoundingClientRect().top - boxOf(scroller).top;

/** What tells an element from its like. @param {Element} element */
const textOf = (element) => (element.textContent?.trim() || element.getAttribute("src") || "").slice(0, 80);

const NO_TEXT = /^(button|file|hidden|image|password|reset|submit)$/;
const SECRET = /password|one-time-code|\bcc-/;

/** @param {Element} element @param {WeakSet<EventTarget>} edited @returns {Field[]} one or none: what the source says is not kept */
function lookAtField(element, edited) {
  const field = valueOf(element, edited);
  return field ? [{ at: placeOf(element), ...field }] : [];
}

/** @param {Element} element @param {WeakSet<EventTarget>} edited @returns {Omit<Field, "at"> | undefined} */
function valueOf(element, edited) {
  if (element instanceof HTMLInputElement) {
    if (NO_TEXT.test(element.type) || SECRET.test(element.autocomplete)) return;
    if (/checkbox|radio/.test(element.type)) {
      return element.checked === element.defaultChecked ? undefined : { checked: element.checked };
    }
    return element.value === element.defaultValue || element.value === untouched(element) ? undefined : { value: element.value };
  }
  if (element instanceof HTMLTextAreaElement) {
    return element.value === element.defaultValue ? undefined : { value: element.value };
  }
  if (element instanceof HTMLSelectElement) {
    return isAsWritten(element) ? undefined : { chosen: [...element.selectedOptions].map(({ value }) => value) };
  }
  if (edited.has(element) && /** @type {HTMLElement} */ (element).isContentEditable) return { html: element.getHTML() };
  return undefined;
}

/** What a field shows that nobody has touched: a slider stands somewhere without a value. @param {HTMLInputElement} field */
function untouched({ type, min, max, step, defaultValue }) {
  return Object.assign(document.createElement("input"), { type, min, max, step, defaultValue }).value;
}

/** A list that lets one be chosen shows the first of its options when none is marked. @param {HTMLSelectElement} list */
function isAsWritten(list) {
  const options = [...list.options];
  if (!list.multiple && !options.some((option) => option.defaultSelected)) return list.selectedIndex <= 0;
  return options.every((option) => option.selected === option.defaultSelected);
}

/** @param {Element} element @returns {Opening[]} */
function lookAtOpening(element) {
  if (element instanceof HTMLDetailsElement) return [{ at: placeOf(element), open: element.open }];
  if (element instanceof HTMLDialogElement && element.open) {
    return [{ at: placeOf(element), open: element.matches(":modal") ? "modal" : true }];
  }
  return isOpenPopover(element) ? [{ at: placeOf(element), open: "popover" }] : [];
}

/** @param {Element} element */
function isOpenPopover(element) {
  return element.hasAttribute("popover") && CSS.supports("selector(:popover-open)") && element.matches(":popover-open");
}

/** @param {Element} element @returns {Medium[]} */
function lookAtMedium(element) {
  if (!(element instanceof HTMLMediaElement) || (element.paused && element.currentTime === 0)) return [];
  const { currentTime, paused, playbackRate, volume, muted, currentSrc } = element;
  return [{ at: placeOf(element), currentTime, paused, playbackRate, volume, muted, currentSrc }];
}

/** @returns {Focus | undefined} */
function lookAtFocus() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element === document.body || element === document.documentElement) return undefined;
  const at = placeOf(element);
  if (!isTextField(element) || element.selectionStart === null) return { at };
  const { selectionStart: start, selectionEnd, selectionDirection } = element;
  return { at, start, end: selectionEnd ?? start, direction: selectionDirection ?? "none" };
}

/** @param {Element | null} element @returns {element is HTMLInputElement | HTMLTextAreaElement} */
const isTextField = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

/** A place in the text, when something is selected or written there. @returns {Left["range"]} */
function lookAtRange() {
  const selection = getSelection();
  const { anchorNode, focusNode, anchorOffset, focusOffset, isCollapsed } = selection ?? {};
  if (!anchorNode || !focusNode || (isCollapsed && !hostOf(anchorNode))) return undefined;
  return { anchor: pointAt(anchorNode, anchorOffset ?? 0), focus: pointAt(focusNode, focusOffset ?? 0) };
}

/** @param {Node} node */
const hostOf = (node) => (node instanceof Element ? node : node.parentElement)?.closest("[contenteditable]");

/** @param {Node} node @param {number} offset @returns {Point} child: -1 for the element itself */
function pointAt(node, offset) {
  const parent = node.parentElement;
  if (node instanceof Element || !parent) return { at: placeOf(/** @type {Element} */ (node)), child: -1, offset };
  return { at: placeOf(parent), child: Array.from(parent.childNodes, Object).indexOf(node), offset };
}

// ---- places ------------------------------------------------------------------------------------------

/** @typedef {Document | ShadowRoot} Root */

/** By its id, its name among those of the same name, or its way from there. @param {Element} element @returns {Place} */
function placeOf(element) {
  const root = element.getRootNode();
  const host = root instanceof ShadowRoot ? { host: placeOf(root.host) } : {};
  const path = /** @type {[string, number][]} */ ([]);
  for (let each = element; ; each = /** @type {Element} */ (each.parentElement)) {
    const start = nameOf(each, /** @type {Root} */ (root));
    if (start) return { ...host, start, path };
    const siblings = elementsIn(each.parentNode).filter(({ localName }) => localName === each.localName);
    path.unshift([each.localName, siblings.indexOf(each)]);
    if (!each.parentElement) return { ...host, path };
  }
}

/** A form may have a field named `children`, which hides the property. @param {Node | null | undefined} parent */
const elementsIn = (parent) => Array.from(parent?.childNodes ?? []).filter((node) => node instanceof Element);

/** A selector, and which of those that it finds. @param {Element} element @param {Root} root @returns {[string, number] | undefined} */
function nameOf(element, root) {
  const id = element.id && `#${CSS.escape(element.id)}`;
  if (id && root.querySelector(id) === element) return [id, 0];
  const name = element.getAttribute("name");
  if (!name) return undefined;
  const selector = `${element.localName}[name="${CSS.escape(name)}"]`;
  return [selector, [...root.querySelectorAll(selector)].indexOf(element)];
}

/** @param {Place | undefined} place none for the window @returns {Element | null} what is there now */
function find(place) {
  if (!place) return document.scrollingElement;
  const root = place.host ? find(place.host)?.shadowRoot : document;
  if (!root) return null;
  const [selector, nth] = place.start ?? [];
  let at = /** @type {ParentNode | undefined} */ (selector ? root.querySelectorAll(selector)[nth ?? 0] : root);
  for (const [tag, nth] of place.path) at = elementsIn(at).filter((each) => each.localName === tag)[nth];
  return at instanceof Element ? at : null;
}

// ---- landing -----------------------------------------------------------------------------------------

/** Puts back what the page was like, if it was left a moment ago. */
export async function land() {
  const place = placeOfFrame();
  const left = leftBy(place);
  const isOurs = left && left.href === location.href && Date.now() - left.time <= EXPIRES && isWanted();
  if (isOurs) pending = left;
  while (isOurs && isBeingTaken()) await pause(50);
  sessionStorage.removeItem(LEFT + place);
  if (!isOurs) return;
  await Promise.race([loaded(), pause(PATIENCE)]);
  await untilDone(tasksFor(left));
  pending = null;
}

/** Scripts that run on load have run. */
async function loaded() {
  const load = new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  if (document.readyState !== "complete") await load;
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
  const element = find(at);
  if (element instanceof HTMLDetailsElement) element.open = Boolean(open);
  else if (open === "popover") openPopover(element);
  else if (element instanceof HTMLDialogElement && !element.open) open === "modal" ? element.showModal() : element.show();
  return Boolean(element);
}

/** @param {Element | null} element */
function openPopover(element) {
  if (element instanceof HTMLElement && element.popover && !isOpenPopover(element)) element.showPopover();
}

/** Only what differs is written: a write moves the cursor. @param {Field} field */
function refill({ at, value, checked, chosen, html }) {
  const element = find(at);
  if (element instanceof HTMLSelectElement && chosen) {
    for (const option of element.options) option.selected = chosen.includes(option.value);
  } else if (element instanceof HTMLInputElement && checked !== undefined) {
    element.checked = checked;
  } else if (isTextField(element) && value !== undefined) {
    if (element.value !== value) element.value = value;
  } else if (element && html !== undefined) {
    const { body } = new DOMParser().parseFromString(trustedHTML(html), "text/html");
    element.replaceChildren(...body.childNodes);
  }
  return Boolean(element);
}

/** @param {Medium} medium */
function resume({ at, paused, currentSrc, ...play }) {
  const element = find(at);
  if (!(element instanceof HTMLMediaElement) || element.currentSrc !== currentSrc) return false;
  if (element.readyState === 0) return false;
  Object.assign(element, play);
  if (paused) element.pause();
  else element.play().catch(() => {}); // a page that nobody has touched may not play aloud
  return true;
}

/** @param {Focus} focus */
function refocus({ at, start, end, direction }) {
  const element = find(at);
  if (!(element instanceof HTMLElement || element instanceof SVGElement)) return false;
  element.focus({ preventScroll: true });
  if (isTextField(element) && start !== undefined && element.selectionStart !== null) {
    element.setSelectionRange(start, end ?? start, direction);
  }
  return true;
}

/** @param {NonNullable<Left["range"]>} range */
function reselect({ anchor, focus }) {
  const [from, to] = [nodeAt(anchor), nodeAt(focus)];
  if (!from || !to) return false;
  getSelection()?.setBaseAndExtent(from, lengthUpTo(from, anchor.offset), to, lengthUpTo(to, focus.offset));
  return true;
}

/** @param {Point} point */
function nodeAt({ at, child }) {
  const element = find(at);
  return child < 0 ? element : (element?.childNodes[child] ?? null);
}

/** @param {Node} node @param {number} offset */
const lengthUpTo = (node, offset) => Math.min(offset, node instanceof CharacterData ? node.length : node.childNodes.length);

/** Where it was, or where what was seen there is now; not done before it could be reached. @param {Scroll} scroll */
function rescroll({ at, x, y, anchor }) {
  const scroller = find(at);
  if (!scroller) return false;
  scroller.scrollTo({ left: x, top: y, behavior: "instant" });
  const seen = anchor && findAgain(anchor);
  if (!seen) return Math.abs(scroller.scrollTop - y) < 1;
  const off = topIn(scroller, seen) - anchor.top;
  scroller.scrollBy({ top: off, behavior: "instant" });
  return Math.abs(topIn(scroller, seen) - anchor.top) < 1;
}

/** At its place, or with its text at another. @param {NonNullable<Scroll["anchor"]>} anchor */
function findAgain({ at, tag, text }) {
  const there = find(at);
  if (there && textOf(there) === text) return there;
  const alike = text && [...document.querySelectorAll(tag)].find((element) => textOf(element) === text);
  return alike || null;
}

// ---- small things ------------------------------------------------------------------------------------

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => BROWSER.setTimeout(() => resolve(undefined), ms));

/** The next frame; a hidden page has none. */
const frame = () => Promise.race([new Promise(requestAnimationFrame), pause(100)]);
