// Knows: how updates are taken in a document that has no client, and no address to be loaded from again: one that was
// written to, `srcdoc`, or a blob. It runs there, and the page that has it in a frame asks it.
// Refuses to know: the server. Source: https://html.spec.whatwg.org/multipage/webappapis.html#realms-settings-objects-global-objects

import { invite, stockOf } from "./frames.js";
import { loadCSS } from "../updates/on-demand.js";
import { planFor } from "../updates/planner.js";
import { change } from "../updates/apply.js";
import * as use from "../updates/resources.js";

/** @typedef {import("../messages.js").Update} Update */
/** @typedef {import("../updates/planner.js").Plan} Plan */
/**
 * @typedef {object} Guest
 * @property {(update: Update) => Promise<Plan>} plan
 * @property {typeof change} change
 * @property {() => Promise<Record<string, string | null> | null>} takeStock null: nobody knows
 * @property {typeof use.onLate} onLate
 */

/** @type {import("../updates/planner.js").Page} */
const PAGE = { file: "", address: "", stood: new Set(), canPatch: false, isListing: false };

/** @type {Guest} */
const guest = {
  async plan(update) {
    update.changes.forEach(use.outdate);
    try {
      const plan = await planFor(update, PAGE);
      if (!("reload" in plan)) plan.unused.forEach(use.pass);
      return plan;
    } catch (error) {
      return { reload: error instanceof Error ? error.message : String(error) }; // this realm's errors are no other's
    }
  },
  change,
  async takeStock() {
    use.remember();
    return stockOf(await use.inventory());
  },
  onLate: use.onLate,
};

use.start();
dispatchEvent(new CustomEvent("hotreload:guest", { detail: guest }));
Promise.all([loadCSS(), invite()]).catch((error) => console.debug("[hotreload]", error)); // again when they are needed
