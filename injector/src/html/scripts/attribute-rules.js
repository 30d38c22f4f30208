// Knows: which change of an attribute may be made in place: one that the browser acts on by itself, and no script has
// read, copied or written over. Refuses to know: texts and elements, and how an attribute is changed.
import { dom } from "../../dom/dom.js";
import { isStyled } from "../../css/styled.js";
import { nameOf } from "../source.js";
import { refuse, upFrom } from "./change-evidence.js";
import { classesOf } from "./effects.js";
import { isActive } from "./execution.js";
import { FOR_OTHERS, HAPPENED, NATIVE, READ_ONCE, isDefined, isForeign, isObserved, isSingle, wordsFor } from "./html-semantics.js";

/** @typedef {import("../write.js").Difference} Difference */

export class AttributeRules {
  /** @param {import("./change-evidence.js").ChangeEvidence} evidence @param {import("./measured-sizes.js").MeasuredSizes} sizes */
  constructor(evidence, sizes) {
    this.evidence = evidence;
    this.sizes = sizes;
  }

  /**
   * An attribute changes, comes or goes.
   * @param {Element} o in the old source
   * @param {Element} n in the new one
   * @param {Difference} difference
   */
  change(o, n, difference) {
    const { name, from, to } = difference;
    this.sizes.note();
    if (dom.matches(o, FOR_OTHERS) && dom.matches(n, FOR_OTHERS)) return;
    if (isActive(o)) refuse("an attribute of a script that ran changed");
    this.evidence.refuseTouched(o);
    this.#written(o, difference);
    if (/^(class|style)$/.test(name) && this.evidence.references.readsStyles && this.evidence.isAnyNamed(o)) refuse(`a script may have read how ${nameOf(o)} looks`);
    if (name === "style") return this.#style(o);
    if (name === "class") return this.#classes(o, n);
    if (dom.matches(o, READ_ONCE)) this.evidence.refuseRead(o);
    if (this.evidence.effects.additions.hasCopied(from ?? "")) refuse(`scripts have copied ${name} of ${nameOf(o)}`);
    if (name.startsWith("on")) return this.#handler(o, name, from);
    if (!to && isDefined(o)) refuse(`what <${dom.localName(o)}> is without ${name} is known when it is made`);
    if (name === "id" || name === "name") return this.#identifier(o, [from, to?.value]);
    if (name.startsWith("data-")) return this.#data(o, name);
    if (!NATIVE.test(name) && !isForeign(o)) refuse(`${name} of ${nameOf(o)} changed, and only scripts read it`);
    this.#native(o, n, difference);
  }

  /** What scripts have written is not to be written over. @param {Element} o @param {Difference} difference */
  #written(o, { namespace, name, from, to }) {
    const live = /** @type {Element | undefined} */ (this.evidence.known.live(o));
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
    const { changed, marks } = this.evidence.effects;
    const { isOpen, isComplete, readsClasses } = this.evidence.references;
    if (changed.has(o) && isOpen) refuse(`scripts have changed ${nameOf(o)}, and may have read its classes`);
    if (readsClasses && this.evidence.isNamed(o)) refuse(`a script may have read the classes of ${nameOf(o)}`);
    const [from, to] = [classesOf(o), classesOf(n)];
    for (const word of [...from.filter((each) => !to.includes(each)), ...to.filter((each) => !from.includes(each))]) {
      if (marks.has(`.${word}`)) refuse(`scripts have changed elements of the class ${word}`);
      if (this.evidence.references.mentions(word)) refuse(`a script mentions the class ${word}`);
      if (!isComplete && !isStyled(`.${word}`)) refuse(`only a script may know the class ${word}`);
    }
  }

  /** Libraries measure what they have changed. @param {Element} o */
  #style(o) {
    if (this.evidence.effects.changed.has(o) && this.evidence.references.isOpen) refuse(`scripts have changed ${nameOf(o)}, and may have measured it`);
  }

  /** @param {Element} o @param {(string | null | undefined)[]} values */
  #identifier(o, values) {
    const { isComplete } = this.evidence.references;
    for (const value of values) if (value && (!isComplete || this.evidence.references.mentions(value))) refuse(`a script may know ${nameOf(o)} by its name`);
  }

  /** @param {Element} o @param {string} name */
  #data(o, name) {
    const isKnown = wordsFor(name).some((word) => this.evidence.references.mentions(word));
    if (isKnown || !isStyled(`[${name}`)) refuse(`${name} of ${nameOf(o)} changed, and scripts may have read it`);
    this.evidence.refuseAlike(o);
  }

  /** @param {Element} o @param {Element} n @param {Difference} difference */
  #native(o, n, { name }) {
    if (o instanceof HTMLCanvasElement) refuse("a canvas that scripts have drawn on changed");
    if (!isObserved(o, name)) refuse(`<${dom.localName(o)}> does not look at ${name} again`);
    if (!isSingle(o)) for (const each of [o, n]) this.evidence.refuseAlike(each);
    if (this.evidence.references.isOpen) for (const up of upFrom(o)) if (!isSingle(up) && this.evidence.effects.changed.has(up)) refuse(`scripts have changed ${nameOf(up)}, and may have read ${name} in it`);
    const isRead = wordsFor(name).some((word) => this.evidence.references.isInOwn(word));
    if (isRead && (this.evidence.references.isAnything || this.evidence.isNamed(o) || isSingle(o))) refuse(`a script may have read ${name} of ${nameOf(o)}`);
  }
}

/** Classes, or declarations. @param {string} name @param {string | null | undefined} value */
const pieces = (name, value) => (value ?? "").split(name === "class" ? /\s+/ : /\s*;\s*/).map((each) => each.replace(/\s+/g, " ").trim()).filter(Boolean);
