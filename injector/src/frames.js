// Knows: which frames of the page cannot follow their files themselves, and how one is loaded again.
// Refuses to know: what changed. Source: https://html.spec.whatwg.org/multipage/iframe-embed-object.html

import { dom } from "./dom.js";
import { pathOf } from "./urls.js";
import { namesOf } from "./uses.js";

/**
 * Frames that show or use a file and have no client of their own: a sandbox, `srcdoc`, what is no document, or
 * nothing, as the network was away.
 * @param {string} [url] of the file; without it, any of this server's
 */
export function bareFrames(url) {
  const names = url && namesOf(url);
  return [.../** @type {NodeListOf<HTMLIFrameElement>} */ (dom.querySelectorAll(document, "iframe"))].filter(
    (frame) => !hasClient(frame) && filesIn(frame).some((file) => !names || names.includes(file)),
  );
}

/** @param {HTMLIFrameElement} frame @returns {string[]} */
const filesIn = (frame) => addressesIn(frame).flatMap((address) => pathOf(address) ?? []);

/** @param {HTMLIFrameElement} frame @returns {string[]} */
function addressesIn({ src, srcdoc, contentWindow }) {
  try {
    return srcdoc ? (contentWindow?.performance.getEntriesByType("resource") ?? []).map(({ name }) => name) : [src];
  } catch {
    return []; // in a sandbox
  }
}

/** @param {HTMLIFrameElement} frame */
function hasClient({ contentWindow }) {
  try {
    return Boolean(contentWindow && "__hotreload__" in contentWindow);
  } catch {
    return false; // another origin, as in a sandbox
  }
}

/** @param {HTMLIFrameElement} frame */
export function restart(frame) {
  // The same address with a fragment would only scroll there.
  if (!frame.srcdoc && frame.src.includes("#")) return frame.replaceWith(frame);
  const name = frame.srcdoc ? "srcdoc" : "src";
  frame[name] = frame[name];
}
