// Knows: what the document was like at one moment, and which live node each part of that picture was.
// Refuses to know: what the picture is for. Nothing in it loads, runs, or is made by the page's scripts: its document
// has no window.

import { dom } from "../dom/dom.js";
import { NeedsReload } from "../updates/needs-reload.js";

/** Elements of which a copy takes a fifth of a second. */
const MOST = 50_000;

/** A copy of the document as it is now, open shadow roots and the contents of templates included. */
export class Snapshot {
  /** @type {WeakMap<Node, WeakRef<Node>>} a copy does not keep what scripts drop */
  #lives = new WeakMap();

  /** @throws {NeedsReload} */
  constructor() {
    if (dom.querySelectorAll(document, "*").length > MOST) throw new NeedsReload("the page is too large");
    const implementation = dom.implementation(document);
    this.document = dom.contentType(document) === "text/html" ? implementation.createHTMLDocument() : implementation.createDocument(null, null);
    dom.replaceChildren(this.document);
    for (const copy of this.#copies(document)) dom.appendChild(this.document, copy); // no fragment takes a doctype
    this.#pair(document, this.document);
  }

  /** The live node of a copy, if there still is one. @param {Node} copy */
  live = (copy) => this.#lives.get(copy)?.deref();

  /** Of its children. @param {Node} parent */
  #copies = (parent) => [...dom.childNodes(parent)].map((node) => dom.importNode(this.document, node, true));

  /** @param {Node} live @param {Node} copy */
  #pair(live, copy) {
    this.#lives.set(copy, new WeakRef(live));
    if (live instanceof HTMLTemplateElement && copy instanceof HTMLTemplateElement) this.#pair(live.content, copy.content);
    const root = live instanceof Element && dom.shadowRoot(live);
    if (root && copy instanceof Element) this.#pairRoots(root, copy);
    let [a, b] = [dom.firstChild(live), dom.firstChild(copy)];
    for (; a && b; a = dom.nextSibling(a), b = dom.nextSibling(b)) this.#pair(a, b);
  }

  /** @param {ShadowRoot} live @param {Element} host has a copy already where the root is marked as clonable */
  #pairRoots(live, host) {
    const root = dom.shadowRoot(host) ?? dom.attachShadow(host, { mode: "open" });
    dom.replaceChildren(root, ...this.#copies(live));
    this.#pair(live, root);
  }
}
