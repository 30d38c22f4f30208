// Knows: how to load a style sheet anew without a frame that lacks it, when its rules cannot be changed in place.
// Refuses to know: why. Source: https://html.spec.whatwg.org/multipage/links.html#link-type-stylesheet
// A copy is loaded next to the element and covers for it while the element itself loads, so scripts that hold the
// element keep it, and no URL in the page is another than before.

import { NeedsReload } from "./needs-reload.js";
import { fresh } from "./urls.js";

/**
 * Loads a link or a <style>, and what it imports, again.
 * @param {Element | ProcessingInstruction | null} owner
 * @param {string} version what makes the URL new
 * @param {string} [url] of a link whose file has another name now
 * @returns {Promise<void>}
 */
export async function relink(owner, version, url) {
  if (!(owner instanceof HTMLLinkElement || owner instanceof HTMLStyleElement)) {
    throw new NeedsReload("the style sheet belongs to nothing that can be loaded again");
  }
  await refresh(importsOf(owner.sheet));
  const disabled = owner.sheet?.disabled;
  const cover = copy(owner, version, url);
  try {
    await loaded(cover, () => owner.after(cover), disabled);
    await loaded(owner, () => restart(owner, url), disabled);
  } finally {
    cover.remove();
  }
}

/**
 * Without this the browser's memory cache gives back the sheets that it has.
 * @param {string[]} urls
 */
export async function refresh(urls) {
  await Promise.all(urls.map((url) => fetch(url, { cache: "reload", mode: "no-cors" }).catch(() => {})));
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
 * @param {string | undefined} url
 */
function restart(owner, url) {
  // Writing nothing into its text has the browser make the sheet anew, and keeps the nodes.
  if (owner instanceof HTMLStyleElement) return /** @type {Text} */ (owner.firstChild).replaceData(0, 0, "");
  const address = url ?? owner.getAttribute("href") ?? "";
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
