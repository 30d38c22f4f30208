// Knows: how a live element is looked at next to the source element that it was made from: what of it counts, and what a
// look costs. Refuses to know: what a difference means.
import { dom } from "../../dom/dom.js";
import { stale } from "../../dom/urls.js";

/** What a look at a node costs, in steps. */
export const LOOK = 0.25;
/** Text that nobody sees, and what is ours. */
const SILENT = "style,script,hotreload-status";
/** What people open and close. */
const OPENED = "details,dialog";

/** Whether nobody sees its text. @param {Element} element */
export const isSilent = (element) => dom.matches(element, SILENT);

/** Where a browser has to be given another address in order to load a file again, that is no script's work. @param {string | null} live @param {string} value */
const isSame = (live, value) => live === value || (live !== null && live.includes("hotreload=") && stale(live) === value);

/** The names of the attributes in which two elements differ. @param {Element} o @param {Element} live @returns {string[]} */
export function differing(o, live) {
  const [from, to] = [dom.attributes(o), dom.attributes(live)];
  const isOpening = dom.matches(live, OPENED);
  const found = [];
  for (const { name, value } of from) {
    if (name !== "nonce" && !isSame(dom.getAttribute(live, name), value) && !(isOpening && name === "open")) found.push(name);
  }
  for (const { name } of to) if (!dom.hasAttribute(o, name) && name !== "nonce" && !(isOpening && name === "open")) found.push(name);
  return found;
}
