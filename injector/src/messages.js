// Knows: every message between a page and the server, and how it stands in text.
// Refuses to know: sockets, and what anybody does about a message.
// Twin of hotreload/live/messages.py: a change here is a change there.

/**
 * @typedef {object} Change one changed file as a page sees it
 * @property {string} url canonical URL path of the file, or `EVERYTHING`
 * @property {"added" | "modified" | "deleted"} kind
 * @property {string} [digest] of the content now; absent when there is none or it is unknown
 * @property {string} [text] the content now, of a small style sheet or document
 * @property {string[]} [via] URL paths of files that are known to have requested this one
 */

/**
 * @typedef {{ type: "hello", version: string, run: string, seq: number }} Hello
 * @typedef {{ type: "update", seq: number, age: number, reload?: boolean, changes: Change[] }} Update
 * @typedef {{ type: "imports", files: Record<string, string[]> }} Imports what workers and worklets have requested, and who did (* for anybody)
 * @typedef {{ type: "resync", reason: string }} Resync
 * @typedef {{ type: "reload", reason: string }} Reload
 * @typedef {{ type: "problem", source: string, text: string, file?: string, line?: number }} Problem
 * @typedef {{ type: "solved", source: string }} Solved
 * @typedef {Hello | Update | Imports | Resync | Reload | Problem | Solved | Ping} FromServer
 */

/**
 * @typedef {"css" | "image" | "html" | "reload" | "unused" | "failed"} Action
 * @typedef {{ type: "page", url: string, run: string, seq: number, file: string,
 *   resources?: Record<string, string | null> }} Page resources: digests by URL path; null: not
 *   known, empty: there was no such file
 * @typedef {{ type: "applied", seq: number, action: Action, ms: number, detail?: string }} Applied
 * @typedef {{ type: "log", level: "error", text: string, source?: string, line?: number }} Log
 * @typedef {{ type: "ping" }} Ping of no known type, so it comes back as it is
 * @typedef {Page | Applied | Log | Ping} FromPage
 */

/** The subprotocol of the page channel. */
export const SUBPROTOCOL = "hotreload.v1";

/** Everything below it is the server's own, whatever the site holds. */
export const OWN_PATH = "/__hotreload__/";

/** How a script asks for a document as a navigation does: the answer has the tag. Twin of hotreload/http/fetch_metadata.py. */
export const AS_NAVIGATION = { mode: /** @type {const} */ ("same-origin"), headers: { accept: "text/html,application/xhtml+xml" } };

/** The URL of a change that every page is taken to use. */
export const EVERYTHING = "*";

/**
 * What the server says.
 * @param {unknown} data of a WebSocket message
 * @returns {FromServer | null} null for what is no message with a type: an echo of something else
 */
export function parse(data) {
  try {
    const message = JSON.parse(String(data));
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}

/**
 * A message as it goes over the wire.
 * @param {FromPage} message
 * @returns {string}
 */
export function encode(message) {
  return JSON.stringify(message);
}
