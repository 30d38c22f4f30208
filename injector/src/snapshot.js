// Knows: what the document was like at one moment, and which live node each part of that picture was.
// Refuses to know: what the picture is for. Nothing in it loads, runs, or is made by the page's scripts: its document
// has no window.

/** A copy of the document as it is now, open shadow roots and the contents of templates included. */
export class Snapshot {
  /** @type {WeakMap<Node, WeakRef<Node>>} a copy does not keep what scripts drop */
  #lives = new WeakMap();

  constructor() {
    const { implementation, contentType, childNodes } = document;
    this.document = contentType === "text/html" ? implementation.createHTMLDocument() : implementation.createDocument(null, null);
    this.document.replaceChildren();
    for (const copy of this.#copies(childNodes)) this.document.appendChild(copy); // no fragment takes a doctype
    this.#pair(document, this.document);
  }

  /** The live node of a copy, if there still is one. @param {Node} copy */
  live = (copy) => this.#lives.get(copy)?.deref();

  /** @param {Iterable<Node>} nodes */
  #copies = (nodes) => [...nodes].map((node) => this.document.importNode(node, true));

  /** @param {Node} live @param {Node} copy */
  #pair(live, copy) {
    this.#lives.set(copy, new WeakRef(live));
    if (live instanceof HTMLTemplateElement && copy instanceof HTMLTemplateElement) this.#pair(live.content, copy.content);
    if (live instanceof Element && copy instanceof Element && live.shadowRoot) this.#pairRoots(live.shadowRoot, copy);
    let [a, b] = [live.firstChild, copy.firstChild];
    for (; a && b; a = a.nextSibling, b = b.nextSibling) this.#pair(a, b);
  }

  /** @param {ShadowRoot} live @param {Element} host has a copy already where the root is marked as clonable */
  #pairRoots(live, host) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    root.replaceChildren(...this.#copies(live.childNodes));
    this.#pair(live, root);
  }
}
