// Knows: how a font changes without a frame in which the text stands in another one.
// Refuses to know: where fonts are named. Source: https://drafts.csswg.org/css-font-loading/

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
 * @param {CSSStyleDeclaration} style of a font-face rule
 * @param {string} source
 * @param {FontFace} cover
 * @returns {Promise<void>}
 */
export async function replace(style, source, cover) {
  if (isShown(cover)) document.fonts.add(cover);
  style.setProperty("src", source);
  await Promise.all(twins(cover).map((face) => face.load().catch(() => {})));
  document.fonts.delete(cover);
}

/**
 * The page's own faces that stand for the same text.
 * @param {FontFace} cover
 * @returns {FontFace[]}
 */
function twins(cover) {
  return [...document.fonts].filter((face) => face !== cover && identity(face) === identity(cover));
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
