// Knows: where a picture, a font or a film stands in the page, and how to show its new version without a flash.
// Refuses to know: what is in it. Source: https://html.spec.whatwg.org/multipage/images.html#updating-the-image-data
// The new version has another URL, `?hotreload=…`: browsers show a picture that they hold under the same URL again.

import { pause } from "../connection/connection.js";
import { withURLs } from "../css/css-urls.js";
import { dom } from "../dom/dom.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { freshen } from "./image-css.js";
import { lookForRoots, roots } from "../css/sheets.js";
import { absolute, fresh, pathOf, remembersURLs } from "../dom/urls.js";
import { isInStyle } from "../updates/usage.js";
import { ask } from "../updates/resources.js";

/** @typedef {import("../messages.js").Change} Change */
/** @typedef {() => unknown} Place shows the new version in one place */
/** @typedef {{ path: string, version: string, places: Place[], ready: Map<string, () => Promise<unknown>>, done: Place[] }} Work
 * ready: what to load first, by URL; done: what to clear away */

const SVG = "http://www.w3.org/2000/svg";
const XLINK = "http://www.w3.org/1999/xlink";
/** For a browser that does not tell when a `use` is loaded, in milliseconds. */
const LONGEST_WAIT = 500;
const FONT = /\.(?:eot|otf|tt[cf]|woff2?)$/i;
const PAINT = ["mask", "clip-path", "filter", "fill", "stroke", "cursor", "marker-start", "marker-mid", "marker-end"];
const ELEMENTS = `img,source,input[src],embed,video,audio,track,object,image,use,feImage,link[rel~=icon],link[rel*="-icon"],
  [background],${PAINT.map((name) => `[${name}*="url(" i]`).join()}`;

/** The version of each file that this page shows anew, by path. @type {Map<string, string>} */
const newest = new Map();
/** All addresses that were given out. @type {Set<string>} */
const given = new Set();
/** So long a new version is waited for; then it takes the place of the old one anyway. In milliseconds. */
const LONGEST_LOAD = 3_000;

/**
 * Shows the new version of a picture, font, sound or film wherever it stands.
 * @param {Change} change
 * @returns {Promise<number>} in how many places
 * @throws {NeedsReload} when only a script can have used it
 */
export async function updateImage(change) {
  const path = pathOf(absolute(change.url)) ?? "";
  const work = workFor(path, versionFor(path, change));
  if (path === "/favicon.ico") unlinkedIcon(work);
  if (!work.places.length && FONT.test(path)) throw new NeedsReload(`${change.url} is used by a script`);
  if (!work.places.length && isInStyle(change) && change.kind !== "deleted") {
    throw new NeedsReload(`${change.url} was shown by a style that is not there now`); // browsers would show the old one again
  }
  if (!work.places.length) return 0;
  newest.set(path, work.version);
  // Elements that scripts make later name the plain URL: the browser's caches must have the new version under it.
  const isPicture = work.ready.size > 0 && !FONT.test(path);
  const cached = remembersURLs && isPicture ? askElsewhere(absolute(change.url)) : refresh(absolute(change.url));
  const late = pause(LONGEST_LOAD);
  const loads = change.kind === "deleted" ? [] : [...work.ready.values()].map((load) => load().catch(() => {}));
  await Promise.race([Promise.all(loads), late]);
  await Promise.race([Promise.all(work.places.map((show) => show())), late]);
  work.done.forEach((clear) => clear());
  await Promise.race([cached, late]);
  return work.places.length;
}

/** An address is used once: nothing, or something else, may have come from it. @param {string} path @param {Change} change */
function versionFor(path, { digest }) {
  const isNew = digest && !given.has(path + digest);
  given.add(path + digest);
  return isNew ? digest : Date.now().toString(16).padStart(16, "0");
}

/** @param {string} path @param {string} version @returns {Work} all that is to be done */
function workFor(path, version) {
  /** @type {Work} */
  const work = { path, version, places: [], ready: new Map(), done: [] };
  lookForRoots();
  for (const root of roots()) for (const element of dom.querySelectorAll(root, ELEMENTS)) visit(element, work);
  freshen(work);
  return work;
}

/** Shows the new versions where an update of something else has brought a plain URL back. @returns {Promise<void>} */
export async function keepNewest() {
  const places = [...newest].flatMap(([path, version]) => workFor(path, version).places);
  await Promise.all(places.map((show) => show()));
}

/** @param {string} url @returns {Promise<unknown>} */
const refresh = (url) => ask(url, { cache: "reload" }).catch(() => {});

/**
 * Firefox asks for a picture again when the request is another document's; then this one gets the new version too.
 * A `fetch` must not be there first: it renews the HTTP cache, the server then says 304, and that is taken for the
 * picture that Firefox holds.
 * @param {string} url
 * @returns {Promise<void>}
 */
async function askElsewhere(url) {
  const frame = /** @type {HTMLIFrameElement} */ (dom.createElement(document, "iframe"));
  frame.style.display = "none";
  dom.append(dom.documentElement(document), frame);
  const image = frame.contentDocument?.createElement("img");
  if (image) await Object.assign(image, { src: url }).decode().catch(() => {});
  frame.remove();
}

/**
 * @param {Element} element
 * @param {Work} work
 */
function visit(element, work) {
  if (element instanceof HTMLMediaElement) film(element, work);
  else if (element instanceof HTMLImageElement) prepare(element.currentSrc, work, element.crossOrigin);
  if (!isFilm(element)) attribute(element, "src", work);
  for (const name of ["poster", "data", "href", "background"]) attribute(element, name, work);
  attribute(element, "href", work, XLINK);
  list(element, work);
  for (const name of PAINT) paint(element, name, work);
}

/**
 * @param {Element} element
 * @returns {boolean} whether its `src` is that of a sound or film
 */
function isFilm(element) {
  const holder = element instanceof HTMLSourceElement ? element.parentElement : element;
  return holder instanceof HTMLMediaElement;
}

/**
 * @param {Element} element
 * @param {string} name of an attribute that holds a URL
 * @param {Work} work
 * @param {string | null} [namespace]
 */
function attribute(element, name, work, namespace = null) {
  const url = dom.getAttributeNS(element, namespace, name);
  if (!url || pathOf(url) !== work.path || fresh(url, work.version) === url) return;
  if (element instanceof SVGUseElement) prepareSymbol(url, work);
  else if (!(element instanceof HTMLTrackElement)) prepare(url, work, dom.getAttribute(element, "crossorigin"));
  const next = fresh(url, work.version);
  work.places.push(() => dom.setAttributeNS(element, namespace, namespace ? `xlink:${name}` : name, next));
}

/**
 * Has the new version loaded and decoded before it is shown.
 * @param {string} url the old one
 * @param {Work} work
 * @param {string | null} [crossOrigin]
 */
function prepare(url, work, crossOrigin = null) {
  if (pathOf(url) !== work.path) return;
  const next = new URL(fresh(url, work.version), dom.baseURI(document)).href;
  work.ready.set(`${next} ${crossOrigin}`, () => {
    const image = Object.assign(new Image(), { crossOrigin });
    image.src = next;
    return image.decode();
  });
}

/**
 * A document of symbols is loaded by nothing but another `use`; browsers share it between all.
 * @param {string} url the old one
 * @param {Work} work
 */
function prepareSymbol(url, work) {
  const next = fresh(url, work.version);
  work.ready.set(`use ${next}`, () => {
    const svg = /** @type {SVGElement} */ (dom.createElementNS(document, SVG, "svg"));
    const use = dom.createElementNS(document, SVG, "use");
    use.setAttribute("href", next);
    svg.append(use);
    svg.style.cssText = "position: fixed; width: 0; height: 0";
    const loaded = new Promise((resolve) => {
      for (const event of ["load", "error"]) use.addEventListener(event, resolve, { once: true });
      setTimeout(resolve, LONGEST_WAIT);
    });
    dom.append(dom.documentElement(document), svg);
    work.done.push(() => svg.remove());
    return loaded;
  });
}

/**
 * @param {Element} element with a srcset
 * @param {Work} work
 */
function list(element, work) {
  const srcset = dom.getAttribute(element, "srcset");
  if (!srcset) return;
  const next = srcset.replace(/[^\s,](?:\S*[^\s,])?/g, (url) => (pathOf(url) === work.path ? fresh(url, work.version) : url));
  if (next !== srcset) work.places.push(() => dom.setAttribute(element, "srcset", next));
}

/**
 * @param {Element} element
 * @param {string} name of an attribute that holds a CSS value
 * @param {Work} work
 */
function paint(element, name, work) {
  const value = dom.getAttribute(element, name);
  if (!value) return;
  const next = withURLs(value, (url) => (pathOf(url) === work.path ? fresh(url, work.version) : url));
  if (next !== value) work.places.push(() => dom.setAttribute(element, name, next));
}

/**
 * @param {HTMLMediaElement} element
 * @param {Work} work
 */
function film(element, work) {
  if (pathOf(element.currentSrc) !== work.path) return;
  const holder = [element, ...element.querySelectorAll("source")].find((each) => pathOf(each.getAttribute("src")) === work.path);
  const url = holder?.getAttribute("src");
  if (holder && url && fresh(url, work.version) !== url) work.places.push(() => replay(element, () => holder.setAttribute("src", fresh(url, work.version))));
}

/**
 * Loads the film again and goes on where it was. Per the standard, `load` forgets the time, the rate and whether it plays.
 * @param {HTMLMediaElement} element
 * @param {() => void} change
 * @returns {Promise<void>}
 */
function replay(element, change) {
  const { currentTime, playbackRate, paused } = element;
  return new Promise((resolve) => {
    const goOn = () => {
      Object.assign(element, { currentTime: Math.min(currentTime, element.duration || currentTime), playbackRate });
      if (!paused) element.play().catch(() => {});
      resolve();
    };
    element.addEventListener("loadedmetadata", goOn, { once: true });
    element.addEventListener("error", () => resolve(), { once: true, capture: true });
    change();
    element.load();
  });
}

/**
 * Browsers ask for /favicon.ico of their own accord when no link names an icon, and look again when one does.
 * @param {Work} work
 */
function unlinkedIcon({ version, places }) {
  if (dom.querySelector(document, "link[rel~=icon]")) return;
  const link = Object.assign(dom.createElement(document, "link"), { rel: "icon", href: fresh(absolute("/favicon.ico"), version) });
  places.push(() => dom.append(dom.head(document), link));
}
