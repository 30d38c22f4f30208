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
 *   & Readers<HTMLElement, Exclude<keyof HTMLElement, keyof Element>>
 *   & Readers<Document, Exclude<keyof Document, keyof HTMLElement>>} DOM
 */

/** @typedef {(self: any, ...given: any[]) => any} Call */
/** @type {Record<string, Call>} */
const readers = {};

/** Documents and fragments are known by their type: those of a frame are made by other prototypes. @type {Map<Function, number>} */
const types = new Map().set(Document, 9).set(DocumentFragment, 11);

/** @param {any} self @param {any} type */
const isOf = (self, type) => (types.has(type) ? readers["nodeType"]?.(self) === types.get(type) : self instanceof type);

/** @param {Call} own @param {Call | undefined} other @param {Function} type @returns {Call} */
const either = (own, other, type) => (other ? (self, ...given) => (isOf(self, type) ? own : other)(self, ...given) : own);

for (const type of [EventTarget, Node, Element, DocumentFragment, Document, HTMLElement, SVGElement]) {
  for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
    const own = get ?? value;
    // Handlers of events are nobody's business here, and constants are no functions.
    if (typeof own === "function" && !name.startsWith("on")) readers[name] = either(Function.prototype.call.bind(own), readers[name], type);
  }
}

export const dom = /** @type {DOM} */ (/** @type {unknown} */ (readers));

const { set } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Node.prototype, "textContent"));

/** @param {Node} node @param {string} text */
export const setTextContent = (node, text) => void set?.call(node, text);
