// Knows: the steps of an update in their order, and what is told of it. Refuses to know: how each of them is done.

import { loadTracker, patchDocument } from "../html/document-patch.js";
import { invite } from "../frames/frames.js";
import { CANCELLED, announce } from "./announce.js";
import { loadCSS } from "./on-demand.js";
import { NeedsReload } from "./needs-reload.js";
import { planFor } from "./planner.js";
import * as use from "./resources.js";
import { change as show } from "./apply.js";

export { loadCSS } from "./on-demand.js";
export { stockOf } from "../frames/frames.js";
export { moved } from "./address.js";

/** @typedef {import("./queue.js").Task} Task */
/** @typedef {import("../messages.js").Action} Action */
/**
 * @typedef {object} Callbacks
 * @property {(task: Task, reason: string) => Promise<unknown>} reload
 * @property {(task: Task, action: Action, detail?: string) => void} answer
 * @property {(about: string) => void} settled
 */

/** @param {Task} task @param {import("./planner.js").Page} page @param {Callbacks} callbacks */
export async function runUpdate(task, page, callbacks) {
  try {
    await showAll(task, page, callbacks);
  } catch (error) {
    if (!(error instanceof NeedsReload)) throw error;
    await callbacks.reload(task, error.message);
  }
}

/** @param {Task} task @param {import("./planner.js").Page} page @param {Callbacks} callbacks @returns {Promise<unknown>} */
async function showAll(task, page, { reload, answer, settled }) {
  const plan = await planFor(task.update, page);
  if ("reload" in plan) return reload(task, plan.reload);
  plan.unused.forEach(use.pass);
  if (plan.action === "unused") return answer(task, plan.action);
  if (!announce("before", task, plan.action)) return answer(task, "unused", CANCELLED);
  // The document first: what it does not use any more need not be updated.
  for (const change of plan.html) await patchDocument(change);
  const action = await show(plan);
  answer(task, action);
  settled("update");
  return announce("after", task, action);
}

/** What an update may need is loaded ahead. @param {boolean} canPatch whether the document can be patched */
export async function prepare(canPatch) {
  await Promise.all([invite(), canPatch ? loadTracker() : loadCSS(), import("../reload/full-reload.js")]);
}
