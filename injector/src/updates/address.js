// Knows: whether scripts have put another page in the place of the one that was loaded, as the address tells.
// Refuses to know: what is done about it.

import { pathOf } from "../dom/urls.js";
import { AS_NAVIGATION, namesOf } from "./usage.js";
import * as use from "./resources.js";

/** @typedef {import("../messages.js").Change} Change */
/** @typedef {import("./planner.js").Page} Page */

/** So many addresses are asked about. */
const MOST = 20;

/** The newest change of the document's file that was none of the page shown. @type {Change | undefined} */
let passed;

/** The address by now, without query and fragment, which make no other page; as `pathOf` spells it. */
export const shown = () => pathOf(location.href) ?? "";

/** Whether the address by now stands for a file: nothing of a page that was loaded from none. @param {string} url @param {Page} page */
export const standsFor = (url, { address }) => address !== "" && namesOf(url).includes(shown());

/** @param {string} path as it stands in the address @param {Page} page */
function isOwn(path, { address, file }) {
  const name = pathOf(path) ?? "";
  return name === address || namesOf(file).includes(name);
}

/**
 * Whose a change of the document's file is: that of the page shown (own), of one that scripts have put away (another),
 * or of one that they have put back, so that nobody knows what of the file is there (returned). Where the server gives
 * out the same file at another address, or has none, nothing but this page has stood there.
 * @param {Change} change
 * @param {Page} page
 * @returns {Promise<"own" | "another" | "returned">}
 */
export async function standing(change, page) {
  page.stood.add(location.pathname);
  const others = [...page.stood].filter((path) => !isOwn(path, page));
  passed = undefined;
  if (!others.length) return "own";
  if (!isOwn(location.pathname, page) && (await isAnother(location.pathname, change))) {
    passed = change;
    return "another";
  }
  const answers = others.length > MOST ? [true] : await Promise.all(others.map((path) => isAnother(path, change)));
  return answers.includes(true) ? "returned" : "own";
}

/**
 * Whether the server gives out another file than the changed one there.
 * @param {string} path
 * @param {Change} change
 */
async function isAnother(path, { digest }) {
  // As a navigation asks: an app's own page answers where there is no file.
  const { ok, headers } = await use.ask(path, { ...AS_NAVIGATION, method: "HEAD", cache: "no-store" });
  return ok && !(digest && headers.get("etag")?.startsWith(`"${digest}`));
}

/** Scripts, or the buttons of the browser, have changed the address. @param {Page} page */
export function moved(page) {
  page.stood.add(location.pathname);
  if (!passed || !isOwn(location.pathname, page)) return;
  use.tellLate(passed); // what is put back now may be older than the file
  passed = undefined;
}
