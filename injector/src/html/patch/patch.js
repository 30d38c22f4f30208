// Knows: in which order one change of a page's source is judged, planned, and done to the live document.
// Refuses to know: how nodes are found (html.js), which belong together (match.js), and what is done with any of them.
import { Budget } from "../budget.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { Patchable } from "../scripts/patchable.js";
import { keepChoices, keepFocus, keepScroll, renew } from "../write.js";
import { Comparison } from "./comparison.js";
import { NewScripts } from "./new-scripts.js";
import { PageEditor } from "./edit-page.js";
import { Places } from "./places.js";
import { Plan } from "./plan.js";
import { ChildrenPlanner } from "./plan-children.js";
import { refuseDoctype } from "./refusals.js";

/**
 * @typedef {object} Parts what plans one change
 * @property {import("../html.js").Tracker} tracker
 * @property {Comparison} comparison
 * @property {Patchable | undefined} patchable what scripts may have read must not change in place; no scripts, no judge
 * @property {Plan} plan
 * @property {Places} places
 * @property {PageEditor} page
 * @property {NewScripts} scripts
 */

/** One change of the source: planned when it is made, which may throw NeedsReload, then applied. */
export class Patch {
  #plan;
  #page;
  #scripts;
  #patchable;

  /** @param {import("../html.js").Tracker} tracker @param {Document} next */
  constructor(tracker, next) {
    const { source } = tracker;
    refuseDoctype(source, next);
    const budget = new Budget();
    const comparison = new Comparison(source, next, budget);
    const patchable = tracker.evidence.isNeeded ? new Patchable(tracker, budget) : undefined;
    this.#patchable = patchable;
    const places = new Places(tracker, comparison);
    this.tracker = tracker;
    this.#plan = new Plan(comparison);
    this.#page = new PageEditor(tracker, comparison, places);
    this.#scripts = new NewScripts(tracker, comparison);
    const parts = { tracker, comparison, patchable, plan: this.#plan, places, page: this.#page, scripts: this.#scripts };
    new ChildrenPlanner(parts).between(source, next, source);
    this.#scripts.plan(next, this.#plan);
    if (this.#scripts.haveTurn) patchable?.elements.script();
  }

  /** What is done, in the order of the new source. */
  get operations() {
    return this.#plan.operations;
  }

  /** Whether there are scripts to run when all else is done. */
  get hasScripts() {
    return this.#scripts.jobs.length > 0;
  }

  /** Does what was planned. */
  apply() {
    const { steps, removals, syncs, moving, renewed, hasChoices } = this.#plan;
    const kept = [...(hasChoices ? [keepChoices()] : []), keepFocus(), keepScroll(moving)];
    try {
      for (const step of [...steps, ...removals]) step();
    } catch (error) {
      throw new NeedsReload(`the browser refused a change: ${error instanceof Error ? error.message : error}`);
    }
    this.#page.builder.finish();
    for (const node of renewed) renew(this.tracker.live(node));
    for (const putBack of kept) putBack();
    for (const sync of syncs) sync();
    this.#patchable?.sizes.compare();
  }

  /** Runs the new scripts. */
  run() {
    return this.#scripts.run();
  }
}
