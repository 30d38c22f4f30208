// Knows: whether and how the page uses a file that has changed, from what it has requested (resources.js).
// Refuses to know: what is done with the change.
import { isDocument } from "./file-kinds.js";
import { dom } from "../dom/dom.js";
import { EVERYTHING } from "../messages.js";
import { pathOf } from "../dom/urls.js";
import { FRAMES, isIncomplete, isRequestedBelow, useOf } from "./resources.js";

/** @typedef {import("../messages.js").Change} Change */

/**
 * All names under which a server gives out a file: /a/index.html is /a/ and /a too,
 * /b.html is /b, and where nothing else is /b/ that leads to it.
 * @param {string} url
 * @returns {string[]}
 */
export function namesOf(url) {
  const name = pathOf(url, self.origin) ?? "";
  const folder = name.match(/^(.*)\/index\.html$/)?.[1];
  const bare = name.match(/^(.*)\.html$/)?.[1];
  return [name, ...(folder === undefined ? [] : [folder + "/", folder]), ...(bare ? [bare, bare + "/"] : [])];
}

/**
 * Whether this page uses a changed file in any way but as a frame of its own or for a later visit.
 * @param {Change} change
 * @returns {boolean}
 */
export function uses(change) {
  return initiators(change).length > 0;
}

/**
 * Whether anything but style sheets may have asked for the file, so that it may have been read.
 * @param {Change} change
 * @returns {boolean}
 */
export function mayHaveRead(change) {
  return initiators(change).some((by) => by !== "css" && by !== "link");
}

/** Whether a style sheet has asked for the file. @param {Change} change */
export const isInStyle = (change) => initiators(change).includes("css");

/** @param {Change} change @returns {string[]} the ways in which the page came to request it */
function initiators(change) {
  if (change.url === EVERYTHING) return [EVERYTHING];
  const ways = namesOf(change.url).flatMap((name) => [...(useOf(name)?.by ?? [])]);
  if (isDocument(change.url)) return ways.filter((by) => !VISITS.test(by));
  const found = /\.svg$/i.test(change.url) ? ways.filter((by) => !FRAMES.has(by)) : ways;
  if (isRequestedBelow(change)) found.push("via");
  if (isAskedByBrowser(change.url)) found.push("browser");
  if (isIncomplete) found.push("unknown");
  return found;
}

/** A linked document is for a later visit; one in a frame or the like has a client of its own. */
const VISITS = /^(link|i?frame|object|embed)$/;

/** How a script asks for a document as a navigation does: the answer has the tag. Twin of hotreload/http/fetch_metadata.py. */
export const AS_NAVIGATION = { mode: /** @type {const} */ ("same-origin"), headers: { accept: "text/html,application/xhtml+xml" } };


/**
 * Manifests, icons and service workers are requested by the browser, not by the page.
 * @param {string} url
 */
function isAskedByBrowser(url) {
  const links = [...dom.querySelectorAll(document, 'link[href][rel~="icon"], link[href][rel="manifest"]')];
  const urls = links.map((link) => /** @type {HTMLLinkElement} */ (link).href);
  const worker = navigator.serviceWorker?.controller?.scriptURL;
  return [...urls, ...(worker ? [worker] : [])].some((each) => pathOf(each) === pathOf(url));
}

/** Whether the server had no such file when this page asked for it. @param {string} url */
export function isMissing(url) {
  return namesOf(url).some((name) => useOf(name)?.missing);
}

/** The change in words. @param {Change} change */
export const reasonFor = ({ url, kind }) => (url === EVERYTHING ? "a file that every page uses was changed" : `${url} was ${kind}`);
