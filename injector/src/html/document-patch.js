// Knows: how this document gets from the source that it shows to the next one.
// Refuses to know: when that is, and how sources are compared (tracking.js).

import { dropOrigin, loadOrigin, setDigest, sourceOf } from "./document-source.js";

/** @type {Promise<import("./tracking.js").Tracking> | undefined} where each part of the source is in the page */
let tracker;

export const loadTracker = () =>
  (tracker ??= makeTracker().catch((error) => {
    tracker = undefined; // the server may be back by the next time
    throw error;
  }));

async function makeTracker() {
  const tracking = await (await import("./tracking.js")).trackPage(loadOrigin);
  dropOrigin();
  return tracking;
}

/** @param {import("../messages.js").Change} change */
export async function patchDocument({ text, digest }) {
  const { patch } = await loadTracker();
  await patch(text ?? (await sourceOf(digest)), text !== undefined);
  setDigest(digest);
}
