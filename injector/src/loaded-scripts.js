// Knows: the texts of the scripts that the page has loaded, as far as they can be read. Refuses to know: what stands in
// them. Scripts in the document itself are in its source.
import { ask } from "./uses.js";
import { OWN_PATH } from "./messages.js";

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

/** Reads what has been loaded since the last time, as the browser keeps it. */
export async function read() {
  const news = [...new Set(addresses())].filter((address) => !texts.has(address));
  await Promise.all(news.map(async (address) => texts.set(address, await textOf(address))));
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

/** What has been read. @returns {Loaded} */
export function loaded() {
  const all = [...new Set(addresses())].map((address) => texts.get(address) ?? null);
  const isComplete = all.every((text) => text !== null) && performance.getEntriesByType("resource").length < BUFFERED;
  return { texts: all.filter((text) => text !== null), isComplete };
}
