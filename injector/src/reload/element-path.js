// Knows: how an element is named, so that its like is found in another document.
// Refuses to know: what it is found for.

import { dom } from "../dom/dom.js";

/** @typedef {{ host?: ElementPath, start?: [selector: string, nth: number], path: [tag: string, nth: number][] }} ElementPath */
/** @typedef {Document | ShadowRoot} Root */

/** By its id, its name among those of the same name, or its way from there. @param {Element} element @returns {ElementPath} */
export function elementPath(element) {
  const root = dom.getRootNode(element);
  const host = root instanceof ShadowRoot ? { host: elementPath(root.host) } : {};
  const path = /** @type {[string, number][]} */ ([]);
  for (let each = element; ; each = /** @type {Element} */ (dom.parentElement(each))) {
    const start = nameOf(each, /** @type {Root} */ (root));
    if (start) return { ...host, start, path };
    const tag = dom.localName(each);
    path.unshift([tag, elementsIn(dom.parentNode(each), tag).indexOf(each)]);
    if (!dom.parentElement(each)) return { ...host, path };
  }
}

/** Its children of one kind. @param {Node | null | undefined} parent @param {string} tag */
const elementsIn = (parent, tag) =>
  Array.from(parent ? dom.childNodes(parent) : []).filter((node) => node instanceof Element && dom.localName(node) === tag);

/** A selector, and which of those that it finds. @param {Element} element @param {Root} root @returns {[string, number] | undefined} */
function nameOf(element, root) {
  const id = `#${CSS.escape(dom.getAttribute(element, "id") ?? "")}`;
  if (id !== "#" && dom.querySelector(root, id) === element) return [id, 0];
  const name = dom.getAttribute(element, "name");
  if (!name) return undefined;
  const selector = `${dom.localName(element)}[name="${CSS.escape(name)}"]`;
  return [selector, [...dom.querySelectorAll(root, selector)].indexOf(element)];
}

/** @param {ElementPath | undefined} place none for the window @returns {Element | null} what is there now */
export function findElement(place) {
  if (!place) return dom.scrollingElement(document);
  const host = place.host && findElement(place.host);
  const root = place.host ? host && dom.shadowRoot(host) : document;
  if (!root) return null;
  const [selector, nth] = place.start ?? [];
  let at = /** @type {Node | undefined} */ (selector ? dom.querySelectorAll(root, selector)[nth ?? 0] : root);
  for (const [tag, nth] of place.path) at = elementsIn(at, tag)[nth];
  return at instanceof Element ? at : null;
}

/** What tells an element from its like. @param {Element} element */
export const textOf = (element) => (dom.textContent(element)?.trim() || dom.getAttribute(element, "src") || "").slice(0, 80);
