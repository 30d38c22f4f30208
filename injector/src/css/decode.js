// Knows: how a browser turns the bytes of a style sheet into text. Refuses to know: where they come from.
// Source: https://www.w3.org/TR/css-syntax-3/#input-byte-stream

import { dom } from "../dom/dom.js";

/** @typedef {import("../messages.js").Change} Change */

/**
 * @param {ArrayBuffer} bytes
 * @param {string | null} type the Content-Type
 * @returns {string}
 */
export function decode(bytes, type) {
  return new TextDecoder(byMark(bytes) ?? byLabel(type) ?? byRule(bytes) ?? dom.characterSet(document)).decode(bytes);
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {string | undefined}
 */
function byMark(bytes) {
  const [a, b, c] = new Uint8Array(bytes, 0, Math.min(3, bytes.byteLength));
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xff && b === 0xfe ? "utf-16le" : undefined;
}

/**
 * @param {string | null} type
 * @returns {string | undefined}
 */
function byLabel(type) {
  return encoding(/;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type ?? "")?.[1]);
}

/**
 * What an ASCII-only rule names cannot be UTF-16: then it is UTF-8.
 * @param {ArrayBuffer} bytes
 * @returns {string | undefined}
 */
function byRule(bytes) {
  const start = new TextDecoder("latin1").decode(bytes.slice(0, 1024));
  const name = encoding(/^@charset "([^"]*)";/.exec(start)?.[1]);
  return name?.startsWith("utf-16") ? "utf-8" : name;
}

/**
 * @param {string | undefined} label
 * @returns {string | undefined}
 */
function encoding(label) {
  try {
    return label && new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/**
 * Whether the text that the server sent, decoded as UTF-8, is what this page would have read.
 * @param {Change} change
 * @returns {boolean}
 */
export function isSafe({ kind, text }) {
  if (kind === "deleted") return true;
  if (text === undefined) return false;
  return /^[\0-\x7f]*$/.test(text) || (dom.characterSet(document) === "UTF-8" && !text.startsWith("@charset"));
}
