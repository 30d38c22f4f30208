// Knows: which scripts of a change are new and which are gone, and that the new ones run when all else is done.
// Refuses to know: which scripts can run in a page that has loaded, and in which order (scripts/execution.js).
import { dom } from "../../dom/dom.js";
import { isWithin } from "../match.js";
import { active, check, hasTurn, revive, run } from "../scripts/execution.js";
import { setNonce } from "../write.js";

export class NewScripts {
  /** @type {import("../scripts/execution.js").Job[]} */
  jobs = [];
  /** @type {Set<Element>} scripts that are new */
  #fresh = new Set();
  /** @type {Set<Element>} scripts that go */
  #gone = new Set();

  /** @param {import("../html.js").Tracker} tracker @param {import("./comparison.js").Comparison} comparison */
  constructor(tracker, comparison) {
    this.tracker = tracker;
    this.comparison = comparison;
  }

  /** @param {Element} n a tree that comes */
  arrive(n) {
    for (const script of active(n)) if (!isWithin(script, this.comparison.matches, n)) this.#fresh.add(script);
  }

  /** @param {Node} o a tree that goes */
  leave(o) {
    for (const script of active(o)) if (!isWithin(script, this.comparison.kept, o)) this.#gone.add(script);
  }

  /** Whether one is new that a page which loads would run before it has loaded. */
  get haveTurn() {
    return [...this.#fresh].some(hasTurn);
  }

  /** Once all is known that comes and goes. @param {Document} after @param {import("./plan.js").Plan} plan */
  plan(after, plan) {
    const scripts = active(after);
    check(scripts, this.#gone, this.#fresh);
    for (const script of scripts.filter((one) => this.#fresh.has(one))) {
      plan.note("script", script, dom.getAttribute(script, "src") ?? "inline");
      this.jobs.push({ script, fresh: revive(script, document) });
    }
  }

  /** Puts each in the place that is kept for it. */
  run() {
    return run(this.jobs, ({ script, fresh }) => {
      const place = this.tracker.live(script);
      if (dom.hasAttribute(script, "nonce")) setNonce(fresh);
      this.tracker.link(script, fresh);
      const parent = place && dom.parentNode(place);
      if (parent) dom.replaceChild(parent, fresh, place);
      return place !== undefined;
    });
  }
}
