// Knows: how a node of any page is read. In a form `<input name=parentNode>` hides the property of that name, and in a
// document `<img name=querySelector>` does; so every accessor and method is taken from the prototype that defines it,
// once, and called with the node: `dom.parentNode(node)`. Refuses to know: what is read, and why.
// Source: https://html.spec.whatwg.org/multipage/forms.html#the-form-element and dom.html#the-document-object
// (LegacyOverrideBuiltIns). All other kinds of nodes have no names that hide anything, and may be read as usual.

/**
 * @template T
 * @template {PropertyKey} K
 * @typedef {{ readonly [P in K & keyof T]: T[P] extends (...given: infer A) => infer R ? (self: T, ...given: A) => R : (self: T) => T[P] }} Readers
 */
/**
 * The platform's own names. What several prototypes have (`querySelector`) takes a node of any of them.
 * @typedef {Readers<EventTarget, keyof EventTarget> & Readers<Node, Exclude<keyof Node, keyof EventTarget>>
 *   & Readers<ParentNode, Exclude<keyof ParentNode, keyof Node>> & Readers<ChildNode, Exclude<keyof ChildNode, keyof Node>>
 *   & Readers<Element, Exclude<keyof Element, keyof ParentNode | keyof ChildNode>>
 *   & Readers<ElementCSSInlineStyle, keyof ElementCSSInlineStyle> & Readers<HTMLOrSVGElement, keyof HTMLOrSVGElement>
 *   & Readers<HTMLElement, Exclude<keyof HTMLElement, keyof Element | keyof ElementCSSInlineStyle | keyof HTMLOrSVGElement>>
 *   & Readers<DocumentOrShadowRoot, keyof DocumentOrShadowRoot>
 *   & Readers<Document, Exclude<keyof Document, keyof HTMLElement | keyof DocumentOrShadowRoot>>
 *   & { [P in "scrollTo" | "scrollBy"]: (self: Element, options: ScrollToOptions) => void }} DOM
 */

/** @typedef {(self: any, ...given: any[]) => any} Call */
/** @type {Record<string, Call>} */
const readers = {};

/** What several types have, each in its own way: the node's prototypes know, and no name hides them. @param {string} name @returns {Call} */
const several = (name) => (self, ...given) => {
  const found = Reflect.get(Object.getPrototypeOf(self), name, self);
  return typeof found === "function" ? found.apply(self, given) : found;
};

const TYPES = [EventTarget, Node, CharacterData, DocumentType, DocumentFragment, ShadowRoot, Document, Element, HTMLElement, SVGElement, MathMLElement];
for (const { prototype } of TYPES) {
  for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const own = get ?? value;
    if (typeof own === "function") readers[name] = readers[name] ? several(name) : Function.prototype.call.bind(own);
  }
}

export const dom = /** @type {DOM} */ (/** @type {unknown} */ (readers));
