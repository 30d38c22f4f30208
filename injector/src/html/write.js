// Knows: how one thing is written to the live document so that what scripts and readers made of it stays.
// Refuses to know: what is to be written, and why.
import { dom } from "../dom/dom.js";
import { restart } from "../frames/frames.js";
import { equalEnds } from "./match.js";
import { isElement, ownCopy } from "./source.js";

/** @typedef {{ namespace: string | null, name: string, from: string | null, to: Attr | undefined }} Difference */

/**
 * Inserts or moves; a moved node keeps its state where the browser can do that.
 * @param {Node} parent
 * @param {Node} node
 * @param {Node | null} before
 */
export function place(parent, node, before) {
  const canMove = "moveBefore" in dom && dom.isConnected(node) && dom.isConnected(parent);
  if (canMove) dom.moveBefore(/** @type {Element} */ (parent), node, before);
  else dom.insertBefore(parent, node, before);
}

/** Elements that are new get the nonce that this page was loaded with. @param {HTMLElement} element */
export function setNonce(element) {
  const known = /** @type {HTMLElement | null} */ (dom.querySelector(document, "script[nonce],style[nonce]"));
  dom.setAttribute(element, "nonce", known?.nonce ?? "");
}

/** Gives a new element its style: what moves into one without would lose its transitions. @param {Node} live */
export const dress = (live) => void (isElement(live) && getComputedStyle(live).opacity);

/**
 * The live nodes of a source text: one, or several that scripts made of it.
 * @param {Node} live
 * @param {string | null} data
 */
export function pieces(live, data) {
  const found = [live];
  let text = dom.nodeValue(live) ?? "";
  for (let next = dom.nextSibling(live); text !== data && next && dom.nodeName(next) === dom.nodeName(live); next = dom.nextSibling(next)) {
    found.push(next);
    text += dom.nodeValue(next);
  }
  return text === data ? found : [live];
}

/**
 * Changes only the characters that differ: a selection elsewhere in the text stays.
 * @param {Node} live
 * @param {string} from what the source said
 * @param {string} to what it says now
 */
export function setText(live, from, to) {
  const text = /** @type {CharacterData} */ (live);
  for (const piece of pieces(live, from).slice(1)) {
    text.appendData(dom.nodeValue(piece) ?? "");
    /** @type {CharacterData} */ (piece).remove();
  }
  const [start, end] = equalEnds(text.data, to);
  text.replaceData(start, text.length - start - end, to.slice(start, to.length - end));
}

/** @param {Element} before @param {Element} after @returns {Difference[]} */
export function differences(before, after) {
  const all = [...[...dom.attributes(before)].filter((attribute) => !twin(after, attribute)), ...dom.attributes(after)];
  return all.flatMap((attribute) => {
    const [from, to] = [twin(before, attribute)?.value ?? null, twin(after, attribute) ?? undefined];
    return from === to?.value ? [] : { namespace: attribute.namespaceURI, name: attribute.localName, from, to };
  });
}

/** @param {Element} element @param {Attr} attribute */
const twin = (element, { namespaceURI, localName }) => dom.getAttributeNodeNS(element, namespaceURI, localName);

/** @param {Element} live @param {Difference} difference */
export const isDone = (live, { namespace, name, to }) => dom.getAttributeNS(live, namespace, name) === (to?.value ?? null);

/**
 * Writes an attribute's new value; of a class list or a style that scripts have changed only what the source changed.
 * @param {Element} live
 * @param {Difference} difference
 */
export function setAttribute(live, difference) {
  const { namespace, name, from, to } = difference;
  const current = dom.getAttributeNS(live, namespace, name);
  if (current !== from && !namespace && name === "class") setClasses(live, words(from), words(to?.value));
  else if (current !== from && !namespace && name === "style") setStyle(live, from ?? "", to?.value ?? "");
  else if (to) dom.setAttributeNode(live, ownCopy(live, to));
  else dom.removeAttributeNS(live, namespace, name);
}

/** @param {string | null | undefined} text */
const words = (text) => (text ?? "").split(/\s+/).filter(Boolean);

/** @param {Element} live @param {string[]} from @param {string[]} to */
function setClasses(live, from, to) {
  const classList = dom.classList(live);
  classList.remove(...from.filter((word) => !to.includes(word)));
  classList.add(...to.filter((word) => !from.includes(word)));
}

/** @param {Element} live @param {string} from @param {string} to */
function setStyle(live, from, to) {
  const style = dom.style(/** @type {HTMLElement} */ (live));
  const [before, after] = [declared(from), declared(to)];
  for (const name of before) if (!after.getPropertyValue(name)) style.removeProperty(name);
  for (const name of after) {
    const [was, is] = [before, after].map((all) => [all.getPropertyValue(name), all.getPropertyPriority(name)]);
    if (was?.join() !== is?.join()) style.setProperty(name, is?.[0] ?? "", is?.[1]);
  }
}

/** @param {string} text */
function declared(text) {
  const { style } = dom.createElement(document, "i");
  style.cssText = text;
  return style;
}

/**
 * Remembers what the reader chose in selects and radio groups: other than typed text it goes when options come and go.
 * @returns {() => void} puts it back
 */
export function keepChoices() {
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (dom.querySelectorAll(document, "input"));
  const radios = [...inputs].filter((input) => input.type === "radio" && isTicked(input));
  const selects = [.../** @type {NodeListOf<HTMLSelectElement>} */ (dom.querySelectorAll(document, "select"))].filter(isChosen);
  const choices = selects.map(({ selectedOptions }) => [...selectedOptions]);
  return () => {
    for (const radio of radios) if (radio.isConnected) radio.checked = true;
    selects.forEach((select, index) => choose(select, choices[index] ?? []));
  };
}

/** @param {HTMLInputElement} input */
const isTicked = ({ checked, defaultChecked }) => checked && !defaultChecked;

/** @param {HTMLSelectElement} select @param {HTMLOptionElement[]} chosen */
function choose(select, chosen) {
  if (chosen.length && !chosen.some((option) => select.contains(option))) return;
  for (const option of select.options) option.selected = chosen.includes(option);
}

/** Whether the reader or a script has chosen something else than the source. @param {HTMLSelectElement} select */
function isChosen({ options, selectedOptions, multiple }) {
  const all = [...options];
  const initial = all.filter((option) => option.defaultSelected);
  const shown = multiple ? initial : [initial.at(-1) ?? all.find((option) => !option.disabled)].filter(Boolean);
  return shown.length !== selectedOptions.length || shown.some((option, index) => option !== selectedOptions[index]);
}

/**
 * Has a film choose among its sources again, and a frame load what it shows: neither looks again by itself.
 * @param {Node | undefined} live
 */
export function renew(live) {
  if (live instanceof HTMLIFrameElement) restart(live);
  if (!(live instanceof HTMLMediaElement) || live.hasAttribute("src")) return;
  const sources = [...live.querySelectorAll("source")];
  const first = sources.find(({ type }) => !type || live.canPlayType(type));
  if (first?.src !== live.currentSrc) live.load();
}

/**
 * Remembers how far the elements in some nodes are scrolled: Firefox's moveBefore forgets it, and insertBefore does.
 * @param {Node[]} nodes that will be moved
 * @returns {() => void} puts it back
 */
export function keepScroll(nodes) {
  const all = nodes.flatMap((node) => (isElement(node) ? [node, ...dom.querySelectorAll(node, "*")] : []));
  const places = all.map((element) => ({ element, left: dom.scrollLeft(element), top: dom.scrollTop(element) }));
  const scrolled = places.filter(({ left, top }) => left || top);
  return () => {
    for (const { element, left, top } of scrolled) dom.scrollTo(element, { left, top, behavior: "instant" });
  };
}

/** @returns {() => void} focuses again what lost the focus by being moved (a browser without moveBefore) */
export function keepFocus() {
  const focused = /** @type {HTMLElement | null} */ (dom.activeElement(document));
  return () => {
    if (focused && focused !== dom.activeElement(document) && dom.isConnected(focused)) dom.focus(focused, { preventScroll: true });
  };
}
