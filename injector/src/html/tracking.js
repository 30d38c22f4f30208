// Knows: what the comparison of a page's sources needs: the page parsed whole, what it was made from, and what its
// scripts say. Refuses to know: how sources are compared (html.js).
import { TooLarge } from "./budget.js";
import { dom } from "../dom/dom.js";
import { track } from "./html.js";
import { read } from "./scripts/loaded-scripts.js";
import { loadCSS } from "../updates/on-demand.js";
import { NeedsReload } from "../updates/needs-reload.js";

/** @typedef {{ source: string, snapshot: import("./snapshot.js").Snapshot }} Origin what the page was made from, and was then */
/**
 * @typedef {object} Tracking the source that a page shows
 * @property {(text: string, isSure: boolean) => Promise<void>} patch makes a new source of it, decoded for sure as a
 *   browser does that loads it; ends when all new scripts have run
 */

/** Why it is not tried again. @type {TooLarge | undefined} */
let refused;

/** @param {() => Promise<Origin>} loadOrigin @returns {Promise<Tracking>} */
export async function trackPage(loadOrigin) {
  if (refused) throw refused;
  if (dom.readyState(document) === "loading") throw new NeedsReload("only a part of the page has been read yet");
  const [{ updateStyle }, { source, snapshot }, loaded] = await Promise.all([loadCSS(), loadOrigin(), read()]);
  const tracker = compare(source, snapshot, updateStyle);
  tracker.loaded = loaded;
  const prepare = () => void (window.requestIdleCallback ?? setTimeout)(() => tracker.evidence.prepare());
  prepare();
  return {
    async patch(text, isSure) {
      tracker.loaded = await read();
      await tracker.patch(text, isSure).scripts;
      prepare();
    },
  };
}

/** @param {string} source @param {Origin["snapshot"]} snapshot @param {import("./html.js").StyleHook} style */
function compare(source, snapshot, style) {
  try {
    return track(source, { style, snapshot });
  } catch (error) {
    if (error instanceof TooLarge) refused = error;
    throw error;
  }
}
