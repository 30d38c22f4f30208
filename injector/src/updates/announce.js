// Knows: the events by which the page's scripts hear of an update, and may forbid it.
// Refuses to know: what an update does.

import { dom } from "../dom/dom.js";

/** @typedef {import("./queue.js").Task} Task */

export const CANCELLED = "the page has cancelled it";

/**
 * @param {"before" | "after"} when
 * @param {Task} task
 * @param {import("../messages.js").Action} action
 * @returns {boolean} whether nobody cancelled it
 */
export function announce(when, { update }, action) {
  const detail = { seq: update.seq, action, urls: update.changes.map(({ url }) => url) };
  return dom.dispatchEvent(document, new CustomEvent(`hotreload:${when}-update`, { cancelable: when === "before", detail }));
}
