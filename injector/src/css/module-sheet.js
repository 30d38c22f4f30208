// Knows: how to reach the style sheet that a script imported. Older browsers cannot parse this module: import it late.
// Source: https://html.spec.whatwg.org/multipage/webappapis.html#creating-a-css-module-script

/**
 * The one sheet that every `import … with { type: "css" }` of this URL shares.
 * @param {string} url exactly as it was imported
 * @returns {Promise<CSSStyleSheet>}
 */
export async function moduleSheet(url) {
  return (await import(url, { with: { type: "css" } })).default;
}
