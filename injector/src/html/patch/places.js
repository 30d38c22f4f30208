// Knows: where in the page a new child goes, or that nobody can tell, because scripts have filled its parent anew.
// Refuses to know: what the child is, and how it gets there.
import { dom } from "../../dom/dom.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { isBlank, isShadow, kidsOf, nameOf } from "../source.js";
import { pieces } from "../write.js";

/** @typedef {{ into: Node, o: Node | undefined, kids: Node[], index: number }} Spot a place among the new children */

export class Places {
  /** @type {Set<Node>} old parents whose children were looked for again */
  #sought = new Set();

  /** @param {import("../html.js").Tracker} tracker @param {import("./comparison.js").Comparison} comparison */
  constructor(tracker, comparison) {
    this.tracker = tracker;
    this.comparison = comparison;
  }

  /**
   * Whether it is known where in the page new children go; if scripts have filled an element anew, it is not.
   * @param {Node} o
   * @param {Node[]} arriving
   */
  has(o, arriving) {
    const { tracker } = this;
    const isPlaced = (/** @type {Node} */ kid) => isShadow(kid) || isIn(tracker.live(kid), tracker.live(o));
    const isKnown = () => kidsOf(o).every(isBlank) || kidsOf(o).some(isPlaced);
    const wanted = !arriving.every(isBlank);
    if (wanted) tracker.need(o);
    if (wanted && !isKnown()) tracker.recover(o);
    if (wanted && !isKnown()) throw new NeedsReload(`scripts have filled a changed ${nameOf(o)}`);
    return isKnown();
  }

  /** Scripts may have made it anew with all that is beside it. @param {Element} o */
  lookAgain(o) {
    const parentNode = dom.parentNode(o);
    if (!parentNode || this.#sought.has(parentNode) || this.tracker.live(o) || !this.tracker.live(parentNode)) return;
    this.#sought.add(parentNode);
    this.tracker.recover(parentNode);
  }

  /** @param {Spot} spot */
  parent = ({ into }) => /** @type {Node} */ (this.tracker.live(into));

  /**
   * Behind the sibling that it follows, else before the next one; what scripts have put in between comes after it.
   * @param {Spot} spot
   * @returns {Node | null}
   */
  before(spot) {
    const { kept, matches } = this.comparison;
    const parent = this.parent(spot);
    const lives = (/** @type {Node} */ kid) => {
      const last = this.comparison.lasting(kid);
      const live = this.tracker.live(last) ?? this.tracker.live(matches.get(kid)?.old ?? kid);
      return live && isIn(live, parent) ? pieces(live, dom.nodeValue(last)) : [];
    };
    for (let i = spot.index - 1; i >= 0; i--) {
      const found = lives(/** @type {Node} */ (spot.kids[i]));
      if (found.length) return dom.nextSibling(/** @type {Node} */ (found.at(-1)));
    }
    const later = spot.kids.slice(spot.index + 1).filter((kid) => matches.get(kid)?.moved === false);
    const gone = (spot.o ? kidsOf(spot.o) : []).filter((kid) => !kept.has(kid));
    for (const kid of [...later, ...gone]) {
      const [found] = lives(kid);
      if (found) return found;
    }
    return dom.firstChild(parent);
  }
}

/** @param {Node | undefined} node @param {Node | undefined} parent */
const isIn = (node, parent) => node !== undefined && dom.parentNode(node) === (parent ?? null);
