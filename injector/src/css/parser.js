// Knows: where one CSS rule ends and the next begins.
// Refuses to know: what the rules mean. Pure. Source: https://www.w3.org/TR/css-syntax-3/#parsing
// The text is what is compared, as the CSSOM drops it: `padding: var(--a); padding-left: 0` comes back without `var(--a)`.

/**
 * @typedef {object} Item one rule, or a run of declarations in a rule
 * @property {string} text all of it
 * @property {string} head what stands before the block: selectors, or an at-rule's name and condition
 * @property {string | null} body what stands in the block; null for a statement and for declarations
 */

const SPACE = /(?:\s|\/\*[^]*?(?:\*\/|$))*/y;
/** The marks that hid style sheets from the first browsers mean nothing between rules, and are wrong inside of one. */
const SPACE_AT_TOP = /(?:\s|\/\*[^]*?(?:\*\/|$)|<!--|-->)*/y;
const TOKEN =
  /\/\*[^]*?(?:\*\/|$)|\\[^]|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|(?<![-\w])url\(\s*(?!["'\s])(?:\\[^]|[^)\\])*\)?|[{}()[\];]/gi;
/** @type {Record<string, string>} */
const CLOSE = { "{": "}", "(": ")", "[": "]" };
/** A rule without strings, comments, escapes, URLs and rules in it, which is most rules: one match instead of many. */
const PLAIN =
  /([^{}()[\]"'\\/;@]*(?:\([^{}()[\]"'\\/;]*\)[^{}()[\]"'\\/;@]*)*)\{([^{}()[\]"'\\/]*(?:\([^{}()[\]"'\\/]*\)[^{}()[\]"'\\/]*)*)\}/y;
const CHARSET = /^@charset "[^"]*";/;
const CUSTOM_PROPERTY = /^--[^\s:{]*\s*:/;

/**
 * The rules of a style sheet, in order.
 * @param {string} text
 * @returns {Item[]}
 */
export function parseRules(text) {
  return [...items(text.replace(CHARSET, ""), false)];
}

/**
 * What stands in a rule's block: rules, and the runs of declarations between them.
 * @param {string} body
 * @returns {Item[]}
 */
export function parseBlock(body) {
  if (!body.includes("{")) return body.trim() ? [declarations(body)] : [];
  /** @type {Item[]} */
  const parts = [];
  for (const item of items(body, true)) {
    const last = parts.at(-1);
    if (isDeclarations(item) && last && isDeclarations(last)) last.text += item.text;
    else parts.push(item);
  }
  return parts;
}

/**
 * Whether an item is a run of declarations.
 * @param {Item} item
 * @returns {boolean}
 */
export function isDeclarations(item) {
  return item.body === null && !item.head;
}

/**
 * @param {string} text
 * @returns {Item}
 */
function declarations(text) {
  return { text, head: "", body: null };
}

/**
 * @param {string} text
 * @param {boolean} inBlock where a semicolon ends a declaration
 * @returns {Generator<Item>}
 */
function* items(text, inBlock) {
  let start = skipSpace(text, 0, inBlock);
  while (start < text.length) {
    const { item, at } = plain(text, start) ?? endOf(text, start, inBlock);
    yield item;
    start = skipSpace(text, at, inBlock);
  }
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {{ item: Item, at: number } | null}
 */
function plain(text, start) {
  PLAIN.lastIndex = start;
  const [whole, head, body] = text.startsWith("--", start) ? [] : (PLAIN.exec(text) ?? []);
  if (whole === undefined || head === undefined || body === undefined) return null;
  return { item: { text: whole, head: head.trim(), body }, at: PLAIN.lastIndex };
}

/**
 * @param {string} text
 * @param {number} at
 * @param {boolean} inBlock
 * @returns {number}
 */
function skipSpace(text, at, inBlock) {
  const space = inBlock ? SPACE : SPACE_AT_TOP;
  space.lastIndex = at;
  space.exec(text);
  return space.lastIndex;
}

/**
 * The item that begins at `start`, and where it ends. A bracket closes only what it opened, and the end closes all.
 * @param {string} text
 * @param {number} start
 * @param {boolean} inBlock
 * @returns {{ item: Item, at: number }}
 */
function endOf(text, start, inBlock) {
  /** @type {string[]} */
  const open = [];
  const statement = inBlock || text[start] === "@";
  let brace = -1;
  TOKEN.lastIndex = start;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[0];
    const at = TOKEN.lastIndex;
    if (token in CLOSE) {
      if (token === "{" && !open.length && brace < 0) brace = match.index;
      open.push(CLOSE[token] ?? "");
    } else if (token === open.at(-1)) {
      open.pop();
      if (token === "}" && !open.length && !isCustomProperty(text, start, brace, inBlock))
        return { item: rule(text.slice(start, at), brace - start, at - start - 1), at };
    } else if (token === ";" && !open.length && statement) {
      return { item: line(text.slice(start, at)), at };
    }
  }
  const rest = text.slice(start);
  const isRule = brace >= 0 && !isCustomProperty(text, start, brace, inBlock);
  return { item: isRule ? rule(rest, brace - start, rest.length) : line(rest), at: text.length };
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} brace
 * @param {boolean} inBlock
 * @returns {boolean}
 */
function isCustomProperty(text, start, brace, inBlock) {
  return inBlock && text.startsWith("--", start) && CUSTOM_PROPERTY.test(text.slice(start, brace));
}

/**
 * @param {string} text with a block
 * @param {number} brace where the block begins
 * @param {number} end where it ends; the end of a text closes all that is open
 * @returns {Item}
 */
function rule(text, brace, end) {
  return { text, head: text.slice(0, brace).trim(), body: text.slice(brace + 1, end) };
}

/**
 * @param {string} text without a block
 * @returns {Item}
 */
function line(text) {
  return text.startsWith("@") ? { text, head: text, body: null } : declarations(text);
}
