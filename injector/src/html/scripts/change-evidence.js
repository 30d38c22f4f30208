// Knows: whether scripts may have changed an element, have read it, or know it by a name: what the rules for texts,
// attributes and elements ask of the evidence (effects.js, references.js). Refuses to know: what it is that changes.
import { dom } from "../../dom/dom.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { idOf, isElement, nameOf } from "../source.js";
import { classesOf, marksOf } from "./effects.js";
import { isActive } from "./execution.js";
import { isSingle, wordsFor } from "./html-semantics.js";

/** @typedef {import("../budget.js").Budget} Budget */
/** @typedef {import("../html.js").Tracker} Tracker */

/** The evidence as it is for one change: each part is gathered when a rule first asks for it. */
export class ChangeEvidence {
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

  /** Scripts must have left the place of what changes alone. @param {Node} node */
  refuseTouched(node) {
    const { changed, moved, emptied, reordered } = this.effects;
    for (const up of upFrom(node)) {
      if (moved.has(up)) refuse(`scripts have moved a changed ${nameOf(up)}`);
      if (changed.has(up) && this.references.isOpen && isElement(up) && dom.localName(up) === "select") refuse(`scripts have changed ${nameOf(up)}, and may have read its options`);
      if (reordered.has(up) || (emptied.has(up) && !isSingle(up))) refuse(`scripts have rearranged a changed ${nameOf(up)}`);
    }
  }

  /**
   * What scripts read for what it says changes: a template, a setting.
   * @param {Element} o in the old source
   */
  refuseRead(o) {
    const { references, effects } = this;
    if (references.isOpen || this.isAnyNamed(o) || effects.changed.has(o)) refuse(`a script may have read the changed ${nameOf(o)}`);
  }

  /** What scripts have done to others they may do to it. @param {Element} element */
  refuseAlike(element) {
    if (marksOf(element).some((mark) => this.effects.marks.has(mark))) refuse(`scripts have changed others like ${nameOf(element)}`);
  }

  /** Whether code may begin at the element: it is named, or has the code. @param {Element} element */
  isStart(element) {
    const hasCode = dom.getAttributeNames(element).some((name) => name.startsWith("on"));
    return hasCode || (isActive(element) && this.references.findsItself) || this.isNamed(element);
  }

  /** @param {Node} from */
  isAnyNamed(from) {
    return upFrom(from).some((up) => isElement(up) && !isSingle(up) && this.isNamed(up));
  }

  /** Whether a script that was written for the page mentions it by its id, a class, an attribute, or as a kind. @param {Element} element */
  isNamed(element) {
    const { references } = this;
    const name = dom.localName(element);
    const isCustom = name.includes("-") && customElements.get(name);
    if (!isCustom && references.mentionsTag(name)) return true;
    const words = [idOf(element), dom.getAttribute(element, "name") ?? "", ...classesOf(element)];
    if (words.some((word) => word && references.isInOwn(word))) return true;
    return dom.getAttributeNames(element).some((each) => /-|^role$/.test(each) && wordsFor(each).some((word) => references.isInOwn(word)));
  }
}

/** @param {string} reason @returns {never} */
export function refuse(reason) {
  throw new NeedsReload(reason);
}

/** A node and all above it. @param {Node | null} node @returns {Node[]} */
export function upFrom(node) {
  const all = [];
  for (let up = node; up; up = dom.parentNode(up)) all.push(up);
  return all;
}
