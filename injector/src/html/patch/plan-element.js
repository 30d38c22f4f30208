// Knows: what differs in a node that stays, itself: its text, its attributes, its name; and what that is as operations.
// Refuses to know: which nodes stay, and what becomes of their children (plan-children.js).
import { dom } from "../../dom/dom.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { SHEET, copyAttributes, isBlank, nameOf, setTextContent } from "../source.js";
import { differences, isDone, setAttribute, setText } from "../write.js";
import { refuseMarked, refuseReadData, refuseShadowSettings } from "./refusals.js";

const LOADING = ["href", "rel", "type", "crossorigin", "integrity", "referrerpolicy"];

export class ElementPlanner {
  /** @param {import("./patch.js").Parts} parts */
  constructor({ tracker, patchable, plan, page }) {
    this.tracker = tracker;
    this.patchable = patchable;
    this.plan = plan;
    this.page = page;
  }

  /** A text or a comment. @param {CharacterData} o @param {CharacterData} n */
  data(o, n) {
    const live = isBlank(o) && isBlank(n) ? this.tracker.live(o) : this.tracker.need(o);
    const [from, to] = [o.data, n.data];
    if (dom.nodeType(o) === Node.TEXT_NODE) this.patchable?.texts.change(dom.parentNode(o), from, to);
    if (live) this.plan.add("text", n, () => setText(live, from, to));
    this.plan.syncs.push(() => (o.data = to));
  }

  /** The text that is all that an element holds. @param {Element} o @param {Element} n */
  text(o, n) {
    const [before, text] = [dom.textContent(o) ?? "", dom.textContent(n) ?? ""];
    if (before === text) return;
    refuseReadData(o, n);
    if (dom.localName(n) === "style") this.patchable?.sizes.note();
    else if (dom.localName(n) !== "script") this.patchable?.texts.change(o, before, text);
    const live = /** @type {Element} */ (this.tracker.need(o));
    const { style } = this.tracker;
    if (dom.localName(n) !== "style") this.plan.add("text", n, () => setTextContent(live, text));
    else this.plan.add("style", n, () => style?.(/** @type {HTMLStyleElement} */ (live), text) || setTextContent(live, text));
    this.plan.syncs.push(() => setTextContent(o, text));
  }

  /** The element itself: its name and attributes. @param {Element} o @param {Element} n @param {Node} into */
  element(o, n, into) {
    refuseMarked(o, n);
    if (into !== o) this.#rename(o, n);
    const found = differences(o, n);
    if (!found.length) return;
    this.plan.noteChoice(n);
    refuseShadowSettings(o, n);
    for (const difference of found) this.patchable?.attributes.change(o, n, difference);
    this.plan.syncs.push(() => into === o && copyAttributes(n, o));
    const live = /** @type {Element} */ (this.tracker.need(o));
    const loading = found.find(({ name }) => LOADING.includes(name));
    if (loading && dom.matches(o, SHEET) && dom.matches(n, SHEET)) return this.plan.add("stylesheet", n, () => this.page.swapSheet(o, found), loading.name);
    for (const difference of found) {
      if (into === o && isDone(live, difference)) continue;
      const step = () => setAttribute(/** @type {Element} */ (this.tracker.live(into)), difference);
      this.plan.add("attribute", n, step, difference.name);
    }
  }

  /** @param {Element} o @param {Element} n */
  #rename(o, n) {
    const live = /** @type {Element} */ (this.tracker.need(o));
    for (const each of [o, n]) this.patchable?.elements.change(each, dom.parentNode(o));
    if (dom.shadowRoot(live)) throw new NeedsReload(`a ${nameOf(o)} with a shadow root has a new name`);
    this.plan.moving.push(live);
    this.plan.add("rename", o, () => this.page.rename(live, n), dom.localName(n));
  }
}
