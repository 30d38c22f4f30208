// Knows: how to hand text to the browser's HTML parser on a page that enforces Trusted Types.
// https://w3c.github.io/trusted-types/dist/spec/

/** @type {{ createHTML(text: string): string } | undefined} */
let policy;

/**
 * The text as something that `DOMParser.parseFromString` accepts here.
 * @param {string} text the page's own source, as the server sent it
 * @returns {string}
 */
export function trustedHTML(text) {
  const types = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: object): { createHTML(text: string): string } } }} */ (
    /** @type {unknown} */ (globalThis)
  ).trustedTypes;
  if (!types) return text;
  policy ??= types.createPolicy("hotreload", { createHTML: (/** @type {string} */ html) => html });
  return policy.createHTML(text);
}
