// Knows: which rules of a <style> may change in place: those of no element that a library has changed, and may have
// measured. Refuses to know: style sheets in files, and how rules are changed.
import { changedSelectors } from "../../css/changed-selectors.js";
import { dom } from "../../dom/dom.js";
import { isElement, nameOf } from "../source.js";
import { refuse } from "./change-evidence.js";
import { isSingle } from "./html-semantics.js";

export class StyleRules {
  /** @param {import("./change-evidence.js").ChangeEvidence} evidence */
  constructor(evidence) {
    this.evidence = evidence;
  }

  /**
   * The text of a <style> changes, comes or goes.
   * @param {string} from
   * @param {string} to
   */
  change(from, to) {
    if (!this.evidence.references.isOpen) return;
    const selectors = changedSelectors(from, to);
    for (const o of this.evidence.effects.changed) {
      const live = this.evidence.known.live(o);
      if (!isSingle(o) && live && isElement(live) && selectors.some((each) => selects(each, live))) refuse(`scripts have changed ${nameOf(o)}, and may have measured it`);
    }
  }
}

/** @param {string} selector @param {Element} element */
function selects(selector, element) {
  try {
    return dom.matches(element, selector.replace(/::?(before|after|first-line|first-letter|placeholder|marker)\b/g, ""));
  } catch {
    return false; // the browser takes none of the rule
  }
}
