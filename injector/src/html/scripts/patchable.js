// Knows: which change of a page's source may be made in place although scripts have read the page, and the reason why
// another one may not: what scripts did to the page (effects.js) and what they mention (references.js) are the evidence.
// Refuses to know: how the change is made, and the rules for each kind of it. A page without scripts needs none of this.
//
// The rule: a page that is patched is as a fresh load of the new file would be, in the same state. So a change waits for
// a reload where a script may have read what changes, and has made something of it: copied, moved, counted, prepared.
import { AttributeRules } from "./attribute-rules.js";
import { ChangeEvidence } from "./change-evidence.js";
import { ElementRules } from "./element-rules.js";
import { MeasuredSizes } from "./measured-sizes.js";
import { TextRules } from "./text-rules.js";

/** One change of the source of a page with scripts. What judges throws NeedsReload where only a reload is certain. */
export class Patchable {
  /** @param {import("../html.js").Tracker} known @param {import("../budget.js").Budget} budget */
  constructor(known, budget) {
    this.evidence = new ChangeEvidence(known, budget);
    this.texts = new TextRules(this.evidence);
    this.sizes = new MeasuredSizes(this.evidence);
    this.attributes = new AttributeRules(this.evidence, this.sizes);
    this.elements = new ElementRules(this.evidence, this.texts, this.sizes);
  }
}
