// Knows: when a page reloads for an update, when that is of no use, and what is told of it.
// Refuses to know: how a page is reloaded, and what is kept (reload.js).

import { CANCELLED, announce } from "../updates/announce.js";
import { isRepeated, reload } from "./reload.js";

/** @typedef {import("../updates/queue.js").Task} Task */
/**
 * @typedef {object} Page
 * @property {(task: Task, action: import("../messages.js").Action, detail?: string) => void} answer
 * @property {import("../connection/sequence.js").Sequence} sequence
 * @property {import("../connection/lost-requests.js").LostRequests} outage
 * @property {WeakSet<EventTarget>} edited what a person has written in
 * @property {{ isLeaving: boolean }} leaving whether it has begun
 */

/** @param {Task} task @param {string} reason @param {Page} page */
export async function fullReload(task, reason, page) {
  const { answer, sequence } = page;
  try {
    if (announce("before", task, "reload")) await leave(task, reason, page);
    else answer(task, "unused", CANCELLED);
  } catch (error) {
    answer(task, "failed", `${reason}, but the page cannot reload: ${error}`);
    sequence.stray();
  }
}

/** @param {Task} task @param {string} reason @param {Page} page */
async function leave(task, reason, { answer, sequence, outage, edited, leaving }) {
  const repeated = isRepeated(`${sequence.run}-${task.update.seq}${task.silent ? "-late" : ""}`);
  // Who is kept from the new page hears of the update as soon as there is a connection.
  if (!task.order && repeated && outage.openings === 1) {
    return answer(task, "failed", `${reason}, and a full reload did not show it`);
  }
  answer(task, "reload", reason);
  sequence.stray(); // if it is this page that a person comes back to
  leaving.isLeaving = true;
  await reload(task.update.changes.map(({ url }) => url), edited);
  leaving.isLeaving = false; // a person has refused
}
