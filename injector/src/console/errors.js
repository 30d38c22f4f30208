// Knows: errors of the page's scripts that nobody caught, from when this module runs: what failed earlier is not told
// by any browser. Refuses to know: what becomes of them.

/** @typedef {import("../messages.js").Log} Log */

/** A script that fails in a loop says so this often, and no more. */
const MOST = 50;
/** Characters of an error that are told. */
const LONGEST = 2_000;

/** @type {Log[]} those that could not be told yet */
const unsent = [];
/** @type {(entry: Log) => boolean} */
let send = () => false;
let told = 0;

/** @param {unknown} error @param {string} [source] @param {number} [line] */
function report(error, source, line) {
  if (told++ >= MOST) return;
  const text = String(error).slice(0, LONGEST);
  /** @type {Log} */
  const entry = { type: "log", level: "error", text, ...(source && { source }), ...(line && { line }) };
  if (!send(entry)) unsent.push(entry);
}

addEventListener("error", ({ message, filename, lineno }) => report(message, filename, lineno));
addEventListener("unhandledrejection", ({ reason }) => report(reason));

/** @param {(entry: Log) => boolean} say whether there is somebody to hear it, as there is now */
export function reportErrors(say) {
  send = say;
  unsent.splice(0).forEach(say);
}
