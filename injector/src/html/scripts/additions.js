// Knows: what stands in the page that its source does not have: texts, values of attributes, drawings.
// Refuses to know: where it stands, and what scripts have done to the source's own elements (effects.js).
import { dom } from "../../dom/dom.js";
import { isData, isElement } from "../source.js";
import { LOOK, differing, isSilent } from "./live-elements.js";

/** Letters and digits with a space between words, in lower case: a slug is the same as its heading. @param {string} text */
const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

export class Additions {
  /** Whether there is a drawing, or a text with a number, that the source does not have. */
  calculates = false;
  /** @type {string[]} values that the source does not have */
  #values = [];
  /** @type {Set<string>} whole texts that it does not have */
  #texts = new Set();

  /** @param {Map<Node, Node>} owners source nodes by live node @param {import("../budget.js").Budget} budget */
  constructor(owners, budget) {
    this.owners = owners;
    this.budget = budget;
    this.#collect(document);
    this.text = ` ${this.#values.map(plain).join(" \n ")} `;
  }

  /** Whether scripts have put a text that the source has somewhere else, too. @param {string} text */
  hasCopied(text) {
    const wanted = plain(text);
    if (!wanted) return false;
    return wanted.length < 4 ? this.#texts.has(wanted) : this.text.includes(` ${wanted} `);
  }

  /** @param {Node} root of the page */
  #collect(root) {
    for (let kid = dom.firstChild(root); kid; kid = dom.nextSibling(kid)) {
      this.budget.spend(LOOK);
      const o = this.owners.get(kid);
      if (isElement(kid)) this.#collectElement(kid, /** @type {Element | undefined} */ (o));
      else if (isData(kid) && dom.nodeType(kid) === Node.TEXT_NODE && kid.data !== /** @type {Text | undefined} */ (o)?.data) this.#text(kid.data);
    }
  }

  /** @param {Element} live @param {Element | undefined} o */
  #collectElement(live, o) {
    if (isSilent(live)) return;
    const names = o ? differing(o, live) : dom.getAttributeNames(live);
    for (const name of names) if (name !== "style") this.#values.push(dom.getAttribute(live, name) ?? "");
    if (live instanceof HTMLCanvasElement) this.calculates = true;
    const root = dom.shadowRoot(live);
    if (root) this.#collect(root);
    this.#collect(live);
  }

  /** @param {string} text */
  #text(text) {
    if (!/\S/.test(text)) return;
    this.#values.push(text);
    this.#texts.add(plain(text));
    this.calculates ||= /\p{N}/u.test(text);
  }
}
