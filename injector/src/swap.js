// Knows: what shows changed style sheets and pictures in their places, and whether there were any.
// Refuses to know: the document itself, and which changes a page uses.

import { loadCSS, loadImage, modules } from "./modules.js";
import { NeedsReload, reasonFor } from "./needs-reload.js";
import * as use from "./uses.js";

/** @typedef {import("./messages.js").Change} Change */
/** @typedef {import("./plan.js").Gone} Gone */

/**
 * @param {Gone[]} css style sheets
 * @param {Change[]} image pictures, fonts, films and sounds
 * @returns {Promise<{ styled: boolean, shown: boolean }>} whether any of each was applied anywhere
 */
export async function swap(css, image) {
  const [styled, shown] = await Promise.all([all(css, restyle), all(image, showAgain)]);
  return { styled, shown };
}

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
  if (!places && use.mayHaveRead(change)) throw new NeedsReload(`${reasonFor(change)}, and a script may have read it`);
  use.hasVersion(change);
  return places;
}
