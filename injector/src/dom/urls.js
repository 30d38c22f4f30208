// Knows: whether a URL in the page names a file on this server, and how to write a URL that no cache has seen.
// Refuses to know: who holds the URL. Source: https://url.spec.whatwg.org/

import { dom } from "./dom.js";

/** The query parameter that makes a URL new. The server looks at the path only. */
const FRESH = "hotreload";

/**
 * Firefox makes all sheets and pictures that a document has under one URL from what that URL gave first, whatever its
 * file is by then and the HTTP cache holds (Gecko: `HasLoaded` in SharedSubResourceCache.h, `LoadId` in imgLoader.cpp).
 */
export const remembersURLs = CSS.supports("-moz-appearance", "none");

/**
 * A URL path in the one spelling that all paths are compared in: decoded, without empty segments.
 * @param {string} pathname
 * @returns {string}
 */
export function plain(pathname) {
  const path = pathname.replace(/\/\/+/g, "/");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * The path of a file on this server that a URL names, or null for another server's.
 * @param {string | null | undefined} url as it stands in the page
 * @param {string | URL} [base] what it is relative to
 * @returns {string | null} as `plain` spells it
 */
export function pathOf(url, base = dom.baseURI(document)) {
  if (!url) return null;
  const parsed = URL.canParse(url, base) ? new URL(url, base) : null;
  return parsed?.origin === self.origin && parsed.protocol !== "blob:" ? plain(parsed.pathname) : null;
}

/**
 * A file's URL, whatever `<base href>` the page has.
 * @param {string} url as the server names a file: a path
 * @returns {string}
 */
export function absolute(url) {
  return new URL(url, self.origin).href;
}

/**
 * The same URL as no cache has seen it; query and fragment stay, and relative stays relative.
 * @param {string} url
 * @param {string} version what makes it new: the digest of the file's content
 * @returns {string}
 */
export function fresh(url, version) {
  const [, address = "", query = "", fragment = ""] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(stale(url)) ?? [];
  return `${address}${query ? `${query}&` : "?"}${FRESH}=${version}${fragment}`;
}

/**
 * The URL as the page's author wrote it: `fresh` undone.
 * @param {string} url
 * @returns {string}
 */
export function stale(url) {
  return url.replace(/([?&])hotreload=\w*(&|(?=#|$))/, (_, before, after) => (after ? before : ""));
}
