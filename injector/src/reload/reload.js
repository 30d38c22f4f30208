// Knows: how a page is reloaded, and where what it was like is kept meanwhile.
// Refuses to know: why the page reloads, and what it was like.
//
// Kept in this tab's session storage for ten seconds. `data-hotreload-restore="off"` on the root
// element keeps nothing.

import { pause } from "../connection/connection.js";
import { dom } from "../dom/dom.js";
import { capture } from "./capture.js";
import { AS_NAVIGATION, namesOf } from "../updates/usage.js";

/** @typedef {import("./capture.js").State & { href: string, time: number }} Left */

/** Where a page puts what it was like; followed by the place of its frame in the tab. */
const LEFT = "hotreload:left";
/** The update that a page last reloaded for. */
const FOR = "hotreload:for";
/** What is older is not from this reload, in milliseconds. */
const EXPIRES = 10_000;
/** A reload that has not begun by then was refused by a person. */
const REFUSED = 3_000;

// ---- leaving -----------------------------------------------------------------------------------------

/**
 * Whether this page was already loaded anew for the same update: then once more will not help, as when
 * a service worker answers with the old page.
 * @param {string} update
 * @returns {boolean}
 */
export function isRepeated(update) {
  const [key, value] = [FOR + placeOfFrame(), `${update} ${location.pathname}`];
  try {
    const repeated = sessionStorage.getItem(key) === value;
    sessionStorage.setItem(key, value);
    return repeated;
  } catch {
    return false; // no storage for this page, so no worker either that could keep it old
  }
}

/**
 * Reloads as a person would: the address, the history's state and the fragment stay. (A page that came
 * from a form makes the browser ask, as it does for a person: only the form can make that page.)
 * @param {string[]} urls of what changed
 * @param {WeakSet<EventTarget>} edited what a person has written in
 * @returns {Promise<void>} kept only if the page is still there after a while
 */
export async function reload(urls, edited) {
  await Promise.race([forget(urls), pause(300)]);
  const frames = framesOf(window);
  if (frames.length) await keepAll(frames, edited);
  location.reload();
  if (!frames.length) keep(edited); // while the browser asks the server already
  await pause(REFUSED);
}

/** @param {Window[]} frames @param {WeakSet<EventTarget>} edited */
async function keepAll(frames, edited) {
  keep(edited); // first: frames that land from now on see that they are about to go
  await Promise.race([Promise.all(frames.map(keepFrame)), pause(300)]);
}

/** @type {Left | null} what this page was like before, while that is not all put back */
let pending = null;

/**
 * Notes what this page is like, for when it comes back.
 * @param {WeakSet<EventTarget>} edited what a person has written in
 */
export function keep(edited) {
  try {
    const left = pending ? { ...pending, time: Date.now() } : { ...capture(edited), href: location.href, time: Date.now() };
    if (isWanted()) sessionStorage.setItem(LEFT + placeOfFrame(), JSON.stringify(left));
  } catch (error) {
    console.debug("[hotreload]", error); // no storage, or full: it lands as after any reload
  }
}

/** @param {Window} page @returns {Window[]} those in frames too */
const framesOf = (page) => framesIn(page).flatMap((frame) => [frame, ...framesOf(frame)]);

/** A window of another origin shows these, and cannot be iterated. @param {Window} page @returns {Window[]} */
const framesIn = (page) => Array.from({ length: page.length }, (_, index) => /** @type {Window} */ (page[index]));

/** A frame that has a client of its own. @param {Window} frame */
async function keepFrame(frame) {
  try {
    await /** @type {any} */ (frame).__hotreload__?.keep();
  } catch {
    // another origin: it keeps nothing, and is asked nothing
  }
}

/** A service worker may answer from caches that know nothing of files. @param {string[]} urls */
async function forget(urls) {
  if (!navigator.serviceWorker?.controller) return;
  const names = new Set([...urls.flatMap(namesOf), location.href]);
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const url of names) {
      for (const entry of await cache.keys(url, { ignoreSearch: true, ignoreVary: true })) await renew(cache, entry);
    }
  }
}

/**
 * What is in the cache has to be there again: there are workers that know no other answer.
 * @param {Cache} cache
 * @param {Request} entry
 */
async function renew(cache, entry) {
  const old = await cache.match(entry, { ignoreVary: true });
  await cache.delete(entry, { ignoreVary: true });
  const { pathname } = new URL(entry.url);
  // As a document is asked for, with our tag in it: the last of a path may be one without saying so.
  const isDocument = !/\.\w+$/.test(pathname) || /\.(x?html?|svg)$/i.test(pathname);
  const now = await fetch(entry.url, isDocument ? AS_NAVIGATION : {}).catch(() => old); // nobody is there: it is as old as the page
  if (now && (now.ok || now === old)) await cache.put(entry, now);
}

// ---- landing -----------------------------------------------------------------------------------------

/** Puts back what the page was like, if it was left a moment ago. */
export async function land() {
  const place = placeOfFrame();
  const left = leftBy(place);
  const isOurs = left && left.href === location.href && Date.now() - left.time <= EXPIRES && isWanted();
  if (isOurs) pending = left;
  while (isOurs && isBeingTaken()) await pause(50);
  sessionStorage.removeItem(LEFT + place);
  if (!isOurs) return;
  try {
    const { restore } = await import("./restore.js");
    await restore(left);
  } finally {
    pending = null;
  }
}

const isWanted = () => dom.dataset(dom.documentElement(document))["hotreloadRestore"] !== "off";

/** Whether a page that this frame is in is about to reload, which takes the frame with it. */
function isBeingTaken() {
  for (let place = placeOfFrame(); place; ) {
    place = place.replace(/^\/\d+/, "");
    const above = leftBy(place);
    if (above && Date.now() - above.time < REFUSED) return true;
  }
  return false;
}

/** @param {string} place @returns {Left | null} what is noted there */
const leftBy = (place) => JSON.parse(sessionStorage.getItem(LEFT + place) ?? "null");

/** Frames of one tab share its storage: each has its own place in the tree of frames, from the frame to the top. */
function placeOfFrame() {
  let place = "";
  for (let frame = window; frame !== frame.parent; frame = /** @type {typeof window} */ (frame.parent)) {
    place += `/${framesIn(frame.parent).indexOf(frame)}`;
  }
  return place;
}
