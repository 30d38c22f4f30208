// Knows: what a page's source text means: an inert tree like the one that the page's own parser made of it.
// Refuses to know: the live page.
import { dom } from "../dom/dom.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { trustedHTML } from "../dom/trusted.js";

/** Elements whose text is all they hold: it is one value. */
export const TEXT_ONLY = "style,title,textarea,script,iframe,xmp,noembed,noframes";
/** A style sheet in a file of its own. */
export const SHEET = "link[rel~=stylesheet i][href]:not([disabled])";
/** What is below is the author's own business. */
export const OFF = "[data-hotreload=off]";
/** What is below changes only with the whole page. */
export const RELOAD = "[data-hotreload=reload]";
/** Browsers compare the attributes of two elements each with each: of more, that takes longer than a reload. */
const ATTRIBUTES = 1_000;
const SHADOW = "template[shadowrootmode]";
// A DOMParser parses as if scripting were off; then the content of <noscript> is elements, and in the head most of
// them end the head. <noframes> is read in the same places as text, which is what a page with scripting has.
const MARK = "hotreload-was-";
const HIDDEN = new RegExp(`<(/?)noframes ${MARK}(noscript)`, "gi");

/**
 * The inert document of a source text, with <noscript> as text and with the values of nonces left out.
 * @param {string} text
 * @param {string} type the content type of the page
 */
export function parse(text, type) {
  const marked = text.replace(/^\ufeff/, "");
  // In XML what stands in <noscript> is elements, for everybody.
  const hidden = type === "text/html" ? marked.replace(/<(\/?)(noscript)(?=[\s/>])/gi, `<$1noframes ${MARK}$2`) : marked;
  const root = new DOMParser().parseFromString(trustedHTML(hidden), /** @type {DOMParserSupportedType} */ (type));
  if (type !== "text/html" && dom.querySelector(root, "parsererror")) throw new NeedsReload("the page is not well-formed XML");
  const parts = type !== "text/html" || /<template/i.test(hidden) ? [root, ...contents(root)] : [root];
  if (hidden !== text) parts.forEach(reveal);
  // A page hides its nonces from scripts, and a new response may have new ones: they never count as a difference.
  if (/nonce/i.test(hidden)) for (const element of parts.flatMap((part) => within(part, "[nonce]"))) dom.setAttribute(element, "nonce", "");
  const elements = parts.flatMap((part) => within(part, "*"));
  if (elements.some((element) => dom.attributes(element).length > ATTRIBUTES))
    throw new NeedsReload(`an element has more than ${ATTRIBUTES} attributes`);
  return root;
}

/** @param {Node} root */
function reveal(root) {
  for (const node of walk(root)) {
    if (node instanceof CharacterData) node.data = shown(node.data);
    else if (node instanceof Element) revealElement(node);
  }
}

/** @param {Element} element */
function revealElement(element) {
  for (const attribute of dom.attributes(element)) attribute.value = shown(attribute.value);
  const mark = dom.localName(element) === "noframes" && dom.getAttributeNames(element).find((name) => name.startsWith(MARK));
  if (!mark) return;
  dom.removeAttribute(element, mark);
  const noscript = dom.createElement(/** @type {Document} */ (dom.ownerDocument(element)), "noscript");
  copyAttributes(element, noscript);
  setTextContent(noscript, shown(dom.textContent(element) ?? ""));
  dom.replaceWith(element, noscript);
}

/** @param {string} text */
const shown = (text) => text.replace(HIDDEN, "<$1$2");

/** The children as a list that stays; three times as fast as to spread them. @param {Node} node */
export function kidsOf(node) {
  const kids = [];
  for (let kid = dom.firstChild(node); kid; kid = dom.nextSibling(kid)) kids.push(kid);
  return kids;
}

/**
 * Every node below a root, as a list: it may be changed on the way.
 * @param {Node} root
 */
export function walk(root) {
  const nodes = [];
  const walker = dom.createTreeWalker(document, root);
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/**
 * The templates' contents in a tree, at any depth.
 * @param {Node} root
 * @param {string} which
 * @returns {DocumentFragment[]}
 */
function contents(root, which = "template") {
  return within(root, which).flatMap((template) => {
    const { content } = /** @type {HTMLTemplateElement} */ (template);
    return content ? [content, ...contents(content, which)] : [];
  });
}

/**
 * The elements that match and are part of the page: in declarative shadow roots, not in other templates.
 * @param {Node} root
 * @param {string} selector
 */
export const rendered = (root, selector) => [root, ...contents(root, SHADOW)].flatMap((part) => within(part, selector));

/**
 * The node itself and what is below it, as far as they match.
 * @param {Node} root
 * @param {string} selector
 * @returns {Element[]}
 */
function within(root, selector) {
  const below = "querySelectorAll" in root ? dom.querySelectorAll(/** @type {Element} */ (root), selector) : [];
  return root instanceof Element && dom.matches(root, selector) ? [root, ...below] : [...below];
}

/**
 * Whether two trees are equal, templates' contents included (isEqualNode does not look into them).
 * @param {Node} one
 * @param {Node} other
 */
export function equal(one, other) {
  if (!dom.isEqualNode(one, other)) return false;
  const [mine, theirs] = [contents(one), contents(other)];
  return mine.length === theirs.length && mine.every((part, index) => dom.isEqualNode(part, theirs[index] ?? null));
}

/**
 * @param {Element} from
 * @param {Element} to
 */
export function copyAttributes(from, to) {
  for (const attribute of [...dom.attributes(to)]) dom.removeAttributeNode(to, attribute);
  // A parser accepts more names (@click, [value]) than setAttribute does.
  for (const attribute of dom.attributes(from)) dom.setAttributeNode(to, ownCopy(to, attribute));
}

/** An attribute as the document of an element can have it. @param {Element} element @param {Attr} attribute */
export const ownCopy = (element, attribute) => /** @type {Attr} */ (dom.importNode(/** @type {Document} */ (dom.ownerDocument(element)), attribute));

/** @param {Node} node @returns {node is HTMLTemplateElement} */
export const isTemplate = (node) => node instanceof HTMLTemplateElement;

/** @param {Node} node */
export const isShadow = (node) => node instanceof Element && dom.matches(node, SHADOW);

/** Text and comments. @param {Node} node @returns {node is CharacterData} */
export const isData = (node) => node instanceof CharacterData;

/** @param {Node} node @returns {node is Element} */
export const isElement = (node) => dom.nodeType(node) === Node.ELEMENT_NODE;

/** Its id; none is empty. @param {Node} node */
export const idOf = (node) => (isElement(node) ? (dom.getAttribute(node, "id") ?? "") : "");

/** How a reason names it. @param {Node} node */
export const nameOf = (node) => (isElement(node) ? `${dom.localName(node)}${idOf(node) && `#${idOf(node)}`}` : dom.nodeName(node));

/** @param {Node} node @returns {Element[]} */
export const childrenOf = (node) => kidsOf(node).filter(isElement);

/** White space between elements: no reader sees it come or go. @param {Node} node */
export const isBlank = (node) => dom.nodeType(node) === Node.TEXT_NODE && !/\S/.test(/** @type {Text} */ (node).data);

const { set } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Node.prototype, "textContent"));

/** @param {Node} node @param {string} text */
export const setTextContent = (node, text) => void set?.call(node, text);

/** Takes a node of any kind out of where it is, if it is anywhere. @param {Node} node */
export function detach(node) {
  const parent = dom.parentNode(node);
  if (parent) dom.removeChild(parent, node);
}
