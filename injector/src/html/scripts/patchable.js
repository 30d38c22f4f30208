// Knows: which change of a page's source may be made in place although scripts have read the page, and the reason why
// another one may not: what scripts did to the page (effects.js) and what they mention (references.js) are the evidence.
// Refuses to know: how the change is made. A page without scripts needs none of this.
//
// The rule: a page that is patched is as a fresh load of the new file would be, in the same state. So a change waits for
// a reload where a script may have read what changes, and has made something of it: copied, moved, counted, prepared.
import { changedSelectors } from "../../css/changed-selectors.js";
import { classesOf, marksOf } from "./effects.js";
import { equalEnds } from "../match.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { CODE } from "./references.js";
import { isActive } from "./execution.js";
import { childrenOf, idOf, isData, isElement, isShadow } from "../source.js";
import { isStyled } from "../../css/styled.js";
import { dom } from "../../dom/dom.js";

/** @typedef {import("../write.js").Difference} Difference */
/** @typedef {import("../budget.js").Budget} Budget */
/** @typedef {import("../html.js").Tracker} Tracker */

/** Scripts read these for what they say, once: templates, slides, settings. */
const READ_ONCE = "template,textarea,pre,xmp,noscript,noembed,noframes,plaintext,input[type=hidden i],meta";
/** Nobody but search engines and the browser itself reads these. */
const FOR_OTHERS =
  "meta[charset],meta[http-equiv],meta[property^='og:' i],meta[property^='article:' i],meta[name^='twitter:' i]," +
  "meta:is([name=author i],[name=description i],[name=keywords i],[name=robots i],[name=generator i],[name=viewport i]," +
  "[name=theme-color i],[name=color-scheme i],[name=application-name i]),title,style,link,script[type='application/ld+json' i]";
/** Attributes that the browser itself acts on, whenever they change. */
const NATIVE =
  /^(abbr|accept|accept-charset|accesskey|action|align|allow|allowfullscreen|alt|aria-.*|as|async|autocapitalize|autocomplete|autofocus|autoplay|background|bgcolor|border|cellpadding|cellspacing|checked|cite|clear|cols|colspan|content|contenteditable|controls|coords|crossorigin|datetime|decoding|default|defer|dir|dirname|disabled|download|draggable|enctype|enterkeyhint|fetchpriority|for|form.*|headers|height|hidden|high|href|hreflang|imagesizes|imagesrcset|inert|inputmode|integrity|ismap|itemid|itemprop|itemref|itemscope|itemtype|kind|label|lang|list|loading|loop|low|max|maxlength|media|method|min|minlength|multiple|muted|novalidate|open|optimum|part|pattern|ping|placeholder|playsinline|popover.*|poster|preload|readonly|referrerpolicy|rel|required|reversed|role|rows|rowspan|sandbox|scope|selected|shape|size|sizes|slot|spellcheck|src|srcdoc|srclang|srcset|start|step|style|summary|tabindex|target|title|translate|type|usemap|valign|value|width|wrap|xml:.*|xlink:.*)$/;
/** Handlers of what has happened by then. */
const HAPPENED = /^on(load|error|pageshow|loadstart|loadeddata|loadedmetadata|canplay)/;
const SINGLE = /^(html|head|body)$/;
/** Letters, digits and the marks of ordinary sentences. */
const PROSE = /[\p{L}\p{M}\p{N}\s.,;!?'"()\-–—…’‘‚“”„]/gu;
const NUMBER = /\p{N}+(?:[.,]\p{N}+)*/gu;
/** A longer text may be copied in part: then what changed in it is looked for, too. */
const SENTENCE = 40;

/** One change of the source of a page with scripts. Each method throws NeedsReload where only a reload is certain. */
export class Patchable {
  /** @type {import("./effects.js").Effects | undefined} */
  #effects;
  /** @type {import("./references.js").References | undefined} */
  #references;

  /** @param {Tracker} known @param {Budget} budget */
  constructor(known, budget) {
    this.known = known;
    this.budget = budget;
  }

  get effects() {
    return (this.#effects ??= this.known.evidence.effects(this.budget));
  }

  get references() {
    return (this.#references ??= this.known.evidence.references);
  }

  // ---- texts -------------------------------------------------------------------------------------------

  /**
   * A text changes, comes or goes.
   * @param {Node | null} parent the old source's
   * @param {string} from
   * @param {string} to
   */
  text(parent, from, to) {
    if (!parent || from.trim() === to.trim()) return;
    this.#place(parent);
    if (this.effects.rewritten.has(parent)) refuse(`scripts have rewritten a changed ${nameOf(parent)}`);
    if (isElement(parent)) this.#reading(parent);
    if (copies(from, to).some((part) => this.effects.hasCopied(part))) refuse("scripts have copied the text that changed");
    if (!this.references.mayRead) return;
    if (this.effects.rewritten.size && signs(from) !== signs(to)) refuse("scripts rewrite texts with such signs");
    if (this.effects.calculates && numbers(from) !== numbers(to)) refuse("scripts may have calculated with a number that changed");
  }

  /**
   * Rules of a <style> change. Libraries measure what they have changed.
   * @param {string} from
   * @param {string} to
   */
  rules(from, to) {
    if (!this.references.isOpen) return;
    const selectors = changedSelectors(from, to);
    for (const o of this.effects.changed) {
      const live = this.known.live(o);
      if (!isSingle(o) && live && isElement(live) && selectors.some((each) => selects(each, live))) refuse(`scripts have changed ${nameOf(o)}, and may have measured it`);
    }
  }

  /** Scripts must have left the place of what changes alone. @param {Node} node */
  #place(node) {
    const { changed, moved, emptied, reordered } = this.effects;
    for (const up of upFrom(node)) {
      if (moved.has(up)) refuse(`scripts have moved a changed ${nameOf(up)}`);
      if (changed.has(up) && this.references.isOpen && isElement(up) && dom.localName(up) === "select") refuse(`scripts have changed ${nameOf(up)}, and may have read its options`);
      if (reordered.has(up) || (emptied.has(up) && !isSingle(up))) refuse(`scripts have rearranged a changed ${nameOf(up)}`);
    }
  }

  /** @param {Element} parent */
  #reading(parent) {
    const source = dom.closest(parent, READ_ONCE);
    if (source) this.source(source);
    if (!this.references.reads) return;
    if (this.references.isAnything || this.#isAnyNamed(parent)) refuse(`a script may have read the text of a changed ${nameOf(parent)}`);
  }

  /**
   * What scripts read for what it says changes: a template, a setting.
   * @param {Element} o in the old source
   */
  source(o) {
    const { references, effects } = this;
    if (references.isOpen || this.#isAnyNamed(o) || effects.changed.has(o)) refuse(`a script may have read the changed ${nameOf(o)}`);
  }

  // ---- attributes --------------------------------------------------------------------------------------

  /**
   * An attribute changes, comes or goes.
   * @param {Element} o in the old source
   * @param {Element} n in the new one
   * @param {Difference} difference
   */
  attribute(o, n, difference) {
    const { name, from, to } = difference;
    if (dom.matches(o, FOR_OTHERS) && dom.matches(n, FOR_OTHERS)) return;
    if (isActive(o)) refuse("an attribute of a script that ran changed");
    this.#place(o);
    this.#written(o, difference);
    if (/^(class|style)$/.test(name) && this.references.readsStyles && this.#isAnyNamed(o)) refuse(`a script may have read how ${nameOf(o)} looks`);
    if (name === "style") return this.#style(o);
    if (name === "class") return this.#classes(o, n);
    if (dom.matches(o, READ_ONCE)) this.source(o);
    if (name.startsWith("on")) return this.#handler(o, name, from);
    if (!to && isDefined(o)) refuse(`what <${dom.localName(o)}> is without ${name} is known when it is made`);
    if (name === "id" || name === "name") return this.#identifier(o, [from, to?.value]);
    if (name.startsWith("data-")) return this.#data(o, name);
    if (!NATIVE.test(name) && !isForeign(o)) refuse(`${name} of ${nameOf(o)} changed, and only scripts read it`);
    this.#native(o, n, difference);
  }

  /** What scripts have written is not to be written over. @param {Element} o @param {Difference} difference */
  #written(o, { namespace, name, from, to }) {
    const live = /** @type {Element | undefined} */ (this.known.live(o));
    const current = live && dom.getAttributeNS(live, namespace, name);
    if (!live || current === from || (name === "open" && /^(details|dialog)$/.test(dom.localName(o)))) return;
    const [was, now, is] = [pieces(name, from), pieces(name, to?.value), pieces(name, current)];
    const changed = [...was.filter((each) => !now.includes(each)), ...now.filter((each) => !was.includes(each))];
    const isFree = /^(class|style)$/.test(name) && changed.every((each) => was.includes(each) === is.includes(each));
    if (!isFree) refuse(`scripts have changed ${name} of ${nameOf(o)}, too`);
  }

  /** What it did stays done: a fresh load would have the new one from the beginning. @param {Element} o @param {string} name @param {string | null} from */
  #handler(o, name, from) {
    if (HAPPENED.test(name)) refuse(`${name} of ${nameOf(o)} changed, and it has run`);
    if (from !== null) refuse(`${name} of ${nameOf(o)} changed, and it may have run`);
  }

  /** @param {Element} o @param {Element} n */
  #classes(o, n) {
    const { changed, marks } = this.effects;
    const { isOpen, isComplete, readsClasses } = this.references;
    if (changed.has(o) && isOpen) refuse(`scripts have changed ${nameOf(o)}, and may have read its classes`);
    if (readsClasses && this.#isNamed(o)) refuse(`a script may have read the classes of ${nameOf(o)}`);
    const [from, to] = [classesOf(o), classesOf(n)];
    for (const word of [...from.filter((each) => !to.includes(each)), ...to.filter((each) => !from.includes(each))]) {
      if (marks.has(`.${word}`)) refuse(`scripts have changed elements of the class ${word}`);
      if (this.references.mentions(word)) refuse(`a script mentions the class ${word}`);
      if (!isComplete && !isStyled(`.${word}`)) refuse(`only a script may know the class ${word}`);
    }
  }

  /** Libraries measure what they have changed. @param {Element} o */
  #style(o) {
    if (this.effects.changed.has(o) && this.references.isOpen) refuse(`scripts have changed ${nameOf(o)}, and may have measured it`);
  }

  /** @param {Element} o @param {(string | null | undefined)[]} values */
  #identifier(o, values) {
    const { isComplete } = this.references;
    for (const value of values) if (value && (!isComplete || this.references.mentions(value))) refuse(`a script may know ${nameOf(o)} by its name`);
  }

  /** @param {Element} o @param {string} name */
  #data(o, name) {
    const isKnown = wordsFor(name).some((word) => this.references.mentions(word));
    if (isKnown || !isStyled(`[${name}`)) refuse(`${name} of ${nameOf(o)} changed, and scripts may have read it`);
    this.#alike(o);
  }

  /** @param {Element} o @param {Element} n @param {Difference} difference */
  #native(o, n, { name, from }) {
    if (o instanceof HTMLCanvasElement) refuse("a canvas that scripts have drawn on changed");
    if (!isObserved(o, name)) refuse(`<${dom.localName(o)}> does not look at ${name} again`);
    if (!isSingle(o)) for (const each of [o, n]) this.#alike(each);
    if (this.references.isOpen) for (const up of upFrom(o)) if (!isSingle(up) && this.effects.changed.has(up)) refuse(`scripts have changed ${nameOf(up)}, and may have read ${name} in it`);
    if (this.effects.hasCopied(from ?? "")) refuse(`scripts have copied ${name} of ${nameOf(o)}`);
    const isRead = wordsFor(name).some((word) => this.references.isInOwn(word));
    if (isRead && (this.references.isAnything || this.#isNamed(o) || isSingle(o))) refuse(`a script may have read ${name} of ${nameOf(o)}`);
  }

  /** @param {Element} element */
  #alike(element) {
    if (marksOf(element).some((mark) => this.effects.marks.has(mark))) refuse(`scripts have changed others like ${nameOf(element)}`);
  }

  // ---- elements ----------------------------------------------------------------------------------------

  /**
   * A node comes, goes, moves, or gets another name.
   * @param {Node} node in either source
   * @param {Node | null} parent that it comes into or goes from, in the old source
   */
  structure(node, parent) {
    if (isData(node)) return void (dom.nodeType(node) === Node.TEXT_NODE && this.text(parent, node.data, ""));
    if (isElement(node) && dom.localName(node) === "style") this.rules(dom.textContent(node) ?? "", "");
    if (!isElement(node) || !parent || isShadow(node) || dom.matches(node, FOR_OTHERS) || isActive(node)) return;
    if (this.references.isOpen) refuse(`a script may have prepared a ${nameOf(node)}`);
    this.#place(parent);
    if (this.effects.rewritten.has(parent)) refuse(`scripts have rewritten a changed ${nameOf(parent)}`);
    for (const up of upFrom(parent)) if (!isSingle(up) && this.effects.changed.has(up)) refuse(`scripts have changed ${nameOf(up)}`);
    if (isElement(parent) && this.#isAnyNamed(parent)) refuse(`a script may know what is in ${nameOf(parent)}`);
    if (this.references.walks) for (const beside of neighbours(node)) if (this.#isStart(beside)) refuse(`a script may go from ${nameOf(beside)} to what is beside it`);
    this.#tree(node);
  }

  /** A script comes that has its turn while a page loads, before what others do when it has loaded. */
  script() {
    if (this.references.actsAtLoad) refuse("scripts that wait for the page to load have run before a new one");
  }

  /** A node goes. @param {Node} o in the old source */
  removal(o) {
    this.structure(o, dom.parentNode(o));
    if (!isElement(o)) return;
    for (const each of [o, ...dom.querySelectorAll(o, "*")]) {
      const handler = dom.getAttributeNames(each).find((name) => name.startsWith("on"));
      if (handler) refuse(`${handler} of ${nameOf(each)} goes, and it may have run`);
    }
  }

  /** @param {Element} root */
  #tree(root) {
    for (const each of [root, ...dom.querySelectorAll(root, "*")]) {
      this.budget.spend();
      this.#alike(each);
      if (this.#isNamed(each)) refuse(`a script may know a ${nameOf(each)}`);
      const code = dom.getAttributeNames(each).find((name) => CODE.test(name) && (HAPPENED.test(name) || !name.startsWith("on")));
      if (code) refuse(`${code} of ${nameOf(each)} is for scripts`);
    }
    const texts = dom.textContent(root) ?? "";
    if (copies(texts, "").some((part) => this.effects.hasCopied(part))) refuse("scripts have copied a text that went");
    if (!this.references.mayRead) return;
    if (this.effects.rewritten.size && signs(texts)) refuse("scripts rewrite texts with such signs");
    if (this.effects.calculates && numbers(texts)) refuse("scripts may calculate with a number that came or went");
  }

  // ---- names -------------------------------------------------------------------------------------------

  /** Whether code may begin at the element: it is named, or has the code. @param {Element} element */
  #isStart(element) {
    const hasCode = dom.getAttributeNames(element).some((name) => name.startsWith("on"));
    return hasCode || (isActive(element) && this.references.findsItself) || this.#isNamed(element);
  }

  /** @param {Node} from */
  #isAnyNamed(from) {
    return upFrom(from).some((up) => isElement(up) && !isSingle(up) && this.#isNamed(up));
  }

  /** Whether a script that was written for the page mentions it by its id, a class, an attribute, or as a kind. @param {Element} element */
  #isNamed(element) {
    const { references } = this;
    const name = dom.localName(element);
    const isDefined = name.includes("-") && customElements.get(name);
    if (!isDefined && references.mentionsTag(name)) return true;
    const words = [idOf(element), dom.getAttribute(element, "name") ?? "", ...classesOf(element)];
    if (words.some((word) => word && references.isInOwn(word))) return true;
    return dom.getAttributeNames(element).some((each) => /-|^role$/.test(each) && wordsFor(each).some((word) => references.isInOwn(word)));
  }
}

/** @param {string} reason @returns {never} */
function refuse(reason) {
  throw new NeedsReload(reason);
}

/** @param {Node} node */
export const nameOf = (node) => (isElement(node) ? `${dom.localName(node)}${idOf(node) && `#${idOf(node)}`}` : dom.nodeName(node));

/** @param {Node} node */
const isSingle = (node) => isElement(node) && SINGLE.test(dom.localName(node));

/** SVG and MathML: their attributes are the browser's. @param {Element} element */
const isForeign = (element) => dom.namespaceURI(element) !== "http://www.w3.org/1999/xhtml";

/** @param {string} selector @param {Element} element */
function selects(selector, element) {
  try {
    return dom.matches(element, selector.replace(/::?(before|after|first-line|first-letter|placeholder|marker)\b/g, ""));
  } catch {
    return false; // the browser takes none of the rule
  }
}

/** A node and all above it. @param {Node | null} node @returns {Node[]} */
function upFrom(node) {
  const all = [];
  for (let up = node; up; up = dom.parentNode(up)) all.push(up);
  return all;
}

/** The elements before and behind. @param {Element} element @returns {Element[]} */
function neighbours(element) {
  const parent = dom.parentNode(element);
  const all = parent ? childrenOf(parent) : [];
  const at = all.indexOf(element);
  return [all[at - 1], all[at + 1]].filter((each) => each !== undefined);
}

/** The class of a custom element. @param {Element} element */
const isDefined = (element) => customElements.get(dom.getAttribute(element, "is") ?? dom.localName(element)) !== undefined;

/** Whether a custom element is told of a change; all others are the browser's. @param {Element} element @param {string} name */
function isObserved(element, name) {
  const type = /** @type {{ observedAttributes?: string[] } | undefined} */ (
    customElements.get(dom.getAttribute(element, "is") ?? dom.localName(element))
  );
  return !type || /^(hidden|lang|dir|slot|tabindex|title|part|aria-.*|role)$/.test(name) || Boolean(type.observedAttributes?.includes(name));
}

/** An attribute as scripts write it. @param {string} name */
function wordsFor(name) {
  const bare = name.replace(/^data-/, "");
  const camel = bare.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return [...new Set([name, camel, ...(name.startsWith("data-") ? [bare] : [])])];
}

/** Classes, or declarations. @param {string} name @param {string | null | undefined} value */
const pieces = (name, value) => (value ?? "").split(name === "class" ? /\s+/ : /\s*;\s*/).map((each) => each.replace(/\s+/g, " ").trim()).filter(Boolean);

/** What scripts may have copied of a text: all of it, its beginning, the words that change. @param {string} from @param {string} to */
function copies(from, to) {
  if (from.trim().length <= SENTENCE) return [from];
  const [start, end] = differing(from, to);
  return [from, from.trim().slice(0, SENTENCE / 2), ...(to ? [from.slice(start, end)] : [])];
}

/** The words of a text that another one does not have. @param {string} from @param {string} to @returns {[number, number]} */
function differing(from, to) {
  const [start, end] = equalEnds(from, to);
  const first = from.lastIndexOf(" ", Math.max(0, start - 1)) + 1;
  const last = from.indexOf(" ", from.length - end);
  return [first, last < 0 ? from.length : last];
}

/** @param {string} text */
const signs = (text) => text.replace(PROSE, "");

/** @param {string} text */
const numbers = (text) => (text.match(NUMBER) ?? []).join(" ");
