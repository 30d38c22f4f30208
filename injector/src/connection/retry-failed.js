// Knows: which files failed to load with the page and would load now: the network had lost them.
// Refuses to know: what is done about it.

import { dom } from "../dom/dom.js";
import * as use from "../updates/resources.js";

/** @typedef {import("../messages.js").Change} Change */
/** @typedef {import("../updates/resources.js").Use} Use */

/** As if it had been changed. @returns {Promise<Change[]>} */
export async function findRecovered() {
  const files = use.lacking().filter(isMissed);
  const there = await Promise.all(files.map(isThereNow));
  return files.filter((_, at) => there[at]).map(({ url }) => ({ url, kind: "modified" }));
}

/** A script of the page may have given up other things itself, or taken them away. @param {Use} file */
function isMissed({ by, href }) {
  if (by.has("css") || by.has("script")) return true;
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (dom.querySelectorAll(document, "link[rel~=stylesheet]"));
  if ([...links].some((link) => link.href === href)) return true;
  return [...dom.images(document)].some(({ complete, naturalWidth, currentSrc }) => complete && !naturalWidth && currentSrc === href);
}

/** What is blocked is blocked again. @param {Use} file @returns {Promise<boolean>} */
const isThereNow = ({ href }) =>
  use.ask(href, { method: "HEAD" }).then(
    ({ ok }) => ok,
    () => false,
  );
