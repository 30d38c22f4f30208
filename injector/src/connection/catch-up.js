// Knows: how a page tells the server up to which update it is current, and when that does not do, what all of its files are.
// Refuses to know: when that is (sequence.js), and what an update does.

import { digest } from "../html/document-source.js";
import { served } from "../tag.js";
import { inventory } from "../updates/resources.js";
import { Sequence } from "./sequence.js";

/** @typedef {Record<string, string | null>} Versions digests by URL path; null: not known */
/**
 * @typedef {object} Callbacks
 * @property {(message: import("../messages.js").Page) => void} say
 * @property {(update: import("../messages.js").Update) => void} apply
 * @property {(reason: string) => void} reload
 * @property {import("../updates/queue.js").Queue} queue
 * @property {(own: Versions) => Promise<Versions>} withFrames
 */

/** @param {Callbacks} callbacks @returns {Sequence} */
export function followServer({ say, apply, reload, queue, withFrames }) {
  const { run, seq, file } = served;
  const sequence = new Sequence(run, seq, { introduce: () => introduce(), compare: () => void compare(), apply });

  /** @param {Versions} [resources] */
  function introduce(resources) {
    const url = location.pathname + location.search;
    say({ type: "page", url, run: sequence.run, seq: sequence.seq, file, ...(resources && { resources }) });
  }

  async function compare() {
    if (!file) return reload("no file is known for this address");
    await queue.finished(); // what has come already is not to follow what differs
    const own = { ...(await inventory()), [file]: digest };
    introduce(await withFrames(own).catch(() => own)); // the server may be gone again
    sequence.compared();
  }

  return sequence;
}
