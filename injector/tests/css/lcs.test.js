import assert from "node:assert/strict";
import { test } from "node:test";
import { longestCommonSubsequence, matchEntries } from "../../src/css/lcs.js";
import { always, listOf } from "../support/random.js";

/** The length of the longest common subsequence, by trying. */
function longest(a, b) {
  if (!a.length || !b.length) return 0;
  if (a[0] === b[0]) return 1 + longest(a.slice(1), b.slice(1));
  return Math.max(longest(a.slice(1), b), longest(a, b.slice(1)));
}

test("equal entries are paired in order, and no longer pairing exists", () =>
  always(300, (next) => {
    const [old, now] = [listOf(next, 8, ["a", "b", "c"]), listOf(next, 8, ["a", "b", "c"])];
    const found = longestCommonSubsequence(old, now);
    const paired = found.flatMap((i, j) => (i < 0 ? [] : [[i, j]]));
    assert.equal(found.length, now.length);
    for (const [i, j] of paired) assert.equal(old[i], now[j]);
    assert.deepEqual(paired, [...paired].sort(([a], [b]) => a - b));
    assert.equal(new Set(paired.map(([i]) => i)).size, paired.length);
    assert.equal(paired.length, longest(old, now));
  }));

test("of lists that differ too much only the equal ends are paired", () => {
  const old = ["first", ...Array.from({ length: 1100 }, (_, i) => `o${i}`), "last"];
  const now = ["first", ...Array.from({ length: 1100 }, (_, i) => `n${i}`), "o5", "last"];
  const found = longestCommonSubsequence(old, now);
  assert.deepEqual([found[0], found.at(-2), found.at(-1)], [0, -1, old.length - 1]);
});

test("what changed its text is paired by name, within its gap only", () => {
  const entry = (name, text = name) => ({ name, text });
  const pair = (old, now) => matchEntries(old, now, ({ text }) => text, ({ name }) => name);
  assert.deepEqual(pair([entry("p", 1), entry("a")], [entry("p", 2), entry("a")]), [0, 1]);
  assert.deepEqual(pair([entry("a"), entry("p", 1)], [entry("p", 2), entry("a")]), [-1, 0]);
  assert.deepEqual(pair([entry("p", 1), entry("p", 2)], [entry("p", 3), entry("p", 4)]), [0, 1]);
});
