// Knows: the sizes of what scripts have changed, before and after a change of styles: a library may have measured them.
// Refuses to know: how styles change, and how often a library measures.
import { dom } from "../../dom/dom.js";
import { isElement, nameOf } from "../source.js";
import { refuse } from "./change-evidence.js";
import { isSingle } from "./html-semantics.js";

export class MeasuredSizes {
  /** @type {Map<Element, string>} */
  #before = new Map();

  /** @param {import("./change-evidence.js").ChangeEvidence} evidence */
  constructor(evidence) {
    this.evidence = evidence;
  }

  /** A rule, or an attribute by which rules select, is about to change. */
  note() {
    const { references, effects, known, budget } = this.evidence;
    if (!references.isOpen || this.#before.size) return;
    for (const o of effects.changed) {
      budget.spend();
      const live = known.live(o);
      if (live && isElement(live) && !isSingle(o)) this.#before.set(live, sizeOf(live));
    }
  }

  /** All has changed. */
  compare() {
    for (const [live, size] of this.#before) if (sizeOf(live) !== size) refuse(`scripts have changed ${nameOf(live)}, and may have measured it`);
  }
}

/** @param {Element} element */
function sizeOf(element) {
  const { width, height } = dom.getBoundingClientRect(element);
  return `${width} ${height}`;
}
