// Knows: how a font changes without a frame in which the text stands in another one.
// Refuses to know: where fonts are named. Source: https://drafts.csswg.org/css-font-loading/

import { dom } from "../dom/dom.js";
import { succeed } from "../css/rules.js";

const DESCRIPTORS = {
  style: "font-style",
  weight: "font-weight",
  stretch: "font-stretch",
  unicodeRange: "unicode-range",
  featureSettings: "font-feature-settings",
  display: "font-display",
  ascentOverride: "ascent-override",
  descentOverride: "descent-override",
  lineGapOverride: "line-gap-override",
  sizeAdjust: "size-adjust",
};

/**
 * Loads a font as a rule would with another source.
 * @param {CSSStyleDeclaration} style of a font-face rule
 * @param {string} source
 * @returns {Promise<FontFace>} loaded, or not when it cannot be
 */
export async function load(style, source) {
  const found = Object.entries(DESCRIPTORS).map(([key, name]) => [key, style.getPropertyValue(name)]);
  const family = unquoted(style.getPropertyValue("font-family"));
  const face = new FontFace(family, source, Object.fromEntries(found.filter(([, value]) => value)));
  return face.load().catch(() => face);
}

/**
 * Gives a rule another source. A face of the same name that scripts add goes before the sheet's own: it covers until
 * that is loaded.
 * @param {CSSFontFaceRule} rule
 * @param {string} source
 * @param {FontFace} cover
 * @returns {Promise<void>}
 */
export async function replace(rule, source, cover) {
  if (isShown(cover)) dom.fonts(document).add(cover);
  write(rule, source);
  await Promise.all(twins(cover).map((face) => face.load().catch(() => {})));
  dom.fonts(document).delete(cover);
}

/**
 * @param {CSSFontFaceRule} rule
 * @param {string} source
 */
function write(rule, source) {
  const old = rule.style.getPropertyValue("src");
  try {
    rule.style.setProperty("src", source);
  } catch {
    // Firefox: "Can't set descriptor on CSSFontFaceRule declarations".
    exchange(rule, rule.cssText.replace(old, () => source));
  }
}

/**
 * @param {CSSRule} rule
 * @param {string} text of one that takes its place
 */
function exchange(rule, text) {
  const container = /** @type {CSSGroupingRule | CSSStyleSheet} */ (rule.parentRule ?? rule.parentStyleSheet);
  const at = [...container.cssRules].indexOf(rule);
  if (at < 0) return; // its sheet has changed meanwhile
  container.insertRule(text, at);
  container.deleteRule(at + 1);
  succeed(rule, /** @type {CSSRule} */ (container.cssRules[at]));
}

/**
 * The page's own faces that stand for the same text.
 * @param {FontFace} cover
 * @returns {FontFace[]}
 */
function twins(cover) {
  return [...dom.fonts(document)].filter((face) => face !== cover && identity(face) === identity(cover));
}

/**
 * @param {FontFace} cover
 * @returns {boolean}
 */
function isShown(cover) {
  return cover.status === "loaded" && twins(cover).some((face) => face.status === "loaded");
}

/**
 * @param {FontFace} face
 * @returns {string}
 */
function identity({ family, style, weight, stretch, unicodeRange }) {
  return [unquoted(family), style, weight, stretch, unicodeRange].join();
}

/**
 * @param {string} family
 * @returns {string}
 */
function unquoted(family) {
  return family.replace(/^(["'])(.*)\1$/, "$2");
}
