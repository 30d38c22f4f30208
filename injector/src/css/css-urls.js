// Knows: where URLs stand in a piece of CSS. Refuses to know: what they name.
// Source: https://www.w3.org/TR/css-syntax-3/

/** Strings, comments and URLs of CSS text; the groups are a quoted URL's quote and text, or an unquoted one. */
const CSS_URL =
  /\/\*[^]*?\*\/|(?<![-\w])url\(\s*(?:(["'])((?:\\[^]|(?!\1)[^\\])*)\1\s*|((?:\\[^]|[^)\\\s])*)\s*)\)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'/gi;

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
