// Knows: which deleted file and which added file of one batch are the same file under a hashed name.
// Refuses to know: what is in them. Pure.

/** @typedef {import("../messages.js").Change} Change */

/** A part of a name that looks like a hash: `.3f2`, `-BxQ9a_1z`; with a digit and a letter, or long. */
const HASH = /[.\-_~]((?=[a-z]*\d)(?=\d*[a-f])[0-9a-f]{3,}|[0-9a-f]{8,}|(?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[\w-]{8,})(?=(?:\.\w+)+$)/g;

/**
 * The pairs of a name that went and a name that came, where only the hash in it differs and no third name is like them.
 * @param {readonly Change[]} changes one batch
 * @returns {{ from: Change, to: Change }[]}
 */
export function pairHashedNames(changes) {
  const gone = byStem(changes.filter((change) => change.kind === "deleted"));
  const come = byStem(changes.filter((change) => change.kind === "added"));
  return [...gone].flatMap(([stem, [from, ...others]]) => {
    const [to, ...more] = come.get(stem) ?? [];
    return from && to && !others.length && !more.length ? [{ from, to }] : [];
  });
}

/**
 * @param {Change[]} changes
 * @returns {Map<string, Change[]>} those whose name holds a hash, by the name without it
 */
function byStem(changes) {
  /** @type {Map<string, Change[]>} */
  const found = new Map();
  for (const change of changes) {
    const name = stem(change.url);
    if (name !== change.url) found.set(name, [...(found.get(name) ?? []), change]);
  }
  return found;
}

/**
 * @param {string} url
 * @returns {string}
 */
function stem(url) {
  const name = url.lastIndexOf("/") + 1;
  return url.slice(0, name) + url.slice(name).replace(HASH, "*");
}
