// Knows: which children come, go, move and stay, from the whole document down, and what that is as operations.
// Refuses to know: what differs in a node that stays (plan-element.js), and how the page is changed (edit-page.js).
import { dom } from "../../dom/dom.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { OFF, TEXT_ONLY, isData, isElement, isShadow, isTemplate, kidsOf } from "../source.js";
import { ElementPlanner } from "./plan-element.js";
import { refuseMovedScript, refuseVital } from "./refusals.js";
import { adoptAll, arrange } from "./update-source.js";

/** @typedef {import("./places.js").Spot} Spot */

export class ChildrenPlanner {
  #elements;

  /** @param {import("./patch.js").Parts} parts */
  constructor(parts) {
    this.#elements = new ElementPlanner(parts);
    const { tracker, comparison, patchable, plan, places, page, scripts } = parts;
    this.tracker = tracker;
    this.comparison = comparison;
    this.patchable = patchable;
    this.plan = plan;
    this.places = places;
    this.page = page;
    this.scripts = scripts;
  }

  /**
   * What makes the children of an old node those of a new one.
   * @param {Node | undefined} o the old parent
   * @param {Node} n the new one
   * @param {Node} into the one of them that stays in the source
   */
  between(o, n, into) {
    const { matches, kept } = this.comparison;
    const [kids, before] = [kidsOf(n), o ? kidsOf(o) : []];
    const after = kids.map((kid) => this.comparison.lasting(kid));
    const arriving = kids.filter((kid) => matches.get(kid)?.moved ?? true);
    const visible = !o || !arriving.length || this.places.has(o, arriving);
    for (const [index, kid] of kids.entries()) this.#child(kid, { o, into, kids, index }, visible);
    for (const kid of before) if (!kept.has(kid)) this.#remove(kid);
    if (o !== into || after.length !== before.length || after.some((kid, index) => kid !== before[index]))
      this.plan.syncs.push(() => arrange(into, after));
  }

  /** @param {Node} kid @param {Spot} spot @param {boolean} visible */
  #child(kid, spot, visible) {
    const match = this.comparison.matches.get(kid);
    if (match?.moved) this.#move(kid, match.old, spot);
    if (match) this.#visit(match, kid);
    else if (spot.o) this.patchable?.elements.change(kid, spot.o);
    if (!match && spot.o && visible) this.#insert(kid, spot);
    if (!match && this.comparison.hosts.has(kid)) this.between(undefined, kid, kid);
  }

  /** @param {import("../match.js").Match} match @param {Node} n */
  #visit({ old: o, same }, n) {
    if (same) return;
    if (isData(o) && isData(n)) this.#elements.data(o, n);
    if (!isElement(o) || !isElement(n)) return;
    const into = this.comparison.lasting(n);
    this.#elements.element(o, n, into);
    if (dom.matches(n, OFF)) return void this.plan.syncs.push(() => adoptAll(o, n));
    if (dom.matches(n, TEXT_ONLY)) this.#elements.text(o, n);
    else this.between(o, n, into);
    if (isTemplate(o) && isTemplate(n)) this.#content(o, n);
  }

  /** @param {HTMLTemplateElement} template @param {HTMLTemplateElement} next */
  #content(template, next) {
    const [o, n] = [template.content, next.content];
    if (!isShadow(template) && !dom.isEqualNode(o, n)) this.patchable?.evidence.refuseRead(template);
    const live = this.tracker.live(o);
    if (live) this.tracker.link(n, live); // so that what is new in it counts as in the page
    this.between(o, n, o);
  }

  /** @param {Node} n @param {Node} o @param {Spot} spot */
  #move(n, o, spot) {
    const live = this.tracker.need(o);
    for (const parent of [dom.parentNode(o), spot.o ?? null]) this.patchable?.elements.change(o, parent);
    refuseMovedScript(o);
    this.plan.moving.push(live);
    this.plan.add("move", n, () => this.page.move(o, live, spot));
  }

  /** @param {Node} n @param {Spot} spot */
  #insert(n, spot) {
    if (isElement(n)) this.#arrive(n, spot);
    this.plan.add("insert", n, () => this.page.insert(n, spot));
  }

  /** @param {Element} n @param {Spot} spot */
  #arrive(n, { o }) {
    refuseVital(n);
    this.plan.noteChoicesIn(n);
    this.scripts.arrive(n);
    if (isShadow(n) && o && this.tracker.need(o) && dom.shadowRoot(/** @type {Element} */ (this.tracker.live(o))))
      throw new NeedsReload("a shadow root is replaced");
  }

  /** @param {Node} o */
  #remove(o) {
    if (isElement(o)) refuseVital(o);
    if (isElement(o)) this.plan.noteChoicesIn(o);
    this.patchable?.elements.removal(o);
    if (isShadow(o) && !this.tracker.live(o)) throw new NeedsReload("a shadow root is removed");
    this.scripts.leave(o);
    if (isElement(o)) this.places.lookAgain(o);
    if (this.tracker.live(o) && this.tracker.need(o)) this.plan.note("remove", o);
    this.plan.removals.push(() => this.page.remove(o));
  }
}
