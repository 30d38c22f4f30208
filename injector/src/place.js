// Knows: how an element is named, so that its like is found in another document.
// Refuses to know: what it is found for.

/** @typedef {{ host?: Place, start?: [selector: string, nth: number], path: [tag: string, nth: number][] }} Place */
/** @typedef {Document | ShadowRoot} Root */

/** By its id, its name among those of the same name, or its way from there. @param {Element} element @returns {Place} */
export function placeOf(element) {
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
export function find(place) {
  if (!place) return document.scrollingElement;
  const root = place.host ? find(place.host)?.shadowRoot : document;
  if (!root) return null;
  const [selector, nth] = place.start ?? [];
  let at = /** @type {ParentNode | undefined} */ (selector ? root.querySelectorAll(selector)[nth ?? 0] : root);
  for (const [tag, nth] of place.path) at = elementsIn(at).filter((each) => each.localName === tag)[nth];
  return at instanceof Element ? at : null;
}

/** What tells an element from its like. @param {Element} element */
export const textOf = (element) => (element.textContent?.trim() || element.getAttribute("src") || "").slice(0, 80);
