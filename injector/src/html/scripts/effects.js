// Knows: what scripts have done to a page, as far as it can be seen: where the live document differs from the source
// that it was made from, and what stands in it that the source does not have. Refuses to know: which script it was, and
// what follows for an update (patchable.js). What the reader does (typing, opening) counts as nothing.
import { dom } from "../../dom/dom.js";
import { isBlank, isData, isElement, isShadow, kidsOf } from "../source.js";
import { stale } from "../../dom/urls.js";

/**
 * @typedef {object} Known where the source's nodes are in the page
 * @property {Document} source
 * @property {(node: Node) => Node | undefined} live
 */
/** @typedef {import("../budget.js").Budget} Budget */

/** What a look at a node costs, in steps. */
const LOOK = 0.25;
/** Text that nobody sees, and what is ours. */
const SILENT = "style,script,hotreload-status";
/** What people write in. */
const EDITED = "[contenteditable]:not([contenteditable=false i])";
/** What people open and close. */
const OPENED = "details,dialog";
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

/** Letters and digits with a space between words, in lower case: a slug is the same as its heading. @param {string} text */
export const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

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
  /** Whether there is a drawing, or a text with a number, that the source does not have. */
  calculates = false;
  /** @type {string[]} values that the source does not have */
  #made = [];
  /** @type {Set<string>} whole texts that it does not have */
  #texts = new Set();
  /** @type {Map<Node, Node>} source nodes by live node */
  #owners = new Map();

  /** @param {Known} known @param {Budget} budget */
  constructor(known, budget) {
    this.known = known;
    this.budget = budget;
    this.#own(known.source);
    this.#compare(known.source);
    this.#collect(document);
    this.made = ` ${this.#made.map(plain).join(" \n ")} `;
  }

  /** Whether scripts have put a text that the source has somewhere else, too. @param {string} text */
  hasCopied(text) {
    const wanted = plain(text);
    if (!wanted) return false;
    return wanted.length < 4 ? this.#texts.has(wanted) : this.made.includes(` ${wanted} `);
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

  /** @param {Node} root of the page */
  #collect(root) {
    for (let kid = dom.firstChild(root); kid; kid = dom.nextSibling(kid)) {
      this.budget.spend(LOOK);
      const o = this.#owners.get(kid);
      if (isElement(kid)) this.#collectElement(kid, /** @type {Element | undefined} */ (o));
      else if (isData(kid) && dom.nodeType(kid) === Node.TEXT_NODE && kid.data !== /** @type {Text | undefined} */ (o)?.data) this.#text(kid.data);
    }
  }

  /** @param {Element} live @param {Element | undefined} o */
  #collectElement(live, o) {
    if (isSilent(live)) return;
    const names = o ? differing(o, live) : dom.getAttributeNames(live);
    for (const name of names) if (name !== "style") this.#made.push(dom.getAttribute(live, name) ?? "");
    if (live instanceof HTMLCanvasElement) this.calculates = true;
    const root = dom.shadowRoot(live);
    if (root) this.#collect(root);
    this.#collect(live);
  }

  /** @param {string} text */
  #text(text) {
    if (!/\S/.test(text)) return;
    this.#made.push(text);
    this.#texts.add(plain(text));
    this.calculates ||= /\p{N}/u.test(text);
  }
}

/** @param {Element} element */
const isSilent = (element) => dom.matches(element, SILENT);

/** What is shown in its place: no script, and no shadow root. @param {Node} node */
const isVisible = (node) => (isElement(node) ? !isSilent(node) && !isShadow(node) : dom.nodeType(node) === Node.TEXT_NODE && !isBlank(node));

/** @param {Node | undefined} live @param {Node} parent */
const isAt = (live, parent) => live !== undefined && dom.parentNode(live) === parent;

/** @param {Element} o */
const ownText = (o) => kidsOf(o).map((kid) => (dom.nodeType(kid) === Node.TEXT_NODE ? dom.nodeValue(kid) : "")).join("");

/** @param {string} text */
const squeezed = (text) => text.replace(/\s+/g, "");

/** Where a browser has to be given another address in order to load a file again, that is no script's work. @param {string | null} live @param {string} value */
const isSame = (live, value) => live === value || (live !== null && live.includes("hotreload=") && stale(live) === value);

/** The names of the attributes in which two elements differ. @param {Element} o @param {Element} live @returns {string[]} */
function differing(o, live) {
  const [from, to] = [dom.attributes(o), dom.attributes(live)];
  const isOpening = dom.matches(live, OPENED);
  const found = [];
  for (const { name, value } of from) {
    if (name !== "nonce" && !isSame(dom.getAttribute(live, name), value) && !(isOpening && name === "open")) found.push(name);
  }
  for (const { name } of to) if (!dom.hasAttribute(o, name) && name !== "nonce" && !(isOpening && name === "open")) found.push(name);
  return found;
}
