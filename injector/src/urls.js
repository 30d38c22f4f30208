// Knows: whether a URL in the page names a file on this server, and how to write a URL that no cache has seen.
// Refuses to know: who holds the URL. Sources: https://url.spec.whatwg.org/ and the URL token of https://www.w3.org/TR/css-syntax-3/

/** The query parameter that makes a URL new. The server looks at the path only. */
const FRESH = "hotreload";

/**
 * Firefox makes all sheets and pictures that a document has under one URL from what that URL gave first, whatever its
 * file is by then and the HTTP cache holds (Gecko: `HasLoaded` in SharedSubResourceCache.h, `LoadId` in imgLoader.cpp).
 */
export const remembersURLs = CSS.supports("-moz-appearance", "none");

/** Strings, comments and URLs of CSS text; the groups are a quoted URL's quote and text, or an unquoted one. */
const CSS_URL =
  /\/\*[^]*?\*\/|(?<![-\w])url\(\s*(?:(["'])((?:\\[^]|(?!\1)[^\\])*)\1\s*|((?:\\[^]|[^)\\\s])*)\s*)\)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'/gi;

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
export function pathOf(url, base = document.baseURI) {
  if (!url) return null;
  const parsed = URL.canParse(url, base) ? new URL(url, base) : null;
  return parsed?.origin === location.origin && parsed.protocol !== "blob:" ? plain(parsed.pathname) : null;
}

/**
 * A file's URL, whatever `<base href>` the page has.
 * @param {string} url as the server names a file: a path
 * @returns {string}
 */
export function absolute(url) {
  return new URL(url, location.origin).href;
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

/**
 * Every URL in a piece of CSS.
 * @param {string} text rules or declarations
 * @returns {Generator<string>}
 */
export function* urlsIn(text) {
  for (const [, , quoted, bare] of text.matchAll(CSS_URL)) {
    const url = unescaped(quoted ?? bare ?? "");
    if (url) yield url;
  }
}

/**
 * A piece of CSS with its URLs rewritten.
 * @param {string} text rules or declarations
 * @param {(url: string) => string} rewrite gives back the same URL to leave it alone
 * @returns {string}
 */
export function withURLs(text, rewrite) {
  return text.replace(CSS_URL, (whole, _, quoted, bare) => {
    const url = unescaped(quoted ?? bare ?? "");
    const next = url && rewrite(url);
    return next === url ? whole : `url(${JSON.stringify(next)})`;
  });
}

/**
 * CSS Syntax 4.3.7: a backslash and up to six hex digits, or a backslash and the character itself.
 * @param {string} text
 * @returns {string}
 */
function unescaped(text) {
  return text.replace(/\\(?:([0-9a-f]{1,6})\s?|\n|([^]))/gi, (_, hex, character) =>
    hex ? String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)) : (character ?? ""),
  );
}
