// Knows: what each change of a file means to a page: an update in place of which kind, a full reload, or nothing.
// Refuses to know: how any of it is done.

import { shown, standing, standsFor } from "./address.js";
import { turnsFor } from "../frames/frames.js";
import { loadCSS, modules } from "./on-demand.js";
import { NeedsReload } from "./needs-reload.js";
import { lookForRoots } from "../css/sheets.js";
import { pathOf } from "../dom/urls.js";
import { isMedia } from "./file-kinds.js";
import { isMissing, mayHaveRead, reasonFor, uses } from "./usage.js";
import * as use from "./resources.js";

/** @typedef {import("../messages.js").Change} Change */
/** @typedef {import("../messages.js").Update} Update */
/** @typedef {import("../messages.js").Action} Action */
/** @typedef {Change & { successor?: Change }} Gone successor: the style sheet that came in its place */
/**
 * @typedef {{ html: Change[], frames: HTMLIFrameElement[], turns: import("../frames/frames.js").Turn[], css: Gone[], image: Change[],
 *   unused: Change[] }} Steps frames: those to be loaded again; turns: what is done in documents without a client
 */
/** @typedef {{ reload: string } | (Steps & { action: Action })} Plan action: the strongest of the steps */
/**
 * @typedef {object} Page what a document is
 * @property {string} file URL path of its file; empty where it has none
 * @property {string} address where it was loaded from, as `pathOf` spells it: scripts may change the address later
 * @property {Set<string>} stood the paths that scripts have made of it since
 * @property {boolean} canPatch whether its source can be compared with the next one
 * @property {boolean} isListing whether it lists the files of a folder
 */

/**
 * The whole batch is looked at first: one change that needs a reload is one reload.
 * @param {Update} update
 * @param {Page} page
 * @returns {Promise<Plan>}
 */
export async function planFor(update, page) {
  /** @type {Steps} */
  const steps = { html: [], frames: [], turns: [], css: [], image: [], unused: [] };
  const successors = await successorsIn(update);
  for (const change of update.changes) {
    const action = await actionFor(change, page);
    if (action === "reload" || (update.reload && action !== "unused")) return { reload: reasonFor(change) };
    const successor = successors.get(change);
    steps[action].push(successor ? { ...change, successor } : change);
  }
  if (strongest(steps) === "unused") lookForRoots(); // there may be frames that are not known yet
  for (const turn of await turnsFor(update)) {
    if (turn.reload && (update.reload || !turn.frame)) return { reload: turn.reload };
    if (turn.frame) steps.frames.push(turn.frame);
    else steps.turns.push(turn);
  }
  return { ...steps, action: strongest(steps) };
}

/**
 * Names with a digest of the content in them: /app.91c.css comes for /app.3f2.css.
 * @param {Update} update
 * @returns {Promise<Map<Change, Change>>} what came, by what went
 */
async function successorsIn({ changes }) {
  if (!changes.some(({ kind }) => kind === "deleted")) return new Map();
  const { pairHashedNames } = await import("./hashed-names.js");
  return new Map(pairHashedNames(changes).map(({ from, to }) => [from, to]));
}

/** @param {Change} change @param {Page} page @returns {Promise<"html" | "css" | "image" | "reload" | "unused">} */
async function actionFor(change, page) {
  const { url, kind } = change;
  if (url === page.file) return documentAction(change, page);
  if (kind !== "modified" && isOfAddress(url, page)) return "reload";
  if (kind === "modified" && showsAnother(url, page)) {
    if (shown() === page.address) return "reload";
    throw new NeedsReload(`${reasonFor(change)}, and it is the page that stands here now`);
  }
  if (kind === "deleted" && isMissing(url)) return "unused";
  if (use.isSheet(url)) return sheetAction(change, modules.css ?? (await loadCSS()));
  if (!uses(change)) return "unused";
  return isMedia(url) ? "image" : "reload";
}

/** @param {Change} change @param {Page} page @returns {Promise<"html" | "reload" | "unused">} */
async function documentAction(change, page) {
  const whose = await standing(change, page);
  if (whose === "another") return "unused";
  if (whose === "returned") throw new NeedsReload(`${reasonFor(change)}, and another page has stood here since it was loaded`);
  return change.kind === "deleted" || !change.digest || !page.canPatch ? "reload" : "html";
}

/** @param {Change} change @param {typeof import("../css/css.js")} css */
function sheetAction(change, { usesSheet, mayHideSheets }) {
  if (usesSheet(change.url)) return "css";
  return mayHaveRead(change) || (uses(change) && mayHideSheets()) ? "reload" : "unused";
}

/**
 * Whether a file that came or went is what the address stands for, or in the list of files that it shows.
 * @param {string} url
 * @param {Page} page
 */
function isOfAddress(url, page) {
  const folder = page.isListing && pathOf(url, self.origin)?.replace(/[^/]+$/, "");
  return folder === shown() || standsFor(url, page);
}

/**
 * Whether the address stands for a file that the page was not made of: scripts have put another page here, or it was
 * loaded while the file was being replaced, which the server tells as one modification.
 * @param {string} url
 * @param {Page} page
 */
const showsAnother = (url, page) => standsFor(url, page) && !(page.file && standsFor(page.file, page));

/** @param {Steps} steps @returns {Action} */
function strongest({ html, frames, turns, css, image }) {
  const actions = turns.map(({ action }) => action);
  if (html.length || frames.length || actions.includes("html")) return "html";
  return css.length || actions.includes("css") ? "css" : image.length ? "image" : (actions[0] ?? "unused");
}
