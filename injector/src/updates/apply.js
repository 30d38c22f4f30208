// Knows: how changed style sheets, images and frames are shown in their places, and whether there were any.
// Refuses to know: the document itself, and which changes a page uses.

import { restart } from "../frames/frames.js";
import { loadCSS, loadImage, modules } from "./on-demand.js";
import { NeedsReload } from "./needs-reload.js";
import { mayHaveRead, reasonFor } from "./usage.js";
import * as use from "./resources.js";

/** @typedef {import("../messages.js").Change} Change */
/** @typedef {import("../messages.js").Action} Action */
/** @typedef {import("./planner.js").Gone} Gone */
/** @typedef {import("./planner.js").Steps} Steps */

/**
 * All that follows a change of the document itself.
 * @param {Steps} steps
 * @returns {Promise<Action>} the strongest of what was done
 */
export async function change({ html, frames, turns, css, image }) {
  if (html.length) css = css.filter(({ successor }) => !successor); // it names the new one itself
  frames.forEach(restart);
  const [styled, shown, ...done] = await Promise.all([all(css, restyle), all(image, showAgain), ...turns.map(take)]);
  if (html.length && "HTMLSelectedContentElement" in window) (await import("../html/selected-content.js")).renew();
  if (html.length || styled) await modules.image?.keepNewest();
  if (html.length || frames.length || done.includes("html")) return "html";
  return styled || done.includes("css") ? "css" : shown || done.includes("image") ? "image" : "unused";
}

/** @param {import("../frames/frames.js").Turn} turn of another document */
const take = ({ change }) => change?.();

/**
 * @template {Change} C
 * @param {C[]} changes
 * @param {(change: C) => Promise<number>} apply
 */
const all = async (changes, apply) => (await Promise.all(changes.map(apply))).some(Boolean);

/** @param {Gone} change @returns {Promise<number>} */
async function restyle(change) {
  const { usesSheet, updateCSS, swapHashed } = modules.css ?? (await loadCSS());
  if (!usesSheet(change.url)) return 0;
  const { successor } = change;
  return reached(change, await (successor ? swapHashed(change.url, successor) : updateCSS(change)));
}

/** @param {Change} change @returns {Promise<number>} */
async function showAgain(change) {
  const { updateImage } = await loadImage();
  return reached(change, await updateImage(change));
}

/** What was requested but stands nowhere was perhaps read by a script. @param {Change} change @param {number} places */
function reached(change, places) {
  if (!places && mayHaveRead(change)) throw new NeedsReload(`${reasonFor(change)}, and a script may have read it`);
  use.hasVersion(change);
  return places;
}
