// Knows: which style sheets come from a URL, and brings them to a new text: by rules in place, or loaded anew.
// Refuses to know: how rules are compared, and what else a page uses.
// What is needed for a change in place (the old text) is learnt at leisure, so that an update need not wait.

import { urlsIn } from "./css-urls.js";
import { dom } from "../dom/dom.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { adopt, adoptAs, follow, isAdopted, isFaithful, Unpatchable } from "./rules.js";
import { addressOf, baseOf, isConstructed, isReadable, lookForRoots, ownerOf, roots, rulesOf, setBase, sheets } from "./sheets.js";
import { decode, isSafe } from "./decode.js";
import { absolute, fresh, pathOf, remembersURLs, stale } from "../dom/urls.js";
import { ask } from "../updates/resources.js";

export { mayHideSheets } from "./sheets.js";

/** @typedef {import("../messages.js").Change} Change */
/** @typedef {{ text: string, sure: boolean }} Known sure: it is what this page shows, not what another page was sent */
/** @typedef {{ path: string, url: string, version: string, text: string }} Target */

/** @type {Map<string, Known>} the text of each sheet as the page has it, by path */
const known = new Map();
/** @type {Map<string, Set<string>>} the names that a file had before, by path */
const formerly = new Map();
/** @type {WeakMap<CSSStyleSheet, string>} constructed sheets whose file was found out, and its path */
const origins = new WeakMap();
/** @type {Map<string, CSSStyleSheet>} what scripts imported, by path */
const imported = new Map();
/** @type {WeakMap<Element, { own: string, text: string }>} what stood in a <style> when it was made to show another text, and that */
const styled = new WeakMap();
/** @type {Map<string, Target>} the last update of each sheet, by path */
const latest = new Map();

// ---- which sheets ----------------------------------------------------------------------------------

/**
 * Whether a sheet of the page comes from that URL.
 * @param {string} url
 * @returns {boolean}
 */
export function usesSheet(url) {
  const path = pathOf(absolute(url)) ?? "";
  if (isUsed(path)) return true;
  lookForRoots();
  return isUsed(path);
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isUsed(path) {
  return placesOf(path).length > 0 || linksWithoutSheet(path).length > 0 || moduleURL(path) !== undefined;
}

/**
 * The paths of all files of this server that sheets refer to: imports, images, fonts.
 * @returns {Set<string>}
 */
export function urlsInCSS() {
  /** @type {Set<string>} */
  const paths = new Set();
  for (const sheet of sheets()) {
    const base = baseOf(sheet);
    for (const rule of rulesOf(sheet)) {
      for (const url of urlsIn(rule.cssText)) paths.add(pathOf(url, base) ?? "");
    }
  }
  paths.delete("");
  return paths;
}

/**
 * @param {string} path
 * @returns {CSSStyleSheet[]} each once, though several roots may have adopted it
 */
function placesOf(path) {
  const names = new Set([path, ...(formerly.get(path) ?? [])]);
  const found = new Set(imported.has(path) ? [/** @type {CSSStyleSheet} */ (imported.get(path))] : []);
  for (const sheet of sheets()) if (names.has(fileOf(sheet, path) ?? "")) found.add(sheet);
  return [...found];
}

/**
 * @param {CSSStyleSheet} sheet
 * @param {string} path the file that a constructed sheet is tried for
 * @returns {string | null} the path of the file that the sheet comes from
 */
function fileOf(sheet, path) {
  if (!isConstructed(sheet)) return pathOf(addressOf(sheet));
  const old = known.get(path);
  if (!origins.has(sheet) && old && sheet.cssRules.length && adopt(sheet, old.text, false)) origins.set(sheet, path);
  return origins.get(sheet) ?? null;
}

/**
 * Links whose sheet is still loading, could not be loaded, or is not wanted now.
 * @param {string} path
 * @returns {HTMLLinkElement[]}
 */
function linksWithoutSheet(path) {
  const links = roots().flatMap((root) => [.../** @type {NodeListOf<HTMLLinkElement>} */ (dom.querySelectorAll(root, "link"))]);
  return links.filter((link) => link.relList.contains("stylesheet") && !link.sheet && pathOf(link.href) === path);
}

/**
 * The URL by which a script imported a style sheet: the only way in which a script element's kin asks for one.
 * @param {string} path
 * @returns {string | undefined}
 */
function moduleURL(path) {
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
  return entries.find((entry) => entry.initiatorType === "script" && /\.css\b/i.test(entry.name) && pathOf(entry.name) === path)?.name;
}

// ---- what is learnt beforehand ------------------------------------------------------------------------

/**
 * Learns the text that the page has of a sheet, from the browser's cache, and which rule came from which part of it.
 * @param {string} url
 * @returns {Promise<void>}
 */
export async function prepare(url) {
  const path = pathOf(absolute(url)) ?? "";
  if (!known.has(path)) await recall(path, absolute(url));
  await importModule(path);
  for (const sheet of placesOf(path)) learn(sheet, path);
}

/**
 * @param {string} path
 * @param {string} url
 */
async function recall(path, url) {
  for (const address of new Set([...placesOf(path).map((sheet) => addressOf(sheet) ?? url), url])) {
    const response = await fetch(address, { cache: "only-if-cached", mode: "same-origin" }).catch(() => null);
    if (!response?.ok) continue;
    const bytes = await response.arrayBuffer();
    const text = decode(bytes, response.headers.get("content-type"));
    if (!known.has(path)) known.set(path, { text, sure: sizesOf(address).includes(bytes.byteLength) });
    return;
  }
}

/**
 * @param {string} address
 * @returns {number[]} of what style sheets were loaded from there, in bytes
 */
function sizesOf(address) {
  const entries = performance.getEntriesByName(absolute(address));
  const resources = /** @type {PerformanceResourceTiming[]} */ (entries);
  return resources.filter((entry) => entry.initiatorType !== "fetch").map((entry) => entry.decodedBodySize);
}

/** @param {string} path */
async function importModule(path) {
  const url = moduleURL(path);
  if (!url || imported.has(path)) return;
  try {
    const { moduleSheet } = await import("./module-sheet.js");
    const sheet = await moduleSheet(url);
    setBase(sheet, url);
    imported.set(path, sheet);
  } catch {
    // A browser without CSS modules, or a script that only looks like one.
  }
}

/**
 * @param {CSSStyleSheet} sheet
 * @param {string} path
 */
function learn(sheet, path) {
  const old = known.get(path);
  if (old && !isAdopted(sheet) && isReadable(sheet)) adopt(sheet, old.text, old.sure);
}

/** Learns about every sheet that the page has now. */
export async function prepareAll() {
  lookForRoots();
  const entries = performance.getEntriesByType("resource").map((entry) => entry.name);
  const urls = [...sheets()].map(addressOf);
  const ours = [...urls, ...entries].filter((url) => /\.css$/i.test(pathOf(url) ?? "") || (url && urls.includes(url)));
  await Promise.all(ours.filter((url) => pathOf(url)).map((url) => prepare(/** @type {string} */ (url))));
}

// ---- an update -----------------------------------------------------------------------------------------

/**
 * Brings every sheet that comes from a file to the file's new text. When the text is there and the sheets were
 * prepared, this is done before the function first waits.
 * @param {Change} change
 * @returns {Promise<number>} in how many places the page now shows it
 * @throws {NeedsReload} when it cannot be right in place
 */
export async function updateCSS(change) {
  const url = absolute(change.url);
  const path = pathOf(url) ?? "";
  const version = change.digest ?? Date.now().toString(36);
  const text = isSafe(change) ? (change.text ?? "") : await read(change);
  if (!known.has(path)) await recall(path, url);
  if (moduleURL(path) && !imported.has(path)) await importModule(path);
  if (!isUsed(path)) lookForRoots();
  const target = { path, url, version, text };
  latest.set(path, target);
  const [places, links] = [placesOf(path), linksWithoutSheet(path)];
  await show(places, links, target);
  whenIdle(() => check(places, target).catch(quietly));
  return places.length + links.length;
}

/**
 * A file with a new name is the one with the old name: `app.3f2.css` is now `app.91c.css`.
 * @param {string} oldUrl of the file that is gone
 * @param {Change} change the file that came
 * @returns {Promise<number>} as `updateCSS`
 */
export async function swapHashed(oldUrl, change) {
  const [old, path] = [pathOf(absolute(oldUrl)) ?? "", pathOf(absolute(change.url)) ?? ""];
  formerly.set(path, new Set([old, ...(formerly.get(old) ?? [])]));
  const text = known.get(old);
  if (text) known.set(path, text);
  for (const sheet of sheets()) if (origins.get(sheet) === old) origins.set(sheet, path);
  return updateCSS(change);
}

/**
 * @param {Change} change
 * @returns {Promise<string>}
 */
async function read({ url }) {
  const response = await ask(absolute(url), { cache: "no-cache" });
  if (!response.ok) throw new NeedsReload(`${url} could not be read (status ${response.status})`);
  return decode(await response.arrayBuffer(), response.headers.get("content-type"));
}

/**
 * @param {CSSStyleSheet[]} places
 * @param {HTMLLinkElement[]} links
 * @param {Target} target
 */
async function show(places, links, target) {
  const { path, text } = target;
  for (const sheet of places) learn(sheet, path);
  const strange = places.filter((sheet) => !isAdopted(sheet) && isReadable(sheet));
  if (strange.length) {
    const { recoverRules } = await import("./recover-rules.js");
    for (const sheet of strange) adoptAs(sheet, recoverRules(sheet, text));
  }
  const late = places.filter((sheet) => !isReadable(sheet) || !restyle(sheet, text));
  known.set(path, { text, sure: true });
  if (late.length || links.length) await loadAgain(late, links, target);
}

/**
 * @param {CSSStyleSheet} sheet
 * @param {string} text
 * @returns {boolean} whether the sheet now shows the text
 */
function restyle(sheet, text) {
  try {
    follow(sheet, text);
    return true;
  } catch (error) {
    if (error instanceof Unpatchable || error instanceof DOMException) return false;
    throw error;
  }
}

/** One after another: two sheets may be imported by the same link. @type {Promise<unknown>} */
let loading = Promise.resolve();

/**
 * @param {CSSStyleSheet[]} places
 * @param {HTMLLinkElement[]} links
 * @param {Target} target
 */
async function loadAgain(places, links, { path, version, url }) {
  const { refresh, reimport, relink } = await import("./relink.js");
  const imports = remembersURLs ? places.filter((sheet) => sheet.ownerRule) : [];
  const others = places.filter((sheet) => !imports.includes(sheet));
  const owners = new Set([...others.map(ownerOf), ...links.filter((link) => !link.disabled)]);
  if (remembersURLs) for (const link of links) if (link.disabled) rename(link, version);
  await refresh([url, ...links.map((link) => link.href)]);
  const isRenamed = (/** @type {Element | ProcessingInstruction | null} */ owner) =>
    owner instanceof HTMLLinkElement && formerly.get(path)?.has(pathOf(owner.href) ?? "");
  const load = () =>
    Promise.all([
      ...imports.map((sheet) => reimport(sheet, version)),
      ...[...owners].map((owner) => relink(owner, version, isRenamed(owner) ? url : undefined, shownBy(owner))),
    ]);
  const loaded = loading.then(load);
  loading = loaded.catch(() => {});
  await loaded;
  if (remembersURLs) await catchUp();
}

/** @param {HTMLLinkElement} link @param {string} version */
function rename(link, version) {
  link.setAttribute("href", fresh(link.getAttribute("href") ?? "", version));
}

/** Sheets that were made anew from what their URL gave first get what their files have become since. */
async function catchUp() {
  const { recoverRules } = await import("./recover-rules.js");
  for (const target of latest.values()) {
    const behind = placesOf(target.path).filter((sheet) => !isConstructed(sheet) && !isAdopted(sheet) && isFirst(sheet));
    for (const sheet of behind) adoptAs(sheet, recoverRules(sheet, target.text));
    const late = behind.filter((sheet) => !restyle(sheet, target.text));
    if (late.length) await loadAgain(late, [], target);
  }
}

/** Whether the sheet's URL is one that had an earlier version. @param {CSSStyleSheet} sheet */
const isFirst = ({ href }) => href !== null && stale(href) === href;

/** @param {Event} event */
function onLoad({ target }) {
  if (!(target instanceof HTMLLinkElement || target instanceof HTMLStyleElement)) return;
  if (styled.has(target)) updateStyle(/** @type {HTMLStyleElement} */ (target)); // a script may have moved it
  if (remembersURLs) catchUp().catch(quietly);
}

/**
 * At leisure: shadow roots that came since the last look, and the browser's word on what is a rule. When it reads the
 * text otherwise, the sheet is loaded anew.
 * @param {CSSStyleSheet[]} places where the text is shown
 * @param {Target} target
 */
async function check(places, target) {
  if (known.get(target.path)?.text !== target.text) return;
  lookForRoots();
  const others = placesOf(target.path).filter((sheet) => !places.includes(sheet));
  if (others.length) await show(others, [], target);
  const wrong = places.filter((sheet) => isAdopted(sheet) && !isFaithful(sheet) && !isConstructed(sheet));
  if (wrong.length) await loadAgain(wrong, [], target);
}

/**
 * Gives a <style> another text by changing the rules that differ. What stands in the element stays as it is:
 * writing it would make a new sheet, with every rule anew.
 * @param {HTMLStyleElement | SVGStyleElement | undefined} element
 * @param {string} [text] else what it showed before it was moved, which had the browser read again what stands in it
 * @returns {boolean} false when the caller must write the text into the element
 */
export function updateStyle(element, text = shownBy(element)) {
  const sheet = element?.sheet;
  if (!sheet) return false;
  const own = element.textContent ?? "";
  const isKnown = isAdopted(sheet) || adopt(sheet, own, true);
  if (!isKnown || !restyle(sheet, text)) return false;
  styled.set(element, { own, text });
  return isFaithful(sheet);
}

/**
 * The text that a <style> shows, unless a script has written another one into it.
 * @param {Node | null | undefined} element
 * @returns {string}
 */
export function shownBy(element) {
  const own = (element && dom.textContent(element)) ?? "";
  const shown = element instanceof Element && styled.get(element);
  return shown && shown.own === own ? shown.text : own;
}

/** @param {unknown} error */
function quietly(error) {
  console.debug("[hotreload]", error);
}

/** @param {() => void} task */
function whenIdle(task) {
  (window.requestIdleCallback ?? setTimeout)(() => task());
}

/** From now on the sheets of the page are learnt, as it has them and as they come. */
export function start() {
  dom.addEventListener(document, "load", onLoad, true); // an event that does not bubble
  whenIdle(() => prepareAll().catch(quietly));
}
