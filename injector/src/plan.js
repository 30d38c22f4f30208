// Knows: what each change of a file means to a page: an update in place of which kind, a full reload, or nothing.
// Refuses to know: how any of it is done.

import { loadCSS, modules } from "./modules.js";
import { reasonFor } from "./needs-reload.js";
import { pathOf } from "./urls.js";
import * as use from "./uses.js";

/** @typedef {import("./messages.js").Change} Change */
/** @typedef {import("./messages.js").Update} Update */
/** @typedef {import("./messages.js").Action} Action */
/** @typedef {Change & { successor?: Change }} Gone successor: the style sheet that came in its place */
/** @typedef {{ html: Change[], frames: HTMLIFrameElement[], css: Gone[], image: Change[], unused: Change[] }} Steps */
/** @typedef {{ reload: string } | (Steps & { action: Action })} Plan action: the strongest of the steps */
/**
 * @typedef {object} Page what a document is
 * @property {string} file URL path of its file; empty where it has none
 * @property {string} address where it was loaded from: scripts may change the address later
 * @property {boolean} canPatch whether its source can be compared with the next one
 * @property {boolean} isListing whether it lists the files of a folder
 */

/** What is shown without a script's help. */
const SHOWN =
  /\.(a?png|avif|bmp|cur|gif|ico|jfif|jpe?g|svg|webp|eot|otf|ttc|ttf|woff2?|aac|flac|m4[av]|mov|mp[34]|og[agv]|opus|vtt|wav|web[am])$/i;

/**
 * The whole batch is looked at first: one change that needs a reload is one reload.
 * @param {Update} update
 * @param {Page} page
 * @returns {Promise<Plan>}
 */
export async function planFor(update, page) {
  /** @type {Steps} */
  const steps = { html: [], frames: [], css: [], image: [], unused: [] };
  const successors = await successorsIn(update);
  for (const change of update.changes) {
    const way = await wayOf(change, page);
    const frames = await framesOf(change);
    if (way === "reload" || (update.reload && (frames[0] || way !== "unused"))) return { reload: reasonFor(change) };
    steps.frames.push(...frames.filter((frame) => !steps.frames.includes(frame)));
    const successor = successors.get(change);
    steps[way].push(successor ? { ...change, successor } : change);
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
  const { pairs } = await import("./pairs.js");
  return new Map(pairs(changes).map(({ from, to }) => [from, to]));
}

/** @param {Change} change @param {Page} page @returns {Promise<"html" | "css" | "image" | "reload" | "unused">} */
async function wayOf(change, page) {
  const { url, kind } = change;
  if (url === page.file) return kind === "deleted" || !change.digest || !page.canPatch ? "reload" : "html";
  if (kind !== "modified" && isOfAddress(url, page)) return "reload";
  if (kind === "modified" && showsAnother(url, page)) return "reload";
  if (kind === "deleted" && use.isMissing(url)) return "unused";
  if (url.endsWith(".css")) return wayOfStyle(change, modules.css ?? (await loadCSS()));
  if (!use.uses(change)) return "unused";
  return SHOWN.test(url) ? "image" : "reload";
}

/** Those that show the file, and those in a sandbox of which the server knows that they use it. @param {Change} change */
async function framesOf({ url, via = [] }) {
  if (!document.querySelector("iframe")) return [];
  const { bareFrames } = await import("./frames.js");
  return [...new Set([url, ...via].flatMap((each) => bareFrames(each)))];
}

/** @param {Change} change @param {typeof import("./css.js")} css */
function wayOfStyle(change, { usesSheet, mayHideSheets }) {
  if (usesSheet(change.url)) return "css";
  return use.mayHaveRead(change) || (use.uses(change) && mayHideSheets()) ? "reload" : "unused";
}

/**
 * Whether a file that came or went is what the address stands for, or in the list of files that it shows.
 * @param {string} url
 * @param {Page} page
 */
function isOfAddress(url, { address, isListing }) {
  const folder = isListing && pathOf(url, location.origin)?.replace(/[^/]+$/, "");
  return folder === address || use.namesOf(url).includes(address);
}

/**
 * Whether the address stands for a file that the page does not show: it was loaded while the file was being
 * replaced, which the server tells as one modification.
 * @param {string} url
 * @param {Page} page
 */
const showsAnother = (url, { address, file }) =>
  use.namesOf(url).includes(address) && !(file && use.namesOf(file).includes(address));

/** @param {Steps} steps @returns {Action} */
function strongest({ html, frames, css, image }) {
  if (html.length || frames.length) return "html";
  return css.length ? "css" : image.length ? "image" : "unused";
}
