// Knows: which source rule a live rule probably came from when the old source is not to be had: what prints as a new rule
// does is that one, and the rest is what the CSSOM says. Refuses to know: how rules are changed.
// Source: https://www.w3.org/TR/cssom-1/#serialize-a-css-rule

import { longestCommonSubsequence } from "./lcs.js";
import { isLossy, parse } from "./rules.js";
import { parseRules } from "./parser.js";

/** @typedef {import("./parser.js").Item} Item */
/** @typedef {import("./rules.js").Shown} Shown */

/**
 * @param {CSSStyleSheet} sheet
 * @param {string} text the new source
 * @returns {Shown[]}
 */
export function recoverRules(sheet, text) {
  const items = parseRules(text);
  const parsed = parse(items);
  const prints = items.map((item, i) => (/^@(?:import|namespace)\b/i.test(item.head) ? asPrinted(item.text) : (parsed[i]?.cssText ?? "")));
  const live = [...sheet.cssRules];
  const found = longestCommonSubsequence(prints, live.map((rule) => rule.cssText));
  return live.map((rule, i) => ({ item: (!isLossy(rule) && items[found[i] ?? -1]) || asItem(rule), rule }));
}

/**
 * @param {CSSRule} rule
 * @returns {Item}
 */
function asItem(rule) {
  return parseRules(rule.cssText)[0] ?? { text: "", head: "", body: null };
}

/**
 * An import or a namespace as the CSSOM prints it, in all but unusual spellings.
 * @param {string} text
 * @returns {string}
 */
function asPrinted(text) {
  return text.replace(/(?:url\(\s*)?(["']?)([^"'()\s;]+)\1(?:\s*\))?\s*([^"'()]*);$/i, (_, __, url, rest) =>
    `url("${url}")${rest && ` ${rest.trim()}`};`,
  );
}
