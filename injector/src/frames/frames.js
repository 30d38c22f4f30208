// Knows: which documents the page has in its frames, and in windows that its scripts have opened, that cannot follow
// their files themselves; how they are made to, or loaded again. Refuses to know: what is done in them.
// Source: https://html.spec.whatwg.org/multipage/iframe-embed-object.html

import { pause } from "../connection/connection.js";
import { dom } from "../dom/dom.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { rootsBelow, roots } from "../css/sheets.js";
import { pathOf } from "../dom/urls.js";
import { namesOf, reasonFor } from "../updates/usage.js";
import { tellLate } from "../updates/resources.js";

/** @typedef {import("../messages.js").Update} Update */
/** @typedef {import("../messages.js").Action} Action */
/** @typedef {import("../css/sheets.js").Root} Root */
/** @typedef {import("./guest.js").Guest} Guest */
/** @typedef {Record<string, string | null>} Stock */
/** @typedef {{ window: Window, frame?: HTMLIFrameElement | undefined }} BareDocument one without a client */
/**
 * @typedef {object} Turn what an update means to one such document
 * @property {Action} action
 * @property {string} [reload] why it is to be loaded again, with the frame if there is one that can be
 * @property {HTMLIFrameElement | undefined} [frame]
 * @property {() => Promise<Action>} [change] does it in place
 */

const XHTML = "http://www.w3.org/1999/xhtml";
/** So long a document may take to load our modules, in milliseconds: where it may run none, nothing tells. */
const PATIENCE = 2_000;

// ---- which documents -----------------------------------------------------------------------------------

/** @param {Root} root @returns {HTMLIFrameElement[]} */
const framesIn = (root) => [.../** @type {NodeListOf<HTMLIFrameElement>} */ (dom.querySelectorAll(root, "iframe, frame"))];

/** @param {Window | null} window */
function hasClient(window) {
  try {
    return Boolean(window && "__hotreload__" in window);
  } catch {
    return false; // another origin, as in a sandbox
  }
}

/**
 * Frames that show a file and have no client: a sandbox, what is no document, or nothing, as the network was away.
 * @param {string} [url] of the file; without it, any of this server's
 */
function bareFrames(url) {
  const names = url && namesOf(url);
  return roots().flatMap(framesIn).filter((frame) => {
    const file = fileIn(frame);
    return file !== null && (!names || names.includes(file)) && !hasClient(frame.contentWindow);
  });
}

/** @param {HTMLIFrameElement} frame @returns {string | null} */
const fileIn = ({ src, srcdoc }) => (srcdoc ? null : pathOf(src));

/** Documents without an address of their own, in which there is anything to follow. @returns {BareDocument[]} */
function places() {
  const framed = roots().flatMap(framesIn).flatMap((frame) => {
    const window = fileIn(frame) === null ? frame.contentWindow : null;
    return window ? [{ window, frame }] : [];
  });
  return [...framed, ...openedWindows().map((window) => ({ window }))].filter(({ window }) => !hasClient(window) && hasFiles(window));
}

/** @param {Window} window */
function hasFiles(window) {
  try {
    const inside = window.document;
    return filesIn(window).length > 0 || [inside, ...rootsBelow(inside)].some((root) => framesIn(root).length);
  } catch {
    return false; // another origin
  }
}

/** @param {Window} window @returns {string[]} what its document has requested of this server */
const filesIn = ({ performance }) => performance.getEntriesByType("resource").flatMap(({ name }) => pathOf(name) ?? []);

/** @param {string} name */
const descriptorOf = (name) => Object.getOwnPropertyDescriptor(window, name);
/** The browser's own, some 250: an accessor or a function each, so that no script keeps a window there. */
const NATIVE = new Set(Object.keys(window).filter((name) => descriptorOf(name)?.get || typeof descriptorOf(name)?.value === "function"));
const closed = /** @type {{ get(): boolean }} */ (Object.getOwnPropertyDescriptor(window, "closed"));

/** Browsers name no window that a script has opened: only what it keeps in a global variable can be found. */
function openedWindows() {
  // What scripts have defined is enumerable, as the thousand names of the browser are not.
  const values = Object.keys(window).filter((name) => !NATIVE.has(name)).map((name) => descriptorOf(name)?.value);
  return [...new Set(values)].filter(isOpenedHere);
}

/** The browser's own word: nothing of the page's objects is run. @param {any} value @returns {value is Window} */
function isOpenedHere(value) {
  try {
    return typeof value === "object" && value !== null && !closed.get.call(value) && value.opener === window;
  } catch {
    return false; // no window
  }
}

// ---- how they take updates ---------------------------------------------------------------------------

/** @type {WeakMap<Document, Promise<Guest>>} */
const guests = new WeakMap();

/** What does the work of a client in that document. @param {BareDocument} place @returns {Promise<Guest>} */
function guestIn(place) {
  const { document } = place.window;
  const guest = guests.get(document) ?? invited(place).catch(() => strangerIn(place.window));
  guests.set(document, guest);
  return guest;
}

/** Gets all of them ready for an update. */
export const invite = () => Promise.all(places().map(guestIn));

/** Modules run in the realm of the document that loads them. @param {BareDocument} place @returns {Promise<Guest>} */
async function invited({ window, frame }) {
  if (frame?.sandbox?.length && !frame.sandbox.contains("allow-scripts")) throw new Error("it runs no script");
  const script = /** @type {HTMLScriptElement} */ (dom.createElementNS(window.document, XHTML, "script"));
  const come = new Promise((resolve, reject) => {
    window.addEventListener("hotreload:guest", (event) => resolve(/** @type {CustomEvent} */ (event).detail), { once: true });
    for (const event of ["load", "error"]) script.addEventListener(event, reject);
    pause(PATIENCE).then(reject);
  });
  try {
    Object.assign(script, { type: "module", src: new URL("guest.js", import.meta.url).href });
    dom.append(dom.documentElement(window.document), script);
    const guest = /** @type {Guest} */ (await come);
    guest.onLate((change) => tellLate(change));
    return guest;
  } finally {
    script.remove();
  }
}

/** A document that no module can be loaded in is only loaded again. @param {Window} window @returns {Guest} */
function strangerIn(window) {
  return {
    plan: async ({ changes }) => {
      const change = changes.find(({ url }) => namesOf(url).some((name) => filesIn(window).includes(name)));
      return { reload: change ? reasonFor(change) : "" };
    },
    change: async () => "unused",
    takeStock: async () => null,
    onLate() {},
  };
}

/** @param {HTMLIFrameElement | undefined} frame one that was written to, or shows what a script has made, comes back empty */
const isRestartable = (frame) => frame !== undefined && (frame.srcdoc !== "" || fileIn(frame) !== null);

/** @param {HTMLIFrameElement} frame */
export function restart(frame) {
  // The same address with a fragment would only scroll there.
  if (!frame.srcdoc && frame.src.includes("#")) return frame.replaceWith(frame);
  const name = frame.srcdoc ? "srcdoc" : "src";
  frame[name] = frame[name];
}

/**
 * What an update means to the documents without a client.
 * @param {Update} update
 * @returns {Promise<Turn[]>} of those to which it means anything
 */
export async function turnsFor(update) {
  /** @type {Turn[]} */
  const turns = [...framesFor(update)].map(([frame, change]) => ({ action: "html", reload: reasonFor(change), frame }));
  for (const place of places()) turns.push(await turnOf(place, update));
  return turns.filter(({ action }) => action !== "unused");
}

/**
 * Those that show a changed file, and those in a sandbox of which the server knows that they use it.
 * @param {Update} update
 * @returns {Map<HTMLIFrameElement, import("../messages.js").Change>} each with a change that it is loaded again for
 */
function framesFor({ changes }) {
  const found = new Map();
  for (const change of changes) {
    for (const url of [change.url, ...(change.via ?? [])]) for (const frame of bareFrames(url)) found.set(frame, change);
  }
  return found;
}

/** @param {BareDocument} place @param {Update} update @returns {Promise<Turn>} */
async function turnOf(place, update) {
  const frame = isRestartable(place.frame) ? place.frame : undefined;
  const guest = await guestIn(place);
  const plan = await guest.plan(update);
  if ("reload" in plan) return { action: plan.reload ? "html" : "unused", reload: plan.reload, frame };
  return { action: plan.action, change: () => guest.change(plan).catch((error) => startAnew(frame, error)) };
}

/** @param {HTMLIFrameElement | undefined} frame @param {Error} error @returns {Action} */
function startAnew(frame, { message }) {
  if (!frame) throw new NeedsReload(message);
  restart(frame);
  return "html";
}

// ---- after a time without the server -----------------------------------------------------------------

/**
 * The versions of what the page and its frames use. Frames of which nobody knows what they have start anew.
 * @param {Stock} own of the document
 * @returns {Promise<Stock>} digests by URL path; null where it is not known, or not the same everywhere
 */
export async function stockOf(own) {
  const stock = { ...own };
  for (const frame of bareFrames()) restart(frame);
  for (const place of places()) {
    const guest = await guestIn(place);
    const theirs = await guest.takeStock();
    if (!theirs && place.frame && isRestartable(place.frame)) restart(place.frame);
    for (const [url, digest] of Object.entries(theirs ?? {})) stock[url] = url in stock && stock[url] !== digest ? null : digest;
  }
  return stock;
}
