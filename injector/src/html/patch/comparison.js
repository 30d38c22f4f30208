// Knows: which nodes of the source that is shown stay, and which of two sources' nodes stands for both afterwards.
// Refuses to know: how that is found out (match.js), and what is done to the page.
import { dom } from "../../dom/dom.js";
import { compare, isSameKind } from "../match.js";

export class Comparison {
  /** @type {Set<Node>} new nodes that old ones move into */
  hosts = new Set();

  /** @param {Document} source @param {Document} next @param {import("../budget.js").Budget} budget */
  constructor(source, next, budget) {
    const { matches, kept } = compare(source, next, budget);
    this.matches = matches;
    this.kept = kept;
    for (const [node, { moved }] of matches) if (moved) this.#openAbove(node);
  }

  /** @param {Node} node */
  #openAbove(node) {
    for (let up = dom.parentNode(node); up && !this.matches.has(up); up = dom.parentNode(up)) this.hosts.add(up);
  }

  /** The node that stands for a new one in the source that is kept. @param {Node} n @returns {Node} */
  lasting(n) {
    const match = this.matches.get(n);
    return match && (match.same || isSameKind(match.old, n)) ? match.old : n;
  }
}
