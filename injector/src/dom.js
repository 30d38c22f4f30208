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

/**
 * What has a name of its own that another type has too, by the type or the namespace of its nodes: those of a frame
 * are no instances of ours.
 * @type {[Function, unknown?][]}
 */
const TYPES = [
  [EventTarget],
  [Node],
  [Element],
  [HTMLElement],
  [SVGElement, "http://www.w3.org/2000/svg"],
  [MathMLElement, "http://www.w3.org/1998/Math/MathML"],
  [DocumentFragment, 11],
  [ShadowRoot, 11],
  [Document, 9],
];

/** @param {Call} own @param {Call | undefined} other @param {unknown} kind @returns {Call} */
const either = (own, other, kind) => {
  const kindOf = readers[typeof kind === "number" ? "nodeType" : "namespaceURI"];
  return other ? (self, ...given) => (kindOf?.(self) === kind ? own : other)(self, ...given) : own;
};

for (const [{ prototype }, kind] of TYPES) {
  for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const own = get ?? value;
    // Handlers of events are nobody's business here, and constants are no functions.
    if (typeof own === "function" && !name.startsWith("on")) readers[name] = either(Function.prototype.call.bind(own), readers[name], kind);
  }
}

export const dom = /** @type {DOM} */ (/** @type {unknown} */ (readers));

const { set } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Node.prototype, "textContent"));

/** @param {Node} node @param {string} text */
export const setTextContent = (node, text) => void set?.call(node, text);

/** Takes a node of any kind out of where it is, if it is anywhere. @param {Node} node */
export function detach(node) {
  const parent = dom.parentNode(node);
  if (parent) dom.removeChild(parent, node);
}
