// Knows: errors of the page's scripts that nobody caught, from when this module runs: what failed earlier is not told
// by any browser. Refuses to know: what becomes of them.

/** @typedef {import("../messages.js").Log} Log */

/** A script that fails in a loop says so this often, and no more. */
const MOST = 50;
/** Characters of an error that are told. */
const LONGEST = 2_000;

/** @type {Log[]} those that could not be told yet */
const untold = [];
/** @type {(fault: Log) => boolean} */
let send = () => false;
let told = 0;

/** @param {unknown} error @param {string} [source] @param {number} [line] */
function tell(error, source, line) {
  if (told++ >= MOST) return;
  const text = String(error).slice(0, LONGEST);
  /** @type {Log} */
  const fault = { type: "log", level: "error", text, ...(source && { source }), ...(line && { line }) };
  if (!send(fault)) untold.push(fault);
}

addEventListener("error", ({ message, filename, lineno }) => tell(message, filename, lineno));
addEventListener("unhandledrejection", ({ reason }) => tell(reason));

/** @param {(fault: Log) => boolean} say whether there is somebody to hear it, as there is now */
export function tellFaults(say) {
  send = say;
  untold.splice(0).forEach(say);
}
