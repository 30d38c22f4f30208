// Knows: what a person would miss after a full reload.
// Refuses to know: where that is kept, and how it is put back.
//
// Scroll positions, with an element near the top of each scroller that shows the way when content
// above it changed; what was typed or chosen and differs from the source; open details, dialogs and
// popovers; media times; focus and selection. Not passwords, files, hidden fields, what a form marks
// as a secret.

import { dom } from "../dom/dom.js";
import { elementPath, textOf } from "./element-path.js";

/** @typedef {import("./element-path.js").ElementPath} ElementPath */
/**
 * `at` is an element; for a scroller none is the window.
 * @typedef {{ at?: ElementPath, x: number, y: number, anchor?: { at: ElementPath, tag: string, text: string, top: number } }} Scroll
 * @typedef {{ at: ElementPath, value?: string, checked?: boolean, chosen?: string[], html?: string }} Field
 * @typedef {{ at: ElementPath, open: boolean | "modal" | "popover" }} Opening
 * @typedef {Pick<HTMLMediaElement, "currentTime" | "paused" | "playbackRate" | "volume" | "muted" | "currentSrc">} Play
 * @typedef {Play & { at: ElementPath }} Medium
 * @typedef {{ at: ElementPath, start?: number, end?: number, direction?: "forward" | "backward" | "none" }} Focus
 * @typedef {{ at: ElementPath, child: number, offset: number }} Point
 * @typedef {{ anchor: Point, focus: Point }} Range
 * @typedef {{ scrolls: Scroll[], fields: Field[], openings: Opening[], media: Medium[], focus?: Focus, range?: Range }} State
 */

/**
 * What the page is like now.
 * @param {WeakSet<EventTarget>} edited what a person has written in
 * @returns {State}
 */
export function capture(edited) {
  const elements = [...everyElement(document)];
  const focus = captureFocus();
  const range = captureRange();
  return {
    scrolls: elements.filter(isScrolled).map(captureScroll),
    fields: elements.flatMap((element) => captureField(element, edited)),
    openings: elements.flatMap(captureOpening),
    media: elements.flatMap(captureMedium),
    ...(focus && { focus }),
    ...(range && { range }),
  };
}

/** @param {Document | ShadowRoot} root @returns {Generator<Element>} those in open shadow trees too */
function* everyElement(root) {
  for (const element of dom.querySelectorAll(root, "*")) {
    yield element;
    const shadow = dom.shadowRoot(element);
    if (shadow) yield* everyElement(shadow);
  }
}

/** @param {Element} element */
const isScrolled = (element) => dom.scrollLeft(element) !== 0 || dom.scrollTop(element) !== 0;

/** @param {Element} element @returns {Scroll} */
function captureScroll(element) {
  const anchor = findAnchor(element);
  return {
    ...(element !== dom.scrollingElement(document) && { at: elementPath(element) }),
    x: dom.scrollLeft(element),
    y: dom.scrollTop(element),
    ...(anchor && { anchor: { at: elementPath(anchor), tag: dom.localName(anchor), text: textOf(anchor), top: topIn(element, anchor) } }),
  };
}

/** The smallest element that is seen near the top, and moves with the content. @param {Element} scroller */
function findAnchor(scroller) {
  const { left, top, width, height } = boxOf(scroller);
  const found = [0.02, 0.1, 0.2, 0.35, 0.5].flatMap((y) =>
    [0.5, 0.2, 0.8].map((x) => dom.elementFromPoint(document, left + width * x, top + height * y)),
  );
  const anchors = found.filter((element) => element && isMovedBy(element, scroller));
  const heightOf = (/** @type {Element | null} */ element) => (element ? dom.getBoundingClientRect(element).height : 0);
  return anchors.sort((one, other) => heightOf(one) - heightOf(other))[0];
}

/** @param {Element | null} element @param {Element} scroller */
function isMovedBy(element, scroller) {
  if (!element || element === scroller || element === dom.body(document) || !dom.contains(scroller, element)) return false;
  for (let each = /** @type {Element | null} */ (element); each && each !== scroller; each = dom.parentElement(each)) {
    if (/fixed|sticky/.test(getComputedStyle(each).position)) return false;
  }
  return true;
}

/** @param {Element} scroller @returns {{ left: number, top: number, width: number, height: number }} in the viewport */
function boxOf(scroller) {
  if (scroller === dom.scrollingElement(document)) return { left: 0, top: 0, width: innerWidth, height: innerHeight };
  return dom.getBoundingClientRect(scroller);
}

/** @param {Element} scroller @param {Element} anchor */
export const topIn = (scroller, anchor) => dom.getBoundingClientRect(anchor).top - boxOf(scroller).top;

const NO_TEXT = /^(button|file|hidden|image|password|reset|submit)$/;
const SECRET = /password|one-time-code|\bcc-/;

/** @param {Element} element @param {WeakSet<EventTarget>} edited @returns {Field[]} one or none: what the source says is not kept */
function captureField(element, edited) {
  const field = valueOf(element, edited);
  return field ? [{ at: elementPath(element), ...field }] : [];
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
  if (edited.has(element) && dom.isContentEditable(/** @type {HTMLElement} */ (element))) return { html: dom.getHTML(element) };
  return undefined;
}

/** What a field shows that nobody has touched: a slider stands somewhere without a value. @param {HTMLInputElement} field */
function untouched({ type, min, max, step, defaultValue }) {
  return Object.assign(/** @type {HTMLInputElement} */ (dom.createElement(document, "input")), { type, min, max, step, defaultValue }).value;
}

/** A list that lets one be chosen shows the first of its options when none is marked. @param {HTMLSelectElement} list */
function isAsWritten(list) {
  const options = [...list.options];
  if (!list.multiple && !options.some((option) => option.defaultSelected)) return list.selectedIndex <= 0;
  return options.every((option) => option.selected === option.defaultSelected);
}

/** @param {Element} element @returns {Opening[]} */
function captureOpening(element) {
  if (element instanceof HTMLDetailsElement) return [{ at: elementPath(element), open: element.open }];
  if (element instanceof HTMLDialogElement && element.open) {
    return [{ at: elementPath(element), open: element.matches(":modal") ? "modal" : true }];
  }
  return isOpenPopover(element) ? [{ at: elementPath(element), open: "popover" }] : [];
}

/** @param {Element} element */
export function isOpenPopover(element) {
  return dom.hasAttribute(element, "popover") && CSS.supports("selector(:popover-open)") && dom.matches(element, ":popover-open");
}

/** @param {Element} element @returns {Medium[]} */
function captureMedium(element) {
  if (!(element instanceof HTMLMediaElement) || (element.paused && element.currentTime === 0)) return [];
  const { currentTime, paused, playbackRate, volume, muted, currentSrc } = element;
  return [{ at: elementPath(element), currentTime, paused, playbackRate, volume, muted, currentSrc }];
}

/** @returns {Focus | undefined} */
function captureFocus() {
  let element = dom.activeElement(document);
  for (let inner = element; inner; inner = dom.shadowRoot(inner)?.activeElement ?? null) element = inner;
  if (!element || element === dom.body(document) || element === dom.documentElement(document)) return undefined;
  const at = elementPath(element);
  if (!isTextField(element) || element.selectionStart === null) return { at };
  const { selectionStart: start, selectionEnd, selectionDirection } = element;
  return { at, start, end: selectionEnd ?? start, direction: selectionDirection ?? "none" };
}

/** @param {Element | null} element @returns {element is HTMLInputElement | HTMLTextAreaElement} */
export const isTextField = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

/** A place in the text, when something is selected or written there. @returns {Range | undefined} */
function captureRange() {
  const selection = getSelection();
  const { anchorNode, focusNode, anchorOffset, focusOffset, isCollapsed } = selection ?? {};
  if (!anchorNode || !focusNode || (isCollapsed && !hostOf(anchorNode))) return undefined;
  return { anchor: pointAt(anchorNode, anchorOffset ?? 0), focus: pointAt(focusNode, focusOffset ?? 0) };
}

/** @param {Node} node */
function hostOf(node) {
  const element = node instanceof Element ? node : dom.parentElement(node);
  return element && dom.closest(element, "[contenteditable]");
}

/** @param {Node} node @param {number} offset @returns {Point} child: -1 for the element itself */
function pointAt(node, offset) {
  const parent = dom.parentElement(node);
  if (node instanceof Element || !parent) return { at: elementPath(/** @type {Element} */ (node)), child: -1, offset };
  return { at: elementPath(parent), child: Array.from(dom.childNodes(parent), Object).indexOf(node), offset };
}
