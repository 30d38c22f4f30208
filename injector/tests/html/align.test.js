import assert from "node:assert/strict";
import { test } from "node:test";
import { SURE, TABLES, align } from "../../src/html/align.js";
import { always, listOf } from "../support/random.js";

const rules = (more = {}) => ({
  equal: (a, b) => a === b,
  fits: (a, b) => a[0] === b[0],
  weigh: (a, b) => (a === b ? SURE : a[0] === b[0] ? 1 : 0),
  keys: [(item) => item],
  cells: TABLES,
  ...more,
});

test("equal lists are paired item by item", () => {
  assert.deepEqual(align(["a", "b"], ["a", "b"], rules()), [["a", "a"], ["b", "b"]]);
});

test("what came and what went has no partner", () => {
  assert.deepEqual(align(["a1", "c1"], ["a1", "b1", "c1"], rules()), [["a1", "a1"], ["c1", "c1"]]);
  assert.deepEqual(align(["a1", "b1"], ["b1"], rules()), [["b1", "b1"]]);
  assert.deepEqual(align([], ["a1"], rules()), []);
});

test("what is certain is paired with nothing less", () => {
  assert.deepEqual(align(["a1", "a2"], ["a2", "a3"], rules()), [["a2", "a2"]]);
});

test("of what only fits the greatest sum counts", () => {
  assert.deepEqual(align(["x0", "a1", "b1"], ["y0", "a2", "b2"], rules()), [["a1", "a2"], ["b1", "b2"]]);
});

const items = ["a1", "a2", "b1", "b2", "c1"];

/** Each pair fits, each item is paired once, and both lists stay in order. */
function check(as, bs, pairs) {
  let [i, j] = [-1, -1];
  for (const [a, b] of pairs) {
    assert.equal(a[0], b[0]);
    [i, j] = [as.indexOf(a, i + 1), bs.indexOf(b, j + 1)];
    assert.ok(i >= 0 && j >= 0, JSON.stringify([as, bs, pairs]));
  }
}

test("pairs fit, and cross in neither list", () =>
  always(500, (next) => {
    const [as, bs] = [listOf(next, 12, items), listOf(next, 12, items)];
    check(as, bs, align(as, bs, rules()));
  }));

test("that is so of long lists too, and when no more may be weighed", () =>
  always(30, (next) => {
    const [as, bs] = [listOf(next, 200, items), listOf(next, 200, items)].map((list) => list.map((item, index) => `${item}-${index % (40 + next(60))}`));
    check(as, bs, align(as, bs, rules()));
    check(as, bs, align(as, bs, rules({ cells: 0 })));
    check(as, bs, align(as, bs, rules({ cells: 0, keys: [] })));
  }));

test("in long lists what is unique is found again wherever something came in", () => {
  const as = Array.from({ length: 300 }, (_, index) => `p${index}`);
  const bs = as.flatMap((item, index) => (index % 50 ? [item] : ["new", item]));
  assert.deepEqual(align(as, bs, rules()), as.map((item) => [item, item]));
});
