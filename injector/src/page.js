// Knows: what this document is, and which module does what with an update.
// Refuses to know: how any of it is done. Nothing here throws into the page.
//
// The page sees one object, `window.__hotreload__`, frozen: `version` and `run` of the server, and
// `seq`, the number of the last update that came, and `keep()`, by which a page that is about to
// reload has its frames note what they are like. Two events tell of updates on `document`:
// `hotreload:before-update` (cancelable: the page then stays as it is) and `hotreload:after-update`;
// their `detail` holds `seq`, `action` ("css", "image", "html" or "reload") and `urls`.

import { BROWSER, Connection } from "./connection/connection.js";
import { followServer } from "./connection/catch-up.js";
import { LostRequests } from "./connection/lost-requests.js";
import { reportErrors } from "./console/errors.js";
import { dom } from "./dom/dom.js";
import { pathOf } from "./dom/urls.js";
import { canPatch, digest, loadOrigin } from "./html/document-source.js";
import { encode, parse } from "./messages.js";
import { served } from "./tag.js";
import { Queue } from "./updates/queue.js";
import * as use from "./updates/resources.js";

/** @typedef {import("./messages.js").Change} Change */
/** @typedef {import("./messages.js").Action} Action */
/** @typedef {import("./updates/queue.js").Task} Task */

const { own, seq, file } = served;
/** A page that has been without its server for so long says so, in milliseconds. */
const ALONE = 1_500;

/** Of the server. */
let version = "";
/** Where it was loaded from: scripts may have changed the address already. */
const { name: loadedFrom } = performance.getEntriesByType("navigation")[0] ?? { name: location.href };
/** What this document is. */
const PAGE = { file, address: pathOf(loadedFrom) ?? "", stood: /** @type {Set<string>} */ (new Set()), canPatch, isListing: served.digest === "0" };

// ---- what is loaded ahead ----------------------------------------------------------------------------

/** What has come, to be used without waiting. @type {{ updates?: typeof import("./updates/run-update.js"), toast?: typeof import("./ui/toast.js") }} */
const modules = {};
const loadUpdates = async () => (modules.updates ??= await import("./updates/run-update.js"));
const loadToast = async () => (modules.toast ??= await import("./ui/toast.js"));

/** What cannot be learnt later. The toast: when there is something to show, there may be no server to load it from. */
const prepare = () => void Promise.all([canPatch && digest === served.digest && loadOrigin(), loadToast()]).catch(quietly);

/** Modules are loaded ahead where files are being saved, or may soon be; a page that is only looked at needs none. */
const expectUpdates = () => void loadUpdates().then(({ prepare }) => prepare(canPatch)).catch(quietly);

/** Once the document is parsed, in a quiet moment. @param {() => void} task */
function whenQuiet(task) {
  const wait = () => ("requestIdleCallback" in window ? requestIdleCallback(task, { timeout: 200 }) : BROWSER.setTimeout(task, 50));
  if (dom.readyState(document) === "loading") dom.addEventListener(document, "DOMContentLoaded", wait, { once: true });
  else wait();
}

// ---- an update is carried out ------------------------------------------------------------------------

/** @param {Task} task */
async function take(task) {
  try {
    if (task.order) return await reload(task, task.order);
    const { runUpdate } = modules.updates ?? (await loadUpdates());
    await runUpdate(task, PAGE, { reload, answer, settled });
  } catch (error) {
    if (await connection.ask()) await reload(task, String(error));
    else sequence.stray(); // it failed as the server went
  }
}

/** @param {Task} task @param {Action} action @param {string} [detail] */
function answer({ update, at, silent }, action, detail) {
  const ms = Math.round((update.age + performance.now() - at) * 10) / 10;
  if (!silent) say({ type: "applied", seq: update.seq, action, ms, ...(detail && { detail }) });
  if (action === "failed") show("update", detail ?? "");
}

const queue = new Queue(take, () => whenQuiet(expectUpdates));

/** What a person has written in. @type {WeakSet<EventTarget>} */
const edited = new WeakSet();
/** Of a full reload: whether it has begun. */
const leaving = { isLeaving: false };

/** @param {Task} task @param {string} reason */
async function reload(task, reason) {
  const loaded = await import("./reload/full-reload.js").catch(quietly);
  if (loaded) return loaded.fullReload(task, reason, { answer, sequence, outage, edited, leaving });
  if (!(await connection.ask())) return sequence.stray();
  // Firefox does not load a module again that it once could not: a document that lost its server while it loaded.
  answer(task, "reload", reason);
  sequence.stray();
  location.reload();
}

/** A task that no update has brought. @param {Change[]} changes @param {string} [order] */
const enqueueOwn = (changes, order) =>
  queue.add({ update: { type: "update", seq: sequence.seq, age: 0, changes }, at: performance.now(), silent: true, order });

/** @param {Event} event */
const noteEdit = (event) => void edited.add(event.composedPath()[0] ?? document);

/** Scripts may put another page in the place of this one, and this one back, while no update comes. */
const noteAddress = () => (modules.updates ? modules.updates.moved(PAGE) : void PAGE.stood.add(location.pathname));

// ---- with the server --------------------------------------------------------------------------------

const sequence = followServer({
  say,
  apply(update) {
    for (const change of update.changes) use.outdate(change);
    queue.add({ update, at: performance.now() });
  },
  reload: (reason) => enqueueOwn([], reason),
  queue,
  withFrames: async (own) => (modules.updates || window.length ? (await loadUpdates()).stockOf(own) : own),
});

const socket = new URL("ws", own);
socket.protocol = own.protocol.replace("http", "ws");

const connection = new Connection(socket.href, {
  opened,
  lost,
  received: (data) => hear(parse(data)),
  question() {
    outage.asked();
    return encode({ type: "ping" });
  },
});

const outage = new LostRequests({
  lacksAny: () => use.lacking().length > 0,
  ask: () => connection.ask(),
  retry: () => void retry().catch(quietly),
  compare: () => sequence.resync(),
  excuse: use.excuse,
});

async function retry() {
  const changes = await (await import("./connection/retry-failed.js")).findRecovered();
  if (changes.length) enqueueOwn(changes);
  outage.failed();
}

/** @type {unknown} set while the server is away */
let alone;

function opened() {
  outage.opened(alone !== undefined);
  BROWSER.clearTimeout(alone);
  alone = undefined;
  settled("connection");
  sequence.opened();
  reportErrors(say);
  outage.failed();
}

/** @param {boolean} missed */
function lost(missed) {
  if (alone !== undefined) return;
  // A page that reloads needs none of it, and its service worker would put old files into a cache again.
  if (!leaving.isLeaving && !missed) use.remember();
  alone = BROWSER.setTimeout(() => {
    show("connection", "Waiting for the server");
    import("./connection/refusal.js").then(({ explain }) => explain((text) => alone && show("connection", text))).catch(quietly);
  }, ALONE);
}

/** @param {import("./messages.js").FromPage} message @returns {boolean} whether there is a server to hear it */
function say(message) {
  return connection.send(encode(message));
}

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
      return outage.answered();
    case "imports":
      return use.hasImports(message.files);
    case "resync":
      return sequence.refused();
    case "reload":
      return enqueueOwn([], message.reason);
    case "problem":
      return show(`problem ${message.source}`, placeOf(message) + message.text);
    case "solved":
      return settled(`problem ${message.source}`);
  }
}

/** @param {import("./messages.js").Problem} problem */
const placeOf = ({ file, line }) => (file ? `${file}${line ? `:${line}` : ""}: ` : "");

// ---- what a person sees -----------------------------------------------------------------------------

/** @param {string} about @param {string} text */
const show = (about, text) => void loadToast().then(({ show }) => show(about, text), quietly);

/** @param {string} about */
const settled = (about) => modules.toast?.hide(about);

/** For what may fail without harm: it is tried again when it is needed. @param {unknown} error */
const quietly = (error) => console.debug("[hotreload]", error);

// ---- beginning ---------------------------------------------------------------------------------------

/** A page that has a client, one of another server, and a sandbox that has no origin are left alone. */
export function begin() {
  if ("__hotreload__" in window || self.origin !== own.origin) return;
  Object.defineProperty(window, "__hotreload__", { value: facts });
  use.start();
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
  use.onFailed(() => outage.failed());
  use.onLate((change) => enqueueOwn([change]));
  dom.addEventListener(document, "input", noteEdit, { capture: true, passive: true });
  (self.navigation ?? self).addEventListener(self.navigation ? "currententrychange" : "popstate", noteAddress);
  connection.start();
  whenQuiet(prepare);
  if (seq) loadUpdates().then(({ loadCSS }) => loadCSS()).catch(quietly); // of what is saved the most frequent
  if (seq || !dom.hasFocus(document)) whenQuiet(expectUpdates);
  else addEventListener("blur", () => whenQuiet(expectUpdates)); // who turns to an editor is about to save
}
