// Knows: errors of the page's scripts that nobody caught, from when this module runs: what failed earlier is not told
// by any browser. Refuses to know: what becomes of them.

/** @typedef {import("./messages.js").Log} Log */

/** A script that fails in a loop says so this often, and no more. */
const MOST = 50;
/** Characters of an error that are told. */
const LONGEST = 2_000;

/** @type {Log[]} those that nobody has asked for yet */
const early = [];
/** @type {(fault: Log) => void} */
let report = (fault) => void early.push(fault);
let told = 0;

/** @param {unknown} error @param {string} [source] @param {number} [line] */
function tell(error, source, line) {
  if (told++ >= MOST) return;
  const text = String(error).slice(0, LONGEST);
  report({ type: "log", level: "error", text, ...(source && { source }), ...(line && { line }) });
}

addEventListener("error", ({ message, filename, lineno }) => tell(message, filename, lineno));
addEventListener("unhandledrejection", ({ reason }) => tell(reason));

/** @param {(fault: Log) => void} hear those to come, and those that there were */
export function onFault(hear) {
  report = hear;
  early.splice(0).forEach(hear);
}
