// Knows: how nodes come into the live page, move in it, get another name, and go from it.
// Refuses to know: whether they may, and in which order that is done.
import { dom } from "../../dom/dom.js";
import { SHEET, copyAttributes, isElement, isShadow, kidsOf, rendered } from "../source.js";
import { dress, pieces, place, setAttribute } from "../write.js";
import { Builder } from "./build.js";

/** @typedef {import("./places.js").Spot} Spot */

export class PageEditor {
  /**
   * @param {import("../html.js").Tracker} tracker
   * @param {import("./comparison.js").Comparison} comparison
   * @param {import("./places.js").Places} places
   */
  constructor(tracker, comparison, places) {
    this.tracker = tracker;
    this.comparison = comparison;
    this.places = places;
    this.builder = new Builder(tracker, comparison);
  }

  /** @param {Node} n @param {Spot} spot */
  insert(n, spot) {
    const parent = this.places.parent(spot);
    const live = this.builder.build(n, dom.ownerDocument(parent) ?? document);
    if (!isShadow(n) || !this.builder.attach(n, parent)) dom.insertBefore(parent, live, this.places.before(spot));
    if (this.comparison.hosts.has(n)) dress(live);
  }

  /** @param {Node} o @param {Node} live @param {Spot} spot */
  move(o, live, spot) {
    place(this.places.parent(spot), live, this.places.before(spot));
    // A <style> that is moved shows what stands in it.
    for (const style of rendered(o, "style")) this.tracker.style?.(/** @type {HTMLStyleElement} */ (this.tracker.live(style)));
  }

  /** @param {Element} live @param {Element} n what it becomes */
  rename(live, n) {
    const renamed = dom.importNode(document, n, false);
    copyAttributes(live, /** @type {Element} */ (renamed));
    dom.before(live, renamed);
    dress(renamed);
    for (const kid of kidsOf(live)) place(renamed, kid, null);
    dom.remove(live);
    this.tracker.link(n, renamed);
  }

  /**
   * The new style sheet comes next to the old one, which goes when that has loaded.
   * @param {Element} o
   * @param {import("../write.js").Difference[]} found
   */
  swapSheet(o, found) {
    const live = /** @type {Element} */ (this.tracker.live(o));
    const fresh = /** @type {Element} */ (dom.cloneNode(live, false));
    for (const difference of found) setAttribute(fresh, difference);
    dom.after(live, fresh);
    this.tracker.link(o, fresh);
    this.tracker.replace(fresh, live);
    this.builder.sheets.push(fresh);
  }

  /** Also what scripts have carried out of it, but not what stays; a sheet waits for one that comes. @param {Node} o */
  remove(o) {
    if (this.comparison.kept.has(o)) return;
    const live = this.tracker.live(o);
    const sheet = isElement(o) && dom.matches(o, `${SHEET},style`) && this.builder.sheets.at(-1);
    if (live && sheet) return this.tracker.replace(sheet, live);
    if (live) for (const piece of pieces(live, dom.nodeValue(o))) this.tracker.discard(piece);
    for (const kid of kidsOf(o)) this.remove(kid);
  }
}
