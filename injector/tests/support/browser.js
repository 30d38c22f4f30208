// As much of a browser as the modules look at when they are loaded: the types whose accessors dom.js collects, and a
// document without content. A test loads the modules after this one. Knows: no behaviour of any element.

class Node extends EventTarget {}
class Document extends Node {
  get baseURI() {
    return page.base;
  }
  get characterSet() {
    return page.encoding;
  }
  querySelectorAll() {
    return page.links;
  }
}
const of = (type) => class extends type {};

/** What a test sets. */
export const page = { base: "http://localhost/dir/page.html", encoding: "UTF-8", links: [] };

const Element = of(Node);
const HTMLElement = of(Element);
const types = { Node, Document, Element, HTMLElement, CharacterData: of(Node), DocumentType: of(Node), DocumentFragment: of(Node) };
Object.assign(globalThis, types, {
  ShadowRoot: of(types.DocumentFragment),
  SVGElement: of(Element),
  MathMLElement: of(Element),
  CSS: { supports: () => false },
  document: new Document(),
  location: new URL("http://localhost/dir/page.html"),
  self: { origin: "http://localhost" },
});
