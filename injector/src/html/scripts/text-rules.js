// Knows: which change of a text may be made in place: one that scripts have neither read, nor copied, nor rewritten, nor
// calculated with. Refuses to know: attributes and elements, and how a text is changed.
import { dom } from "../../dom/dom.js";
import { equalEnds } from "../match.js";
import { isElement, nameOf } from "../source.js";
import { refuse } from "./change-evidence.js";
import { READ_ONCE } from "./html-semantics.js";

/** Letters, digits and the marks of ordinary sentences. */
const PROSE = /[\p{L}\p{M}\p{N}\s.,;!?'"()\-–—…’‘‚“”„]/gu;
const NUMBER = /\p{N}+(?:[.,]\p{N}+)*/gu;
/** A longer text may be copied in part: then what changed in it is looked for, too. */
const SENTENCE = 40;

export class TextRules {
  /** @param {import("./change-evidence.js").ChangeEvidence} evidence */
  constructor(evidence) {
    this.evidence = evidence;
  }

  /**
   * A text changes, comes or goes.
   * @param {Node | null} parent the old source's
   * @param {string} from
   * @param {string} to
   */
  change(parent, from, to) {
    if (!parent || from.trim() === to.trim()) return;
    this.evidence.refuseTouched(parent);
    if (this.evidence.effects.rewritten.has(parent)) refuse(`scripts have rewritten a changed ${nameOf(parent)}`);
    if (isElement(parent)) this.#reading(parent);
    if (copies(from, to).some((part) => this.evidence.effects.additions.hasCopied(part))) refuse("scripts have copied the text that changed");
    if (!this.evidence.references.mayRead) return;
    if (this.evidence.effects.rewritten.size && signs(from) !== signs(to)) refuse("scripts rewrite texts with such signs");
    if (this.evidence.effects.additions.calculates && numbers(from) !== numbers(to)) refuse("scripts may have calculated with a number that changed");
  }

  /** @param {Element} parent */
  #reading(parent) {
    const source = dom.closest(parent, READ_ONCE);
    if (source) this.evidence.refuseRead(source);
    if (!this.evidence.references.reads) return;
    if (this.evidence.references.isAnything || this.evidence.isAnyNamed(parent)) refuse(`a script may have read the text of a changed ${nameOf(parent)}`);
  }

  /** All texts of a tree come or go. @param {Element} root */
  tree(root) {
    const texts = dom.textContent(root) ?? "";
    if (copies(texts, "").some((part) => this.evidence.effects.additions.hasCopied(part))) refuse("scripts have copied a text that went");
    if (!this.evidence.references.mayRead) return;
    if (this.evidence.effects.rewritten.size && signs(texts)) refuse("scripts rewrite texts with such signs");
    if (this.evidence.effects.additions.calculates && numbers(texts)) refuse("scripts may calculate with a number that came or went");
  }
}

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
