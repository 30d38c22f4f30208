// Knows: which source rule each live CSS rule came from, and how to make a live list follow a new source, rule by rule.
// Refuses to know: which sheet it is and where texts come from. Source: https://www.w3.org/TR/cssom-1/#css-rules
// Rules that the page's scripts inserted, and declarations that they set, stay: only what changed in the source changes.

import { matchEntries } from "./lcs.js";
import { isConstructed } from "./sheets.js";
import { isDeclarations, parseRules, parseBlock } from "./parser.js";

/** @typedef {import("./parser.js").Item} Item */
/** @typedef {CSSStyleSheet | CSSGroupingRule | CSSStyleRule} Container */
/**
 * @typedef {object} Shown a source rule and its live one
 * @property {Item} item
 * @property {CSSRule | null} rule null when the browser takes the item for an error
 * @property {boolean} [removed] by a script; then `rule` is null
 */

const IMPORT = /^@import\b/i;
const GROUP = /^@(?:media|supports|layer|container|scope|starting-style)\b/i;
const LEADING = /^@(?:import|namespace)\b/i;
const LAYERS = /^@layer\b/i;
const NAMESPACE = /^@namespace\b/i;

/** @type {WeakMap<Container, Shown[]>} */
const state = new WeakMap();

/** Parses only: a constructed sheet that nothing adopts. */
const bench = new CSSStyleSheet();

/** Thrown when a live list cannot follow: an import or a namespace changed, or the browser reads the text otherwise. */
export class Unpatchable extends Error {}

/**
 * Whether it is known which source each rule of the sheet came from.
 * @param {CSSStyleSheet} sheet
 * @returns {boolean}
 */
export function isAdopted(sheet) {
  return state.has(sheet);
}

/**
 * Learns which source rule each live rule came from. Fails when the text is not what the sheet was made from.
 * @param {CSSStyleSheet} sheet
 * @param {string} text
 * @param {boolean} mayHaveMore whether live rules that are not in the text are taken for the page's own
 * @returns {boolean} whether the text is what the sheet was made from
 */
export function adopt(sheet, text, mayHaveMore) {
  const items = parseRules(text);
  const shown = match(sheet, items, parse(items));
  const live = shown?.filter((each) => each.rule).length;
  if (!shown || (live !== sheet.cssRules.length && !mayHaveMore)) return false;
  state.set(sheet, shown);
  return true;
}

/**
 * Takes another's word for which source rule each live rule came from.
 * @param {CSSStyleSheet} sheet
 * @param {Shown[]} shown
 */
export function adoptAs(sheet, shown) {
  state.set(sheet, shown);
}

/**
 * The live rule of each item, found in order; undefined when one of them is missing.
 * @param {Container} container
 * @param {Item[]} items
 * @param {(CSSRule | null)[]} parsed the same items as the browser parses them
 * @returns {Shown[] | undefined}
 */
function match(container, items, parsed) {
  const live = [...container.cssRules];
  let next = 0;
  /** @type {Shown[]} */
  const shown = [];
  for (const [i, item] of items.entries()) {
    const wanted = parsed[i];
    const at = wanted ? find(live, next, wanted, item) : imported(live, next, item);
    if (at < 0 && wanted) return undefined;
    const rule = live[at] ?? null;
    shown.push({ item, rule });
    if (rule) next = at + 1;
  }
  return shown;
}

/**
 * @param {CSSRule[]} live
 * @param {number} from
 * @param {CSSRule} wanted
 * @param {Item} item
 * @returns {number} -1 when there is none
 */
function find(live, from, wanted, item) {
  const outline = print(wanted);
  return live.findIndex((rule, i) => i >= from && print(rule) === outline && matchBlock(rule, wanted, item));
}

/**
 * An at-rule's rules are matched one by one, as scripts may have inserted some.
 * @param {CSSRule} rule
 * @param {CSSRule} wanted
 * @param {Item} item
 * @returns {boolean}
 */
function matchBlock(rule, wanted, item) {
  if (!isGroup(rule) || !isGroup(wanted) || item.body === null) return true;
  const parts = parseBlock(item.body);
  if (parts.length !== wanted.cssRules.length) return rule.cssText === wanted.cssText;
  const shown = match(rule, parts, [...wanted.cssRules]);
  if (shown) state.set(rule, shown);
  return Boolean(shown);
}

/**
 * @param {CSSRule[]} live
 * @param {number} from
 * @param {Item} item
 * @returns {number} -1 when it is no import
 */
function imported(live, from, item) {
  return IMPORT.test(item.head) && live[from] instanceof CSSImportRule ? from : -1;
}

/**
 * @param {CSSRule | undefined} rule
 * @returns {rule is CSSGroupingRule}
 */
function isGroup(rule) {
  return Boolean(rule && "insertRule" in rule && !("style" in rule));
}

/**
 * What two rules are compared by: all of it, but of an at-rule with rules in it only what stands before them.
 * @param {CSSRule} rule
 * @returns {string}
 */
function print(rule) {
  return isGroup(rule) ? rule.cssText.slice(0, rule.cssText.indexOf("{")) : rule.cssText;
}

/**
 * Whether the CSSOM dropped values: a longhand of a shorthand that holds `var()` is printed without one.
 * @param {CSSRule} rule
 * @returns {boolean}
 */
export function isLossy(rule) {
  return /: ;/.test(rule.cssText);
}

/**
 * Each item as the browser parses it; null for imports and for what it takes for an error.
 * @param {Item[]} items
 * @returns {(CSSRule | null)[]}
 */
export function parse(items) {
  const spaces = namespaces(items);
  // In Firefox a prefix counts in a rule that is inserted only if the sheet's own text has declared it.
  bench.replaceSync(spaces.map(({ text }) => text).join("\n"));
  const declared = new Map(spaces.map((item, i) => [item, bench.cssRules[i] ?? null]));
  return items.map((item) => declared.get(item) ?? (IMPORT.test(item.head) ? null : insert(bench, item.text, bench.cssRules.length)));
}

/**
 * Those that count: a rule of any other kind before them ends them.
 * @param {Item[]} items
 * @returns {Item[]}
 */
function namespaces(items) {
  const end = items.findIndex(({ head }) => !LEADING.test(head) && !LAYERS.test(head));
  return items.slice(0, end < 0 ? items.length : end).filter(({ head }) => NAMESPACE.test(head));
}

/**
 * Makes a live sheet follow a new source.
 * @param {CSSStyleSheet} sheet that was adopted
 * @param {string} text the new source
 * @throws {Unpatchable} before anything was changed
 */
export function follow(sheet, text) {
  const items = parseRules(text);
  const shown = state.get(sheet) ?? [];
  if (!isConstructed(sheet) && leading(items) !== leading(shown.map((each) => each.item))) {
    throw new Unpatchable("an import or a namespace changed");
  }
  patch(sheet, shown, items);
}

/**
 * The part of a sheet that `insertRule` cannot change: imports, namespaces, and the layers named before them.
 * @param {Item[]} items
 * @returns {string}
 */
function leading(items) {
  const last = items.findLastIndex((item) => LEADING.test(item.head));
  return items
    .slice(0, last + 1)
    .filter((item) => LEADING.test(item.head) || LAYERS.test(item.head))
    .map((item) => item.text)
    .join("\n");
}

/**
 * Whether as many rules are live as the browser reads in the source. It costs a parse: after the change, at leisure.
 * @param {CSSStyleSheet} sheet
 * @returns {boolean}
 */
export function isFaithful(sheet) {
  const shown = (state.get(sheet) ?? []).filter(({ item }) => !IMPORT.test(item.head));
  bench.replaceSync(shown.map(({ item }) => item.text).join("\n"));
  return shown.filter(({ rule, removed }) => rule || removed).length === bench.cssRules.length;
}

/**
 * @param {Container} container
 * @param {Shown[]} shown
 * @param {Item[]} items
 */
function patch(container, shown, items) {
  const pairs = matchEntries(shown.map((each) => each.item), items, ({ text }) => text, ({ head }) => head);
  const live = [...container.cssRules];
  let at = removeGone(container, live, shown, pairs);
  /** @type {Shown[]} */
  const result = [];
  for (const [j, item] of items.entries()) {
    const old = shown[pairs[j] ?? -1];
    const here = old?.rule ? live.indexOf(old.rule, at) : -1;
    if (old?.item.text === item.text) {
      result.push(here < 0 && old.rule ? { item, rule: null, removed: true } : { ...old, item });
      if (here >= 0) at = here + 1;
      continue;
    }
    if (here >= 0) at = here;
    const rule = change(container, old, here, item, at);
    live.splice(at, here < 0 ? 0 : 1, ...(rule ? [rule] : []));
    if (rule) at++;
    result.push({ item, rule });
  }
  state.set(container, result);
}

/**
 * Removes the rules that the new source does not have.
 * @param {Container} container
 * @param {CSSRule[]} live shortened as the container's list is
 * @param {Shown[]} shown
 * @param {number[]} pairs the old index of each new one, or -1
 * @returns {number} where the first rule of the source stands, or stood
 */
function removeGone(container, live, shown, pairs) {
  const ours = new Set(shown.map((each) => each.rule));
  const first = live.findIndex((rule) => ours.has(rule));
  const keep = new Set(pairs);
  for (const [i, { rule }] of shown.entries()) {
    const at = rule && !keep.has(i) ? live.indexOf(rule) : -1;
    if (at < 0) continue;
    container.deleteRule(at);
    live.splice(at, 1);
  }
  return Math.max(first, 0);
}

/**
 * The live rule of a new or changed source rule.
 * @param {Container} container
 * @param {Shown | undefined} old
 * @param {number} here where the old one stands, or -1
 * @param {Item} item
 * @param {number} at where the new one goes
 * @returns {CSSRule | null} null when the browser takes it for an error
 */
function change(container, old, here, item, at) {
  if (old?.rule && here >= 0 && changeInPlace(old.rule, old.item, item)) return old.rule;
  const rule = insert(container, item.text, at);
  if (here >= 0) container.deleteRule(rule ? here + 1 : here);
  return rule;
}

/**
 * @param {Container} container
 * @param {string} text
 * @param {number} at
 * @returns {CSSRule | null} null when the browser takes it for an error
 */
function insert(container, text, at) {
  try {
    container.insertRule(text, at);
  } catch (error) {
    // In a block it may also be that `insertRule` cannot do what the parser can.
    if (!(container instanceof CSSStyleSheet)) throw new Unpatchable(String(error));
    return null;
  }
  return container.cssRules[at] ?? null;
}

/**
 * @param {CSSRule} rule
 * @param {Item} old
 * @param {Item} now with the same head
 * @returns {boolean} false when the rule must be replaced
 */
function changeInPlace(rule, old, now) {
  if (isDeclarations(old) && "style" in rule) return declare(styleOf(rule), old.text, now.text);
  if (old.body === null || now.body === null) return false;
  const before = parseBlock(old.body);
  const after = parseBlock(now.body);
  if (GROUP.test(now.head)) return isGroup(rule) && changeBlock(rule, before, after);
  if (now.head.startsWith("@") || !(rule instanceof CSSStyleRule)) return false;
  const [own, next] = [ownDeclarations(before), ownDeclarations(after)];
  return changeBlock(rule, before, after) && declare(rule.style, own, next);
}

/**
 * Takes the declarations that stand before all nested rules.
 * @param {Item[]} parts shortened
 * @returns {string}
 */
function ownDeclarations(parts) {
  return parts[0] && isDeclarations(parts[0]) ? (parts.shift()?.text ?? "") : "";
}

/**
 * @param {CSSRule} rule
 * @returns {CSSStyleDeclaration}
 */
function styleOf(rule) {
  return /** @type {CSSStyleRule} */ (rule).style;
}

/**
 * @param {CSSGroupingRule | CSSStyleRule} rule
 * @param {Item[]} old
 * @param {Item[]} now
 * @returns {boolean} false when it is not known which live rule is which
 */
function changeBlock(rule, old, now) {
  const shown = state.get(rule) ?? (rule.cssRules.length === old.length ? zip(old, rule.cssRules) : null);
  if (!shown) return false;
  try {
    patch(rule, shown, now);
    return true;
  } catch (error) {
    if (error instanceof Unpatchable) return false;
    throw error;
  }
}

/**
 * @param {Item[]} items
 * @param {CSSRuleList} rules
 * @returns {Shown[]}
 */
function zip(items, rules) {
  return items.map((item, i) => ({ item, rule: rules[i] ?? null }));
}

/**
 * Gives a rule the declarations of the new source, then again what scripts had set and the source did not change.
 * @param {CSSStyleDeclaration} style
 * @param {string} old
 * @param {string} now
 * @returns {true}
 */
function declare(style, old, now) {
  if (old === now) return true;
  const before = declared(old);
  const own = style.cssText === before.cssText ? [] : differing(style, before);
  style.cssText = now;
  if (!own.length) return true;
  const after = declared(now);
  for (const [name, value, priority] of own) {
    if (after.getPropertyValue(name) === before.getPropertyValue(name)) style.setProperty(name, value, priority);
  }
  return true;
}

/**
 * @param {string} text
 * @returns {CSSStyleDeclaration}
 */
function declared(text) {
  const sheet = new CSSStyleSheet();
  sheet.insertRule("x{}");
  const style = styleOf(/** @type {CSSRule} */ (sheet.cssRules[0]));
  style.cssText = text;
  return style;
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {CSSStyleDeclaration} before
 * @returns {[string, string, string][]} name, value ("" when removed) and priority
 */
function differing(style, before) {
  return [...new Set([...style, ...before])]
    .map((name) => /** @type {[string, string, string]} */ ([name, style.getPropertyValue(name), style.getPropertyPriority(name)]))
    .filter(([name, value, priority]) => value !== before.getPropertyValue(name) || priority !== before.getPropertyPriority(name));
}

/**
 * Another rule stands for the same source now.
 * @param {CSSRule} old
 * @param {CSSRule} rule in its place
 */
export function succeed(old, rule) {
  const container = /** @type {Container | null} */ (rule.parentRule ?? rule.parentStyleSheet);
  const shown = container && state.get(container)?.find((each) => each.rule === old);
  if (shown) shown.rule = rule;
}

/**
 * Rewrites the declarations of a rule whose values the CSSOM does not tell, from its source.
 * @param {CSSRule} rule
 * @param {(text: string) => string} rewrite
 * @returns {boolean} whether anything was rewritten
 */
export function rewriteSource(rule, rewrite) {
  const container = /** @type {Container | null} */ (rule.parentRule ?? rule.parentStyleSheet);
  const item = container && state.get(container)?.find((each) => each.rule === rule)?.item;
  if (!item) return false;
  const own = isDeclarations(item) ? item.text : ownDeclarations(parseBlock(item.body ?? ""));
  const next = rewrite(own);
  return own !== next && declare(styleOf(rule), own, next);
}
