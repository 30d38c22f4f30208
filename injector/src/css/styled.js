// Knows: whether a style sheet of the page selects by a class or an attribute. Refuses to know: which rules apply.
import { dom } from "../dom/dom.js";

/**
 * Whether a selector part stands in a style sheet; one that cannot be read may have any.
 * @param {string} part as in `.card` or `[data-theme`
 */
export function isStyled(part) {
  const escaped = part.replace(/^(.)(.*)$/s, (_, sign, name) => sign + CSS.escape(name));
  const sheets = [...Array.from(dom.styleSheets(document)), ...Array.from(dom.adoptedStyleSheets(document))];
  return sheets.some((sheet) => isIn(sheet, escaped));
}

/** @param {CSSStyleSheet} sheet @param {string} part @returns {boolean} */
function isIn(sheet, part) {
  try {
    return Array.from(sheet.cssRules).some((rule) => isInRule(rule, part));
  } catch {
    return true; // of another site
  }
}

/** @param {CSSRule} rule @param {string} part @returns {boolean} */
function isInRule(rule, part) {
  if (rule instanceof CSSImportRule) return rule.styleSheet !== null && isIn(rule.styleSheet, part);
  return has(rule.cssText, part);
}

/** @param {string} text @param {string} part */
function has(text, part) {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) if (!/[\w-]/.test(text[at + part.length] ?? "")) return true;
  return false;
}
