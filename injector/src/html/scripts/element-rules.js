// Knows: which node may come, go, move or get another name in place: one that no script has prepared, or can find.
// Refuses to know: what changes in a node that stays (text-rules.js, attribute-rules.js), and how the page is changed.
import { dom } from "../../dom/dom.js";
import { childrenOf, isData, isElement, isShadow, nameOf } from "../source.js";
import { refuse, upFrom } from "./change-evidence.js";
import { isActive } from "./execution.js";
import { FOR_OTHERS, HAPPENED, isSingle } from "./html-semantics.js";
import { CODE } from "./references.js";

export class ElementRules {
  /**
   * @param {import("./change-evidence.js").ChangeEvidence} evidence
   * @param {import("./text-rules.js").TextRules} texts
   * @param {import("./measured-sizes.js").MeasuredSizes} sizes
   */
  constructor(evidence, texts, sizes) {
    this.evidence = evidence;
    this.texts = texts;
    this.sizes = sizes;
  }

  /**
   * A node comes, goes, moves, or gets another name.
   * @param {Node} node in either source
   * @param {Node | null} parent that it comes into or goes from, in the old source
   */
  change(node, parent) {
    if (isData(node)) return void (dom.nodeType(node) === Node.TEXT_NODE && this.texts.change(parent, node.data, ""));
    if (isElement(node) && dom.matches(node, "style,link")) this.sizes.note();
    if (!isElement(node) || !parent || isShadow(node) || dom.matches(node, FOR_OTHERS) || isActive(node)) return;
    if (this.evidence.references.isOpen) refuse(`a script may have prepared a ${nameOf(node)}`);
    this.evidence.refuseTouched(parent);
    if (this.evidence.effects.rewritten.has(parent)) refuse(`scripts have rewritten a changed ${nameOf(parent)}`);
    for (const up of upFrom(parent)) if (!isSingle(up) && this.evidence.effects.changed.has(up)) refuse(`scripts have changed ${nameOf(up)}`);
    if (isElement(parent) && this.evidence.isAnyNamed(parent)) refuse(`a script may know what is in ${nameOf(parent)}`);
    if (this.evidence.references.walks) for (const beside of neighbours(node)) if (this.evidence.isStart(beside)) refuse(`a script may go from ${nameOf(beside)} to what is beside it`);
    this.#tree(node);
  }

  /** A script comes that has its turn while a page loads, before what others do when it has loaded. */
  script() {
    if (this.evidence.references.actsAtLoad) refuse("scripts that wait for the page to load have run before a new one");
  }

  /** A node goes. @param {Node} o in the old source */
  removal(o) {
    this.change(o, dom.parentNode(o));
    if (!isElement(o)) return;
    for (const each of [o, ...dom.querySelectorAll(o, "*")]) {
      const handler = dom.getAttributeNames(each).find((name) => name.startsWith("on"));
      if (handler) refuse(`${handler} of ${nameOf(each)} goes, and it may have run`);
    }
  }

  /** @param {Element} root */
  #tree(root) {
    for (const each of [root, ...dom.querySelectorAll(root, "*")]) {
      this.evidence.budget.spend();
      this.evidence.refuseAlike(each);
      if (this.evidence.isNamed(each)) refuse(`a script may know a ${nameOf(each)}`);
      const code = dom.getAttributeNames(each).find((name) => CODE.test(name) && (HAPPENED.test(name) || !name.startsWith("on")));
      if (code) refuse(`${code} of ${nameOf(each)} is for scripts`);
    }
    this.texts.tree(root);
  }
}

/** The elements before and behind. @param {Element} element @returns {Element[]} */
function neighbours(element) {
  const parent = dom.parentNode(element);
  const all = parent ? childrenOf(parent) : [];
  const at = all.indexOf(element);
  return [all[at - 1], all[at + 1]].filter((each) => each !== undefined);
}
