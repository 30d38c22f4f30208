import assert from "node:assert/strict";
import { test } from "node:test";
import { changedSelectors } from "../../src/css/changed-selectors.js";

test("the selectors of rules that come, go or change are named once", () => {
  assert.deepEqual(changedSelectors("a { x: 1 } b { y: 1 } c { z: 1 }", "a { x: 2 } b { y: 1 } d { z: 1 }"), ["a", "c", "d"]);
  assert.deepEqual(changedSelectors("", "a { x: 1 }"), ["a"]);
});

test("rules in groups are found, and rules that select nothing are not named", () => {
  assert.deepEqual(changedSelectors("@media print { a { x: 1 } }", "@media print { a { x: 2 } }"), ["a"]);
  assert.deepEqual(changedSelectors("@font-face { x: 1 }", "@font-face { x: 2 }"), []);
});

test("a text that stays names nothing", () => {
  assert.deepEqual(changedSelectors("a { x: 1 }", "a { x: 1 }"), []);
});
