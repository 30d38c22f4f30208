// Knows: the selectors of the rules in which two texts of a style sheet differ. Refuses to know: what they select. Pure.
import { parseRules } from "./parser.js";

/** They hold rules, and select nothing by themselves. */
const GROUP = /^@(media|supports|layer|container|scope|starting-style)\b/i;

/**
 * @param {string} from
 * @param {string} to
 * @returns {string[]} each once
 */
export function changedSelectors(from, to) {
  const [old, now] = [rulesOf(from), rulesOf(to)];
  const [oldTexts, texts] = [old, now].map((rules) => new Set(rules.map(({ text }) => text)));
  const changed = [...old.filter(({ text }) => !texts?.has(text)), ...now.filter(({ text }) => !oldTexts?.has(text))];
  return [...new Set(changed.map(({ head }) => head.trim()).filter((head) => head && !head.startsWith("@")))];
}

/** @param {string} text @returns {import("./parser.js").Item[]} those in groups, too */
const rulesOf = (text) => parseRules(text).flatMap((item) => (item.body !== null && GROUP.test(item.head.trim()) ? rulesOf(item.body) : [item]));
