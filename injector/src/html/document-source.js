// Knows: the source of this document, as the server has it: which version the page shows, and what that text is.
// Refuses to know: what is done with it.

import { dom } from "../dom/dom.js";
import { served } from "../tag.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { ask } from "../updates/resources.js";
import { Snapshot } from "./snapshot.js";

/** Of the source that is shown now. */
export let { digest } = served;
/** A file that is too large to be read has a name for its version that is no digest. */
export const canPatch = served.file !== "" && !digest.startsWith("s");

/**
 * What the document was made from, and what it was like before its scripts had done much.
 * @type {Promise<{ source: string, snapshot: Snapshot }> | undefined}
 */
let origin;

export const loadOrigin = () =>
  (origin ??= readOrigin().catch((error) => {
    origin = undefined; // the server may be back by the next time
    throw error;
  }));

async function readOrigin() {
  const snapshot = new Snapshot();
  return { snapshot, source: await sourceOf(digest) };
}

/** @param {string | undefined} version of a document: its digest */
export async function sourceOf(version) {
  const response = await ask(new URL(`source/${version}${served.file}`, served.own).href);
  if (!response.ok) throw new NeedsReload("the server has forgotten what the page was made of");
  return new TextDecoder(dom.characterSet(document)).decode(await response.arrayBuffer());
}

/** Somebody else has what is left to know of it. */
export const dropOrigin = () => void (origin = undefined);

/** The page shows another source now. @param {string} [next] its digest */
export const setDigest = (next = "") => void (digest = next);
