// Knows: where a file stands in CSS: any property of any rule or style attribute, and the source of a font.
// Refuses to know: elements. Source: https://www.w3.org/TR/css-values-4/#urls

import { withURLs } from "../css/css-urls.js";
import { dom } from "../dom/dom.js";
import { isLossy, rewriteSource } from "../css/rules.js";
import { baseOf, roots, rulesOf, sheets } from "../css/sheets.js";
import { fresh, pathOf } from "../dom/urls.js";

/** @typedef {import("./image.js").Work} Work */

/**
 * Finds all places in CSS.
 * @param {Work} work gets them, and what to load first
 */
export function freshen(work) {
  for (const sheet of sheets()) for (const rule of rulesOf(sheet)) visit(rule, baseOf(sheet), work);
  for (const root of roots()) {
    for (const element of dom.querySelectorAll(root, '[style*="url(" i],[style*="image-set(" i]')) {
      declarations(dom.style(/** @type {HTMLElement} */ (element)), dom.baseURI(document), work);
    }
  }
}

/**
 * @param {CSSRule} rule
 * @param {string} base
 * @param {Work} work
 */
function visit(rule, base, work) {
  if ("cssRules" in rule) for (const child of /** @type {CSSGroupingRule} */ (rule).cssRules) visit(child, base, work);
  if (!("style" in rule)) return;
  const { style } = /** @type {CSSStyleRule} */ (rule);
  if (rule instanceof CSSFontFaceRule) font(rule, base, work);
  else if (isLossy(rule)) fromSource(rule, base, work);
  else declarations(style, base, work);
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {string} base
 * @param {Work} work
 */
function declarations(style, base, work) {
  if (!/url\(/i.test(style.cssText)) return;
  for (const name of style) {
    const value = style.getPropertyValue(name);
    const next = rewrite(value, base, work);
    if (next !== value) work.places.push(() => style.setProperty(name, next, style.getPropertyPriority(name)));
  }
}

/**
 * @param {CSSRule} rule
 * @param {string} base
 * @param {Work} work
 */
function fromSource(rule, base, work) {
  let found = false;
  rewriteSource(rule, (text) => {
    found = rewrite(text, base, work) !== text;
    return text;
  });
  if (found) work.places.push(() => rewriteSource(rule, (text) => rewrite(text, base, work)));
}

/**
 * @param {CSSFontFaceRule} rule
 * @param {string} base
 * @param {Work} work
 */
function font(rule, base, work) {
  const { style } = rule;
  const value = style.getPropertyValue("src");
  const next = rewrite(value, base, { ...work, ready: new Map() });
  if (next === value) return;
  const fonts = import("./fonts.js");
  const cover = fonts.then(({ load }) => load(style, withURLs(next, (url) => new URL(url, base).href)));
  work.ready.set(next, () => cover);
  work.places.push(async () => (await fonts).replace(rule, next, await cover));
}

/**
 * @param {string} text
 * @param {string} base
 * @param {Work} work
 * @returns {string}
 */
function rewrite(text, base, { path, version, ready }) {
  return withURLs(text, (url) => {
    if (pathOf(url, base) !== path) return url;
    const next = fresh(url, version);
    const { href } = new URL(next, base);
    ready.set(`${href} null`, () => Object.assign(new Image(), { src: href }).decode());
    return next;
  });
}
