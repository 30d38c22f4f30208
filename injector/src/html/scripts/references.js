// Knows: which names of elements the scripts of a page mention, as far as their text tells. It is not a parser: what
// looks like a mention counts as one, and of a library, or of a script that cannot be read, everything is possible.
// Refuses to know: what scripts did to the page (effects.js), and what follows for an update (patchable.js).
import { dom } from "../../dom/dom.js";
import { AT_LOAD, active } from "./execution.js";
import { walk } from "../source.js";

/**
 * @typedef {object} Loaded the scripts that a page has loaded
 * @property {string[]} texts of those that can be read
 * @property {boolean} isComplete whether these are all
 */

/** A script that is longer, or has a line that is, was not written for this page alone. */
const [LONG, LONG_LINE] = [60_000, 1_500];
/** Attributes that libraries take for code: Alpine, Vue, htmx, Stimulus, handlers of events. */
export const CODE = /^(on|x-|v-|hx-|ng-|data-|[@:#(*[])/;
/** It says of itself that it is for any page. */
const LIBRARY = /^\s*\/\*!|@license\b|@preserve\b|\bdefine\.amd\b|\bmodule\.exports\b/;
/** Walks that reach elements which they do not name. */
const ANYTHING =
  /\b(?:createTreeWalker|createNodeIterator|elementFromPoint|elementsFromPoint|XPath\w*|MutationObserver)\b|\bdocument\s*\.\s*(?:all|links|images|forms|anchors|childNodes|children)\b|\bdocumentElement\b(?!\s*\.\s*(?:classList|style|dataset|lang|dir|(?:set|get|has|remove|toggle)Attribute|scroll\w*|client\w*)\b)|\bbody\s*(?:[,)\]]|\.\s*(?:children|childNodes|first\w*|last\w*|inner\w*|outer\w*|textContent|cloneNode|query\w*|getElements\w*))/;
/** Selectors that do. */
const ANY = /(?:^|[\s>+~,(])\*(?![\w/])|:(?:not|is|where|has|nth|first|last|only|empty|root|scope)\b/;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`/g;
const COMMENT = /\/\*[^]*?\*\/|(^|[^:"'`\\])\/\/.*$/gm;
/** A text is read, not written. */
const READS =
  /\b(?:textContent|innerText|outerText|innerHTML|outerHTML|nodeValue|wholeText)\b(?!\s*=[^=])|\.(?:text|label|data|caption)\b(?!\s*(?:=[^=]|\())|\.(?:text|html)\(\s*\)|\b(?:cloneNode|getHTML|importNode)\b/;
/** The classes of an element are read as a whole. */
const READS_CLASSES = /\bclassName\b(?!\s*=[^=])|\bcloneNode\b|getAttribute\(\s*["'`]class\b|\.attr\(\s*["'`]class["'`]\s*\)/;
/** How an element looks is read. */
const READS_STYLES = /\bgetComputedStyle\b|\bcomputedStyleMap\b/;
/** From one element to its neighbours. */
const WALKS = /\b(?:(?:next|previous)(?:Element)?Sibling|(?:first|last)(?:Element)?Child|children|childNodes|parent(?:Node|Element)|closest|insertAdjacent\w*|siblings|index)\b/;

/** What the scripts of one page mention. */
export class References {
  /** What was asked before, by question: one page asks for the same words after each edit. @type {Map<string, boolean>} */
  #answers = new Map();

  /** @param {Document} source what the page was made from @param {Loaded} loaded */
  constructor(source, { texts, isComplete }) {
    const all = [...texts, ...inline(source)];
    /** Written for this page. */
    this.own = all.filter((text) => !isLibrary(text)).map((text) => text.replace(COMMENT, "$1")).join("\n");
    this.libraries = all.filter(isLibrary);
    this.isComplete = isComplete;
    /** Whether a script that was written for the page may reach any element. */
    this.isAnything = ANYTHING.test(this.own) || (this.own.match(STRING) ?? []).some((text) => ANY.test(text.slice(1, -1)));
    /** Whether any script may. */
    this.isOpen = !isComplete || this.libraries.length > 0 || this.isAnything;
    /** Whether a script that was written for the page reads texts. */
    this.reads = READS.test(this.own);
    /** Whether one knows its own element. */
    this.findsItself = /\bcurrentScript\b/.test(this.own);
    this.readsStyles = READS_STYLES.test(this.own);
    this.readsClasses = READS_CLASSES.test(this.own);
    /** Whether any script may read a text of the page. */
    this.mayRead = this.reads || !isComplete || this.libraries.length > 0;
    this.walks = WALKS.test(this.own);
  }

  /** Whether a script may have waited for the page to load. */
  get actsAtLoad() {
    return this.#once("acts at load", () => !this.isComplete || [this.own, ...this.libraries].some((text) => AT_LOAD.test(text)));
  }

  /**
   * Whether a script mentions an id, a class, or the name of an attribute, also as the part before a hyphen that it puts
   * something to.
   * @param {string} word
   */
  mentions(word) {
    return this.#once(`any ${word}`, () => this.isInOwn(word) || this.libraries.some((text) => stands(text, word)));
  }

  /** The same in scripts that were written for this page. @param {string} word */
  isInOwn(word) {
    const isBegun = () => beginnings(word).some((start) => ['"', "'", "`", "${"].some((end) => this.own.includes(start + end)));
    return this.#once(`own ${word}`, () => stands(this.own, word) || isBegun());
  }

  /** Whether a script that was written for this page has the name of an element in a selector. @param {string} name */
  mentionsTag(name) {
    const word = new RegExp(`(?<![\\w$-])${escape(name)}(?![\\w$-])`, "i");
    const isInQuotes = () => this.own.split("\n").some((line) => /["']/.test(line) && word.test(line));
    return this.#once(`tag ${name}`, () => (this.own.includes("`") ? word.test(this.own) : isInQuotes()));
  }

  /** @param {string} question @param {() => boolean} find */
  #once(question, find) {
    const answer = this.#answers.get(question) ?? find();
    this.#answers.set(question, answer);
    return answer;
  }
}

/** @param {string} text */
const isLibrary = (text) => text.length > LONG || LIBRARY.test(text) || text.split("\n").some((line) => line.length > LONG_LINE);

/** @param {Document} source @returns {string[]} the texts in the page itself that run */
function inline(source) {
  const scripts = active(source).filter((script) => !dom.hasAttribute(script, "src"));
  return [...scripts.map((script) => dom.textContent(script) ?? ""), ...walk(source).flatMap(codeIn)];
}

/** @param {Node} node @returns {string[]} */
function codeIn(node) {
  if (!(node instanceof Element)) return [];
  return [...dom.attributes(node)].filter(({ name }) => CODE.test(name)).map(({ value }) => value);
}

/** Whether a word stands in a text as a whole. @param {string} text @param {string} word */
function stands(text, word) {
  const isPart = (/** @type {string | undefined} */ sign) => sign !== undefined && /[\w$-]/.test(sign);
  for (let at = text.indexOf(word); at >= 0 && word; at = text.indexOf(word, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return true;
  }
  return false;
}

/** `tab-` and `tab-2-` of `tab-2-title`. @param {string} word */
const beginnings = (word) => [...word.matchAll(/[-_]/g)].map(({ index }) => word.slice(0, index + 1)).filter(({ length }) => length > 1);

/** @param {string} text */
const escape = (text) => text.replace(/[^\w-]/g, "\\$&");
