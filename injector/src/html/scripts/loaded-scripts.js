// Knows: the texts of the scripts that the page has loaded, as far as they can be read. Refuses to know: what stands in
// them. Scripts in the document itself are in its source.
import { ask } from "../../updates/resources.js";
import { OWN_PATH } from "../../messages.js";

/** @typedef {import("./references.js").Loaded} Loaded */

/** Browsers keep this many entries of what was requested. */
const BUFFERED = 250;
const SCRIPT = /\.(m?jsx?|m?tsx?|vue|svelte)$/i;

/** @type {Map<string, string | null>} by address; null: it cannot be read */
const texts = new Map();

/** @returns {string[]} */
function addresses() {
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
  const scripts = entries.filter(({ name, initiatorType }) => initiatorType === "script" || SCRIPT.test(new URL(name).pathname));
  return scripts.map(({ name }) => name).filter((name) => !new URL(name).pathname.startsWith(OWN_PATH));
}

/** How many requests the browser had noted at the last look, and what was read then. */
let [noted, last] = [-1, /** @type {Loaded} */ ({ texts: [], isComplete: false })];

/** Reads what has been loaded since the last time, as the browser keeps it. @returns {Promise<Loaded>} all that has been read */
export async function read() {
  const { length } = performance.getEntriesByType("resource");
  if (length === noted) return last;
  const all = [...new Set(addresses())];
  const news = all.filter((address) => !texts.has(address));
  await Promise.all(news.map(async (address) => texts.set(address, await textOf(address))));
  const known = all.map((address) => texts.get(address) ?? null);
  last = { texts: known.filter((text) => text !== null), isComplete: !known.includes(null) && length < BUFFERED };
  noted = length;
  return last;
}

/** @param {string} address @returns {Promise<string | null>} */
async function textOf(address) {
  if (new URL(address).origin !== location.origin) return null;
  try {
    const response = await ask(address, { cache: "force-cache" });
    return response.ok ? await response.text() : null;
  } catch {
    return null; // neither kept nor there any more
  }
}
