// Knows: where the style sheets of this page are: links, <style>, imports, open shadow roots, adopted sheets.
// Refuses to know: what is in them. Source: https://www.w3.org/TR/cssom-1/#css-style-sheet-collections
// A closed shadow root cannot be looked into.

import { dom } from "../dom/dom.js";

/** @typedef {Document | ShadowRoot} Root */

/** @type {WeakMap<CSSStyleSheet, string>} */
const bases = new WeakMap();

/** @type {WeakRef<ShadowRoot>[]} as the last look found them */
let shadows = [];

/**
 * The document, then every open shadow root that is known.
 * @returns {Root[]}
 */
export function roots() {
  const known = shadows.map((each) => each.deref()).filter((root) => root?.isConnected);
  return [document, .../** @type {ShadowRoot[]} */ (known)];
}

/** Looks at every element for shadow roots. In a long document this takes milliseconds. */
export function lookForRoots() {
  shadows = [...rootsBelow(document)].map((root) => new WeakRef(root));
}

/**
 * Every open shadow root in a document or another root, to any depth.
 * @param {Root} root
 * @returns {Generator<ShadowRoot>}
 */
export function* rootsBelow(root) {
  for (const element of dom.querySelectorAll(root, "*")) {
    const shadowRoot = dom.shadowRoot(element);
    if (!shadowRoot) continue;
    yield shadowRoot;
    yield* rootsBelow(shadowRoot);
  }
}

/**
 * Whether a custom element may have sheets where nobody can look: it has no open shadow root.
 * @returns {boolean}
 */
export function mayHideSheets() {
  return [...dom.querySelectorAll(document, ":defined")].some((element) => dom.localName(element).includes("-") && !dom.shadowRoot(element));
}

/**
 * Every sheet that the page shows or may show, once, each before the sheets that it imports.
 * @returns {Set<CSSStyleSheet>}
 */
export function sheets() {
  /** @type {Set<CSSStyleSheet>} */
  const found = new Set();
  for (const root of roots()) {
    for (const sheet of [...dom.styleSheets(root), ...dom.adoptedStyleSheets(root)]) addWithImports(sheet, found);
  }
  return found;
}

/**
 * @param {CSSStyleSheet} sheet
 * @param {Set<CSSStyleSheet>} found gets it and all that it imports, to any depth
 */
function addWithImports(sheet, found) {
  if (found.has(sheet)) return;
  found.add(sheet);
  for (const rule of rulesOf(sheet)) {
    if (rule instanceof CSSImportRule) {
      if (rule.styleSheet) addWithImports(rule.styleSheet, found);
    } else if (!(rule instanceof CSSLayerStatementRule)) return;
  }
}

/**
 * The rules of a sheet; none when another site's sheet keeps them to itself, or when it is still loading.
 * @param {CSSStyleSheet} sheet
 * @returns {Iterable<CSSRule>}
 */
export function rulesOf(sheet) {
  return shownRules(sheet) ?? [];
}

/**
 * Whether the browser shows the rules: not while a sheet is loading, nor of an import that was not there.
 * @param {CSSStyleSheet} sheet
 * @returns {boolean}
 */
export function isReadable(sheet) {
  return shownRules(sheet) !== null;
}

/** @param {CSSStyleSheet} sheet */
function shownRules(sheet) {
  try {
    return sheet.cssRules;
  } catch {
    return null;
  }
}

/**
 * The URL of a sheet that came from one.
 * @param {CSSStyleSheet} sheet
 * @returns {string | null} null for <style> and for constructed sheets
 */
export function addressOf(sheet) {
  const owner = sheet.ownerNode;
  return owner instanceof HTMLLinkElement ? owner.href : sheet.href;
}

/**
 * What the relative URLs in a sheet are relative to.
 * @param {CSSStyleSheet} sheet
 * @returns {string}
 */
export function baseOf(sheet) {
  return sheet.href ?? bases.get(sheet) ?? sheet.ownerNode?.baseURI ?? dom.baseURI(document);
}

/**
 * A constructed sheet does not tell its base.
 * @param {CSSStyleSheet} sheet
 * @param {string} base
 */
export function setBase(sheet, base) {
  bases.set(sheet, base);
}

/**
 * The node that a sheet, or the outermost sheet that imports it, belongs to.
 * @param {CSSStyleSheet} sheet
 * @returns {Element | ProcessingInstruction | null} null for constructed sheets
 */
export function ownerOf(sheet) {
  const parent = sheet.ownerRule?.parentStyleSheet;
  return parent ? ownerOf(parent) : sheet.ownerNode;
}

/**
 * Whether scripts made the sheet: such a sheet has no imports.
 * @param {CSSStyleSheet} sheet
 * @returns {boolean}
 */
export function isConstructed(sheet) {
  return !sheet.ownerNode && !sheet.ownerRule;
}
