// Knows: how to load a style sheet anew without a frame that lacks it, when its rules cannot be changed in place.
// Refuses to know: why. Source: https://html.spec.whatwg.org/multipage/links.html#link-type-stylesheet
// A copy is loaded next to the element and covers for it while the element itself loads, so scripts that hold the
// element keep it, and no URL in the page is another than before, but in Firefox.

import { withURLs } from "./css-urls.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { succeed } from "./rules.js";
import { fresh, remembersURLs } from "../dom/urls.js";
import { ask } from "../updates/resources.js";

/** For an import, of which no event tells that it is loaded, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Loads a link or a <style>, and what it imports, again.
 * @param {Element | ProcessingInstruction | null} owner
 * @param {string} version what makes the URL new
 * @param {string} [url] of a link whose file has another name now
 * @param {string} [text] that a <style> shows
 * @returns {Promise<void>}
 */
export async function relink(owner, version, url, text = "") {
  if (!(owner instanceof HTMLLinkElement || owner instanceof HTMLStyleElement)) {
    throw new NeedsReload("the style sheet belongs to nothing that can be loaded again");
  }
  await refresh(importsOf(owner.sheet));
  const disabled = owner.sheet?.disabled;
  if (!owner.isConnected) return; // a script, or another update, has removed it meanwhile
  const cover = copy(owner, version, url);
  if (owner instanceof HTMLStyleElement) cover.textContent = text;
  const address = url ?? (remembersURLs ? cover.getAttribute("href") : owner.getAttribute("href")) ?? "";
  try {
    await loaded(cover, () => owner.after(cover), disabled);
    await loaded(owner, () => restart(owner, address, text), disabled);
  } finally {
    cover.remove();
  }
}

/**
 * Without this the browser's memory cache gives back the sheets that it has.
 * @param {string[]} urls
 */
export async function refresh(urls) {
  await Promise.all(urls.map((url) => ask(url, { cache: "reload", mode: "no-cors" }).catch(() => {})));
}

/**
 * @param {CSSStyleSheet | null} sheet
 * @returns {string[]}
 */
function importsOf(sheet) {
  try {
    return [...(sheet?.cssRules ?? [])].flatMap((rule) => {
      const child = rule instanceof CSSImportRule ? rule.styleSheet : null;
      return child?.href ? [child.href, ...importsOf(child)] : [];
    });
  } catch {
    return [];
  }
}

/**
 * @template {HTMLLinkElement | HTMLStyleElement} E
 * @param {E} owner
 * @param {string} version
 * @param {string | undefined} url
 * @returns {E}
 */
function copy(owner, version, url) {
  const cover = /** @type {E} */ (owner.cloneNode(true));
  cover.removeAttribute("id");
  cover.removeAttribute("integrity");
  const address = url ?? owner.getAttribute("href");
  if (address) cover.setAttribute("href", fresh(address, version));
  return cover;
}

/**
 * Loads the element again; a changed file is not what `integrity` says any more.
 * @param {HTMLLinkElement | HTMLStyleElement} owner
 * @param {string} address
 * @param {string} text
 */
function restart(owner, address, text) {
  if (owner instanceof HTMLStyleElement && owner.textContent !== text) return void (owner.textContent = text);
  // Writing nothing into its text has the browser make the sheet anew, and keeps the nodes.
  if (owner instanceof HTMLStyleElement) return /** @type {Text} */ (owner.firstChild).replaceData(0, 0, "");
  owner.removeAttribute("integrity");
  owner.removeAttribute("href");
  owner.setAttribute("href", address);
}

/**
 * @param {HTMLLinkElement | HTMLStyleElement} element
 * @param {() => void} start
 * @param {boolean | undefined} disabled as the sheet was by script
 * @returns {Promise<void>}
 */
function loaded(element, start, disabled) {
  return new Promise((resolve, reject) => {
    element.addEventListener("error", () => reject(new NeedsReload("the style sheet could not be loaded")), { once: true });
    element.addEventListener(
      "load",
      () => {
        if (element.sheet && disabled !== undefined) element.sheet.disabled = disabled;
        resolve();
      },
      { once: true },
    );
    start();
  });
}

/**
 * Loads an imported sheet again, for a browser in which only another URL does that: a new rule is put behind the old
 * one, which goes when the new one has loaded.
 * @param {CSSStyleSheet} sheet
 * @param {string} version
 * @returns {Promise<void>}
 */
export async function reimport(sheet, version) {
  const old = /** @type {CSSImportRule | null} */ (sheet.ownerRule);
  const parent = old?.parentStyleSheet;
  if (!old || !parent) return; // the sheet above it was loaded again meanwhile
  const at = [...parent.cssRules].indexOf(old) + 1;
  parent.insertRule(withURLs(old.cssText, (url) => fresh(url, version)), at);
  const rule = /** @type {CSSImportRule} */ (parent.cssRules[at]);
  await arrived(rule);
  if (rule.styleSheet) rule.styleSheet.disabled = sheet.disabled;
  parent.deleteRule([...parent.cssRules].indexOf(old));
  succeed(old, rule);
}

/**
 * @param {CSSImportRule} rule
 * @returns {Promise<void>}
 */
async function arrived(rule) {
  const end = performance.now() + PATIENCE;
  while (isLoading(rule.styleSheet)) {
    if (performance.now() > end) throw new NeedsReload(`${rule.href} does not load`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/**
 * @param {CSSStyleSheet | null} sheet
 * @returns {boolean}
 */
function isLoading(sheet) {
  try {
    return [...(sheet?.cssRules ?? [])].some((rule) => rule instanceof CSSImportRule && isLoading(rule.styleSheet));
  } catch (error) {
    return error instanceof DOMException && error.name === "InvalidAccessError"; // not another site's sheet
  }
}
