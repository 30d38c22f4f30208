// Knows: what this page has requested, as the browser's resource timing tells it:
// https://w3c.github.io/resource-timing/. Refuses to know: how a change is applied.
// In doubt a file is used: a needless reload costs less than a page that is old.

import { EVERYTHING, OWN_PATH } from "../messages.js";
import { pathOf, stale } from "../dom/urls.js";

/** @typedef {import("../messages.js").Change} Change */
/**
 * @typedef {object} Use
 * @property {string} url its path
 * @property {Set<string>} by initiator types
 * @property {string} href its address as it was asked for
 * @property {boolean} missing the server had no such file
 * @property {Map<string, number>} failed addresses from which no answer came, from whomever, and when that was known
 * @property {boolean} came there was an answer once
 */

/** Browsers keep this many entries of what was requested before anybody listened. */
const BUFFERED = 250;
/** So long an answer to a request of ours is waited for, in milliseconds. */
const PATIENCE = 10_000;
/** How long a change may have crossed a request that had no answer yet, in milliseconds. */
const CROSSING = 30_000;

/** @type {Map<string, Use>} by file name */
const used = new Map();
/** @type {Map<string, { change: Change, at: number }>} changes that nothing used at that time */
const passed = new Map();
/** What the server saw workers and worklets request, or pages start, and which files did. @type {Map<string, Set<string>>} */
const imported = new Map();
/** What the page is known to have: digests by URL path, `""` for no file, null: not known. @type {Map<string, string | null>} */
const versions = new Map();
/**
 * Requests of ours that the browser has not told of yet, and between which times they were made.
 * @type {{ href: string, from: number, to: number }[]}
 */
const asked = [];
/** Hears of a change that concerns the page though it seemed not to. @type {(change: Change) => void} */
export let tellLate = () => {};
let tellFailed = () => {};
/** Whether the server is away. */
let isAway = false;
export const FRAMES = new Set(["frame", "iframe"]);
/** Whether there were requests that nobody has told of. */
export let isIncomplete = false;

/** @type {(list: PerformanceObserverEntryList, observer: PerformanceObserver, more?: { droppedEntriesCount?: number }) => void} */
const observed = (list, _, more) => {
  if (more?.droppedEntriesCount !== undefined) isIncomplete = more.droppedEntriesCount > 0;
  take(list.getEntries());
};
/** @type {PerformanceObserver} */
let observer;

/** From here on each request is told, whatever the size of the buffer. */
export function start() {
  isIncomplete = performance.getEntriesByType("resource").length >= BUFFERED;
  observer = new PerformanceObserver(/** @type {PerformanceObserverCallback} */ (observed));
  observer.observe({ type: "resource", buffered: true });
  take(performance.getEntriesByType("resource"));
}

/** What the page has requested of a file, under one of its names. @param {string} name @returns {Use | undefined} */
export function useOf(name) {
  take(observer.takeRecords());
  return used.get(name);
}

/** Whether a worker of the page, or a file that the server names, has requested it. @param {Change} change */
export const isRequestedBelow = ({ url, via }) => Boolean(via?.some(mayRequest)) || isImported(url);

/** @param {string} url */
export const isSheet = (url) => /\.css$/i.test(url);

/**
 * What a worker or worklet imports is told to it alone, and what a style sheet names may not have been needed here. What
 * a frame requests is the frame's.
 * @param {string} url
 */
function mayRequest(url) {
  const ways = used.get(pathOf(url, self.origin) ?? "")?.by ?? [];
  return url === EVERYTHING || (!isSheet(url) && [...ways].some((by) => !FRAMES.has(by)));
}

/**
 * Whether a worker of this page has requested it, or what that has requested, or the page where no page is told.
 * @param {string} url
 * @param {Set<string>} [seen]
 * @returns {boolean}
 */
function isImported(url, seen = new Set()) {
  const name = pathOf(url, self.origin) ?? "";
  if (seen.has(name)) return false;
  seen.add(name);
  return [...(imported.get(name) ?? [])].some((by) => mayRequest(by) || isImported(by, seen));
}

/** The server saw these requested where no page is told. @param {Record<string, string[]>} files and by which files */
export function hasImports(files) {
  for (const [url, requesters] of Object.entries(files)) {
    const name = pathOf(url, self.origin) ?? "";
    imported.set(name, new Set([...(imported.get(name) ?? []), ...requesters]));
  }
}

/**
 * Nothing used this change: if a request that was under way turns out to be for it, `late` hears.
 * @param {Change} change
 */
export function pass(change) {
  passed.set(pathOf(change.url) ?? "", { change, at: performance.now() });
}

/** A newer change of the file has come: the one that was passed is not to follow it. @param {Change} change */
export const outdate = ({ url }) => void passed.delete(pathOf(url) ?? "");

/** @param {(change: Change) => void} late */
export function onLate(late) {
  tellLate = late;
}

/** @param {() => void} failed hears of a file that was asked for without an answer */
export function onFailed(failed) {
  tellFailed = failed;
}

/** @param {PerformanceEntryList} entries */
function take(entries) {
  for (const entry of /** @type {PerformanceResourceTiming[]} */ (entries)) note(entry);
}

/** @param {PerformanceResourceTiming} entry */
function note(entry) {
  const { name, initiatorType, startTime, responseStatus } = entry;
  const file = pathOf(name);
  const forUs = isAsked(entry);
  if (file === null || file.includes(OWN_PATH) || isOurs(entry)) return;
  const use = used.get(file) ?? newUse(new URL(name).pathname);
  const isPlain = !forUs && stale(name) === name;
  if (isPlain) versions.delete(file); // it has what came now
  if (isPlain || (!forUs && !use.by.size)) use.by.add(initiatorType);
  use.missing = responseStatus === 404;
  use.href = stale(name);
  noteFailure(use, entry, forUs);
  used.set(file, use);
  // What was loaded just before the server went is told only now: the cache holds what has come.
  if (isAway) remembered = Promise.all([remembered, rememberOne(use)]);
  notice(file, startTime);
}

/** @param {string} url @returns {Use} */
function newUse(url) {
  return { url, by: new Set(), href: url, missing: false, failed: new Map(), came: false };
}

/** What we have fetched is not what stands in the page. @param {Use} use @param {PerformanceResourceTiming} entry @param {boolean} forUs */
function noteFailure(use, { name, responseStatus, startTime, responseEnd }, forUs) {
  if (responseStatus === 0) {
    const isOurs = forUs || stale(name) !== name; // nobody has given that up
    use.failed.set(name, isOurs ? Infinity : responseEnd || startTime);
    return queueMicrotask(tellFailed);
  }
  use.came = true;
  if (forUs) use.failed.delete(name);
  else use.failed.clear();
}

/**
 * What failed while the network was there was not lost by it: the page has given it up, or the browser blocked it.
 * @param {number} from as performance.now() tells
 * @param {number} to
 */
export function excuse(from, to) {
  take(observer.takeRecords());
  for (const { failed } of used.values()) {
    for (const [name, at] of failed) if (from <= at && at < to) failed.delete(name);
  }
}

/**
 * Only we read from the browser's cache what the page has loaded: the server says no-cache, so whoever
 * wants a file asks it.
 * @param {PerformanceResourceTiming} entry
 */
function isOurs({ name, initiatorType, transferSize, workerStart }) {
  const file = pathOf(name) ?? "";
  return initiatorType === "fetch" && transferSize === 0 && workerStart === 0 && (used.has(file) || imported.has(file));
}

/**
 * A `fetch` that says nothing about what the page uses.
 * @param {string} url
 * @param {RequestInit} [init]
 */
export async function ask(url, init) {
  const { href } = new URL(url, location.href);
  const request = { href, from: performance.now(), to: Infinity };
  asked.push(request);
  try {
    return await fetch(href, { signal: AbortSignal.timeout(PATIENCE), ...init });
  } finally {
    request.to = performance.now();
  }
}

/** @param {PerformanceResourceTiming} entry */
function isAsked({ name, initiatorType, startTime }) {
  if (initiatorType !== "fetch") return false;
  const at = asked.findIndex(({ href, from, to }) => href === name && from <= startTime && startTime <= to);
  return at >= 0 && asked.splice(at, 1).length > 0;
}

/** @param {string} file @param {number} asked */
function notice(file, asked) {
  const crossed = passed.get(file);
  if (!crossed) return;
  passed.delete(file);
  if (asked <= crossed.at && performance.now() - crossed.at < CROSSING) tellLate(crossed.change);
}

/**
 * The document is used too: with it, requests that only the server saw are known to be ours.
 * @param {string} url
 */
export function useDocument(url) {
  used.set(pathOf(url, self.origin) ?? "", { ...newUse(url), by: new Set(["navigation"]), came: true });
}

/** All files that this page or its workers have requested, and not in vain. @returns {Use[]} */
function all() {
  take(observer.takeRecords());
  const ours = [...used.values()].filter(
    ({ by, came, failed }) => (came || failed.size) && [...by].some((type) => !FRAMES.has(type)),
  );
  return [...ours, ...[...imported.keys()].filter((url) => !used.has(url) && isImported(url)).map(newUse)];
}

/** The files that the page asked for and no answer came. @returns {Use[]} */
export function lacking() {
  take(observer.takeRecords());
  return [...used.values()].filter(({ failed }) => failed.size);
}

// ---- which version of it ---------------------------------------------------------------------------

/** @type {Promise<unknown>} */
let remembered = Promise.resolve();

/**
 * The page shows what the change brought. What the browser's cache holds may be older: of a file that went, and where
 * the new one has been asked for under an address of its own.
 * @param {Change} change
 */
export function hasVersion({ url, kind, digest }) {
  const name = pathOf(url, self.origin);
  if (name !== null) versions.set(name, digest ?? (kind === "deleted" ? "" : null));
}

/**
 * Notes the versions that this page has, while it is sure that the browser's cache holds the same:
 * as long as this page heard of every update no other page can have put a newer one there.
 */
export function remember() {
  isAway = true;
  remembered = Promise.all(all().map(rememberOne));
}

/** The server is back, and what it knows of this page is right. */
export function goOn() {
  isAway = false;
}

/** @param {Use} use */
async function rememberOne({ url, href, missing }) {
  const name = pathOf(url) ?? "";
  if (versions.has(name)) return;
  const digest = missing ? "" : await cachedDigest(href);
  if (digest !== null) versions.set(name, digest);
}

/** @param {string} url @returns {Promise<string | null>} */
async function cachedDigest(url) {
  try {
    const { headers } = await fetch(url, { cache: "only-if-cached", mode: "same-origin" });
    return /^"(s?[0-9a-f]{16})\b/.exec(headers.get("etag") ?? "")?.[1] ?? null;
  } catch {
    return null; // not kept: the server will say that it may have changed
  }
}

/**
 * Everything that this page uses, with the version that it has.
 * @returns {Promise<Record<string, string | null>>} digests by URL path; null: not known
 */
export async function inventory() {
  const uses = all();
  await remembered;
  isAway = false;
  /** @param {Use} use */
  const versionOf = ({ url, failed }) => (failed.size ? null : (versions.get(pathOf(url) ?? "") ?? null));
  return Object.fromEntries(uses.map((each) => [each.url, versionOf(each)]));
}
