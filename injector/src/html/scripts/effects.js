// Knows: what scripts have done to a page, as far as it can be seen: where the live document differs from the source
// that it was made from. Refuses to know: which script it was, which texts scripts have added (additions.js), and what
// follows for an update (patchable.js). What the reader does (typing, opening) counts as nothing.
import { dom } from "../../dom/dom.js";
import { isBlank, isElement, isShadow, kidsOf } from "../source.js";
import { Additions } from "./additions.js";
import { LOOK, differing, isSilent } from "./live-elements.js";

/**
 * @typedef {object} Known where the source's nodes are in the page
 * @property {Document} source
 * @property {(node: Node) => Node | undefined} live
 */
/** @typedef {import("../budget.js").Budget} Budget */

/** What people write in. */
const EDITED = "[contenteditable]:not([contenteditable=false i])";
/** Names of attributes that most elements of a kind have in common. */
const COMMON = /^(id|class|style|href|src|alt|name|type|value|lang|dir|for|rel|width|height|action|method|content|charset|placeholder)$/;
/** Elements that the whole page has once. */
const SINGLE = /^(html|head|body|title)$/;

/**
 * What elements of a kind have in common: classes, rare attributes, else the name.
 * @param {Element} element
 * @returns {string[]}
 */
export function marksOf(element) {
  const name = dom.localName(element);
  if (SINGLE.test(name)) return [];
  const classes = classesOf(element);
  const rare = dom.getAttributeNames(element).filter((each) => !COMMON.test(each));
  return [...(classes.length ? [] : [name]), ...classes.map((each) => `.${each}`), ...rare.map((each) => `[${each}]`)];
}

/** @param {Element} element @returns {string[]} */
export const classesOf = (element) => (dom.getAttribute(element, "class") ?? "").split(/\s+/).filter(Boolean);

export class Effects {
  /** @type {Set<Node>} source elements that differ in the page in any way */
  changed = new Set();
  /** @type {Set<Node>} source elements that are gone or stand in another parent */
  moved = new Set();
  /** @type {Set<Node>} source elements whose own text is another one */
  rewritten = new Set();
  /** @type {Set<Node>} source elements that lack some of their children */
  emptied = new Set();
  /** @type {Set<Node>} source elements whose children stand in another order */
  reordered = new Set();
  /** @type {Set<string>} what the changed elements have in common with others */
  marks = new Set();
  /** @type {Map<Node, Node>} source nodes by live node */
  #owners = new Map();

  /** @param {Known} known @param {Budget} budget */
  constructor(known, budget) {
    this.known = known;
    this.budget = budget;
    this.#own(known.source);
    this.#compare(known.source);
    this.additions = new Additions(this.#owners, budget);
  }

  /** @param {Node} root of the source; templates' contents are nothing that is shown, but shadow roots are */
  #own(root) {
    this.budget.spend(LOOK);
    const live = this.known.live(root);
    if (live) this.#owners.set(live, root);
    for (let kid = dom.firstChild(root); kid; kid = dom.nextSibling(kid)) this.#own(kid);
    if (isShadow(root)) this.#own(/** @type {HTMLTemplateElement} */ (root).content);
  }

  /** @param {Node} o a node of the source */
  #compare(o) {
    this.budget.spend(LOOK);
    const live = this.known.live(o);
    if (isElement(o)) this.#element(o, /** @type {Element | undefined} */ (live));
    if (live && !(isElement(live) && isSilent(live))) this.#children(o, live);
    for (let kid = dom.firstChild(o); kid; kid = dom.nextSibling(kid)) if (isElement(kid)) this.#compare(kid);
    if (isShadow(o)) this.#compare(/** @type {HTMLTemplateElement} */ (o).content);
  }

  /** @param {Element} o @param {Element | undefined} live */
  #element(o, live) {
    const names = live ? differing(o, live) : [];
    const above = dom.parentNode(o);
    const parent = above && this.known.live(above);
    const isMoved = live ? parent && dom.parentNode(live) !== parent : !isSilent(o);
    if (isMoved) this.moved.add(o);
    if (names.length || isMoved) this.#note(o);
  }

  /** @param {Node} o @param {Node} live */
  #children(o, live) {
    if (isElement(live) && dom.closest(live, EDITED)) return;
    const kids = kidsOf(o).filter(isVisible);
    const places = new Map(kids.map((kid, index) => [/** @type {Node} */ (kid), index]));
    let text = "";
    let last = -1;
    for (let kid = dom.firstChild(live); kid; kid = dom.nextSibling(kid)) {
      const place = places.get(/** @type {Node} */ (this.#owners.get(kid))) ?? last;
      if (place < last) this.reordered.add(o);
      last = place;
      if (dom.nodeType(kid) === Node.TEXT_NODE) text += dom.nodeValue(kid);
    }
    if (kids.some((kid) => isElement(kid) && !isAt(this.known.live(kid), live))) this.emptied.add(o);
    if (!isElement(o)) return;
    if (squeezed(text) !== squeezed(ownText(o))) this.rewritten.add(o);
    if (this.rewritten.has(o) || this.emptied.has(o) || this.reordered.has(o)) this.#note(o);
  }

  /** @param {Element} o */
  #note(o) {
    this.changed.add(o);
    for (const mark of marksOf(o)) this.marks.add(mark);
  }
}

/** What is shown in its place: no script, and no shadow root. @param {Node} node */
const isVisible = (node) => (isElement(node) ? !isSilent(node) && !isShadow(node) : dom.nodeType(node) === Node.TEXT_NODE && !isBlank(node));

/** @param {Node | undefined} live @param {Node} parent */
const isAt = (live, parent) => live !== undefined && dom.parentNode(live) === parent;

/** @param {Element} o */
const ownText = (o) => kidsOf(o).map((kid) => (dom.nodeType(kid) === Node.TEXT_NODE ? dom.nodeValue(kid) : "")).join("");

/** @param {string} text */
const squeezed = (text) => text.replace(/\s+/g, "");
