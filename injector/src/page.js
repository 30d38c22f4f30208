// Knows: what this document is, and which module does what with an update.
// Refuses to know: how any of it is done. Nothing here throws into the page.
//
// The page sees one object, `window.__hotreload__`, frozen: `version` and `run` of the server, and
// `seq`, the number of the last update that came, and `keep()`, by which a page that is about to
// reload has its frames note what they are like. Two events tell of updates on `document`:
// `hotreload:before-update` (cancelable: the page then stays as it is) and `hotreload:after-update`;
// their `detail` holds `seq`, `action` ("css", "image", "html" or "reload") and `urls`.

import { BROWSER, Connection } from "./connection/connection.js";
import { dom } from "./dom/dom.js";
import { tellFaults } from "./console/errors.js";
import { Losses } from "./connection/outage.js";
import { encode, parse } from "./messages.js";
import { loadCSS, loadPlan, loadStatus, loadSwap, modules } from "./updates/modules.js";
import { NeedsReload } from "./updates/needs-reload.js";
import { Sequence } from "./connection/sequence.js";
import { Snapshot } from "./html/snapshot.js";
import { served } from "./tag.js";
import { pathOf } from "./dom/urls.js";
import * as use from "./updates/resources.js";

/** @typedef {import("./messages.js").Change} Change */
/** @typedef {import("./messages.js").Update} Update */
/** @typedef {import("./messages.js").Action} Action */
/** @typedef {import("./updates/planner.js").Plan} Plan */
/** @typedef {import("./updates/planner.js").Steps} Steps */
/**
 * @typedef {object} Task
 * @property {Update} update
 * @property {number} at when it came, as performance.now() tells
 * @property {boolean} [silent] the server does not wait for an answer
 * @property {string} [order] the reason for a reload that was asked for
 */

const { own, run, seq, file } = served;
/** A page that has been without its server for so long says so, in milliseconds. */
const ALONE = 1_500;

/** Of the server. */
let version = "";
/** Of the document's source, as it is shown now. */
let digest = served.digest;
/** A file that is too large to be read has a name for its version that is no digest. */
const canPatch = file !== "" && !digest.startsWith("s");
/** Where it was loaded from: scripts may have changed the address already. */
const { name: loadedFrom } = performance.getEntriesByType("navigation")[0] ?? { name: location.href };
/** What this document is. */
const PAGE = { file, address: pathOf(loadedFrom) ?? "", stood: /** @type {Set<string>} */ (new Set()), canPatch, isListing: digest === "0" };

// ---- what the page was, and what is loaded ahead ------------------------------------------------------

/**
 * What the document was made from, and what it was like before its scripts had done much.
 * @type {Promise<{ source: string, snapshot: Snapshot }> | undefined}
 */
let origin;

const loadOrigin = () =>
  (origin ??= readOrigin().catch((error) => {
    origin = undefined; // the server may be back by the next time
    throw error;
  }));

async function readOrigin() {
  const snapshot = new Snapshot();
  return { snapshot, source: await sourceOf(digest) };
}

/** @param {string | undefined} version of a document: its digest */
async function sourceOf(version) {
  const response = await use.ask(new URL(`source/${version}${file}`, own).href);
  if (!response.ok) throw new NeedsReload("the server has forgotten what the page was made of");
  return new TextDecoder(dom.characterSet(document)).decode(await response.arrayBuffer());
}

/** @type {Promise<import("./html/tracking.js").Tracking> | undefined} where each part of the source is in the page */
let tracker;

const loadTracker = () =>
  (tracker ??= makeTracker().catch((error) => {
    tracker = undefined; // as above
    throw error;
  }));

async function makeTracker() {
  const tracking = await (await import("./html/tracking.js")).trackPage(loadOrigin);
  origin = undefined; // the tracker has what is left to know of it
  return tracking;
}

/** What cannot be learnt later. The status: when there is something to show, there may be no server to load it from. */
function prepare() {
  if (canPatch && !tracker) loadOrigin().catch(quietly);
  loadStatus().catch(quietly);
}

/** Modules are loaded ahead where files are being saved, or may soon be; a page that is only looked at needs none. */
function expectUpdates() {
  Promise.all([loadPlan().then(({ invite }) => invite()), loadSwap(), canPatch ? loadTracker() : loadCSS(), import("./reload/reload.js")]).catch(quietly);
}

/** Once the document is parsed, in a quiet moment. @param {() => void} task */
function whenQuiet(task) {
  const wait = () => ("requestIdleCallback" in window ? requestIdleCallback(task, { timeout: 200 }) : BROWSER.setTimeout(task, 50));
  if (dom.readyState(document) === "loading") dom.addEventListener(document, "DOMContentLoaded", wait, { once: true });
  else wait();
}

// ---- an update is taken: one after another, each answered once ---------------------------------------

/** @type {Task[]} */
const tasks = [];
let working = false;
/** Ends with the last task. */
let worked = Promise.resolve();

/** @param {Task} task */
function enqueue(task) {
  tasks.push(task);
  if (!working) worked = work();
}

/** All in the task of the message that brought it, as long as there is nothing to wait for. */
async function work() {
  working = true;
  for (let task = tasks.shift(); task; task = tasks.shift()) await take(task);
  working = false;
  whenQuiet(expectUpdates);
}

/** @param {Task} task */
async function take(task) {
  try {
    await carryOut(task, task.order ? { reload: task.order } : await planFor(task.update));
  } catch (error) {
    if (error instanceof NeedsReload) await reload(task, error.message);
    else if (await connection.ask()) await reload(task, String(error));
    else sequence.stray(); // it failed as the server went
  }
}

/** @param {Update} update @returns {Promise<Plan>} */
async function planFor(update) {
  const plan = modules.plan ?? (await Promise.all([loadPlan(), loadSwap()]))[0];
  return plan.planFor(update, PAGE);
}

/** @param {Task} task @param {Plan} plan */
async function carryOut(task, plan) {
  if ("reload" in plan) return reload(task, plan.reload);
  for (const change of plan.unused) use.pass(change);
  if (plan.action === "unused") return answer(task, plan.action);
  if (!announce("before", task, plan.action)) return answer(task, "unused", CANCELLED);
  const action = await changeInPlace(plan);
  answer(task, action);
  settled("update");
  announce("after", task, action);
}

const CANCELLED = "the page has cancelled it";

/** @param {Task} task @param {Action} action @param {string} [detail] */
function answer({ update, at, silent }, action, detail) {
  const ms = Math.round((update.age + performance.now() - at) * 10) / 10;
  if (!silent) say({ type: "applied", seq: update.seq, action, ms, ...(detail && { detail }) });
}

/**
 * @param {"before" | "after"} when
 * @param {Task} task
 * @param {Action} action
 * @returns {boolean} whether nobody cancelled it
 */
function announce(when, { update }, action) {
  const detail = { seq: update.seq, action, urls: update.changes.map(({ url }) => url) };
  return dom.dispatchEvent(document, new CustomEvent(`hotreload:${when}-update`, { cancelable: when === "before", detail }));
}

// ---- updates in place --------------------------------------------------------------------------------

/**
 * The document first: what it does not use any more need not be updated.
 * @param {Steps} steps
 * @returns {Promise<Action>} what was done
 */
async function changeInPlace(steps) {
  for (const change of steps.html) await patchDocument(change);
  return (modules.swap ?? (await loadSwap())).change(steps);
}

/** @param {Change} change */
async function patchDocument({ text, digest: next }) {
  const { patch } = await loadTracker();
  await patch(text ?? (await sourceOf(next)), text !== undefined);
  digest = next ?? "";
}

// ---- full reload -------------------------------------------------------------------------------------

/** @param {Task} task @param {string} reason */
async function reload(task, reason) {
  try {
    if (announce("before", task, "reload")) await leave(task, reason);
    else answer(task, "unused", CANCELLED);
  } catch (error) {
    fail(task, `${reason}, but the page cannot reload: ${error}`);
    sequence.stray();
  }
}

/** Firefox does not load a module again that it once could not: a document that lost its server while it loaded. */
const BARE = { isRepeated: () => false, reload: async () => location.reload() };

/** Whether a full reload has begun. */
let isLeaving = false;

/** @param {Task} task @param {string} reason */
async function leave(task, reason) {
  const loaded = await import("./reload/reload.js").catch(quietly);
  if (!loaded && !(await connection.ask())) return sequence.stray();
  const { isRepeated, reload } = loaded ?? BARE;
  const repeated = isRepeated(`${sequence.run}-${task.update.seq}${task.silent ? "-late" : ""}`);
  // Who is kept from the new page hears of the update as soon as there is a connection.
  if (!task.order && repeated && losses.openings === 1) {
    return fail(task, `${reason}, and a full reload did not show it`);
  }
  answer(task, "reload", reason);
  sequence.stray(); // if it is this page that a person comes back to
  isLeaving = true;
  await reload(task.update.changes.map(({ url }) => url), edited);
  isLeaving = false; // a person has refused
}

/** What a person has written in. @type {WeakSet<EventTarget>} */
const edited = new WeakSet();

/** @param {Event} event */
const noteEdit = (event) => void edited.add(event.composedPath()[0] ?? document);

/** Scripts may put another page in the place of this one, and this one back, while no update comes. */
const noteAddress = () => (modules.plan ? modules.plan.moved(PAGE) : void PAGE.stood.add(location.pathname));

/** @param {Task} task @param {string} why */
function fail(task, why) {
  answer(task, "failed", why);
  show("update", why);
}

// ---- with the server --------------------------------------------------------------------------------

const sequence = new Sequence(run, seq, {
  introduce: () => introduce(),
  compare: () => void compare(),
  apply,
});

/** @param {Update} update */
function apply(update) {
  for (const change of update.changes) use.outdate(change);
  enqueue({ update, at: performance.now() });
}

const socket = new URL("ws", own);
socket.protocol = own.protocol.replace("http", "ws");

const connection = new Connection(socket.href, {
  opened,
  lost,
  received: (data) => hear(parse(data)),
  question() {
    losses.asked();
    return encode({ type: "ping" });
  },
});

const losses = new Losses({
  lacksAny: () => use.lacking().length > 0,
  ask: () => connection.ask(),
  probe: () => void probe().catch(quietly),
  compare: () => sequence.resync(),
  excuse: use.excuse,
});

async function probe() {
  const changes = await (await import("./connection/retry-failed.js")).whatComes();
  if (changes.length) enqueue(ofOurOwn(changes));
  losses.failed();
}

/** @type {unknown} set while the server is away */
let alone;

function opened() {
  losses.opened(alone !== undefined);
  BROWSER.clearTimeout(alone);
  alone = undefined;
  settled("connection");
  sequence.opened();
  tellFaults(say);
  losses.failed();
}

/** @param {boolean} missed */
function lost(missed) {
  if (alone !== undefined) return;
  // A page that reloads needs none of it, and its service worker would put old files into a cache again.
  if (!isLeaving && !missed) use.remember();
  alone = BROWSER.setTimeout(() => {
    show("connection", "Waiting for the server");
    import("./connection/refusal.js").then(({ explain }) => explain((text) => alone && show("connection", text))).catch(quietly);
  }, ALONE);
}

/** @param {import("./messages.js").FromPage} message @returns {boolean} whether there is a server to hear it */
const say = (message) => connection.send(encode(message));

/** @param {Record<string, string | null>} [resources] */
function introduce(resources) {
  const url = location.pathname + location.search;
  say({ type: "page", url, run: sequence.run, seq: sequence.seq, file, ...(resources && { resources }) });
}

async function compare() {
  if (!file) return enqueue({ ...ofOurOwn([]), order: "no file is known for this address" });
  while (working) await worked; // what has come already is not to follow what differs
  const own = { ...(await use.inventory()), [file]: digest };
  introduce(modules.plan || window.length ? await withFrames(own).catch(() => own) : own); // the server may be gone again
  sequence.compared();
}

/** @param {Record<string, string | null>} own */
const withFrames = async (own) => (await loadPlan()).stockOf(own);

/** @param {import("./messages.js").FromServer | null} message */
function hear(message) {
  switch (message?.type) {
    case "hello":
      version = message.version;
      if (message.run === sequence.run) use.goOn();
      return sequence.hello(message);
    case "update":
      return sequence.update(message);
    case "ping":
      return losses.answered();
    case "imports":
      return use.hasImports(message.files);
    case "resync":
      return sequence.refused();
    case "reload":
      return enqueue({ ...ofOurOwn([]), order: message.reason });
    case "problem":
      return show(`problem ${message.source}`, placeOf(message) + message.text);
    case "solved":
      return settled(`problem ${message.source}`);
  }
}

/** A task that no update has brought. @param {Change[]} changes @returns {Task} */
const ofOurOwn = (changes) => ({
  update: { type: "update", seq: sequence.seq, age: 0, changes },
  at: performance.now(),
  silent: true,
});

/** @param {import("./messages.js").Problem} problem */
const placeOf = ({ file, line }) => (file ? `${file}${line ? `:${line}` : ""}: ` : "");

// ---- what a person sees -----------------------------------------------------------------------------

/** @param {string} about @param {string} text */
const show = (about, text) => void loadStatus().then(({ show }) => show(about, text), quietly);

/** @param {string} about */
const settled = (about) => modules.status?.hide(about);

/** For what may fail without harm: it is tried again when it is needed. @param {unknown} error */
const quietly = (error) => console.debug("[hotreload]", error);

// ---- beginning ---------------------------------------------------------------------------------------

/** A page that has a client, one of another server, and a sandbox that has no origin are left alone. */
function begin() {
  if ("__hotreload__" in window || self.origin !== own.origin) return;
  Object.defineProperty(window, "__hotreload__", { value: facts });
  land();
  const { prerendering } = /** @type {{ prerendering?: (page: Document) => boolean }} not in every browser */ (dom);
  if (prerendering?.(document)) dom.addEventListener(document, "prerenderingchange", start, { once: true });
  else start();
}

const facts = Object.freeze({
  get version() {
    return version;
  },
  get run() {
    return sequence.run;
  },
  get seq() {
    return sequence.seq;
  },
  keep: () => import("./reload/reload.js").then(({ keep }) => keep(edited)).catch(quietly),
});

/** After a full reload of ours: back to where the page was. */
function land() {
  try {
    const left = Object.keys(sessionStorage).some((key) => key.startsWith("hotreload:left"));
    if (left) import("./reload/reload.js").then(({ land }) => land()).catch(quietly);
  } catch (error) {
    quietly(error); // no storage for this page: nothing was kept
  }
}

function start() {
  if (file) use.useDocument(file);
  use.onFailed(() => losses.failed());
  use.onLate((change) => enqueue(ofOurOwn([change])));
  dom.addEventListener(document, "input", noteEdit, { capture: true, passive: true });
  (self.navigation ?? self).addEventListener(self.navigation ? "currententrychange" : "popstate", noteAddress);
  connection.start();
  whenQuiet(prepare);
  if (seq) Promise.all([loadPlan(), loadSwap(), loadCSS()]).catch(quietly); // of what is saved the most frequent
  if (seq || !dom.hasFocus(document)) whenQuiet(expectUpdates);
  else addEventListener("blur", () => whenQuiet(expectUpdates)); // who turns to an editor is about to save
}

begin();
