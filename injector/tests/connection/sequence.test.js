import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Sequence } from "../../src/connection/sequence.js";
import { always } from "../support/random.js";

const TRACES = JSON.parse(readFileSync(new URL("../../../tests/traces/sequence.json", import.meta.url), "utf8"));

/** A page that does what the sequence says, and notes it. */
function follower(run, seq) {
  const done = [];
  const sequence = new Sequence(run, seq, {
    introduce: () => done.push("introduce"),
    compare: () => done.push("compare"),
    apply: (update) => done.push(`apply ${update.seq}`),
  });
  return { sequence, done };
}

/** The tests of the wire run the same traces through `tests/wire_page.py`. */
for (const { title, start, steps, end } of TRACES)
  test(title, () => {
    const { sequence, done } = follower(...start);
    steps.forEach(({ does = [], ...step }, index) => {
      const [[what, value]] = Object.entries(step);
      if (what === "hello") sequence.hello({ type: "hello", version: "", run: value[0], seq: value[1] });
      else if (what === "update") sequence.update({ type: "update", seq: value, age: 0, changes: [] });
      else ({ opened: () => sequence.opened(), resync: () => sequence.refused(), compared: () => sequence.compared() })[what]();
      assert.deepEqual(done.splice(0), does, `step ${index}: ${what}`);
    });
    assert.deepEqual([sequence.run, sequence.seq], end);
  });

test("an update that could not be taken has the next connection begin with a comparison", () => {
  const { sequence, done } = follower("r1", 4);
  sequence.opened();
  sequence.stray();
  done.length = 0;
  sequence.opened();
  assert.deepEqual(done, ["compare"]);
});

test("over any wire that loses sockets and updates, the page never goes back, and comes level", () =>
  always(300, (next) => {
    const { sequence, done } = follower("r1", 0);
    let newest = 0;
    /** What the server says next, in order; it answers each introduction, and each comparison with one update. */
    let wire = [];
    const listen = () => {
      for (const each of done.splice(0)) {
        if (each === "introduce") {
          const from = sequence.seq;
          wire.push(() => sequence.hello({ type: "hello", version: "", run: "r1", seq: newest }));
          for (let seq = from + 1; seq <= newest; seq++) wire.push(() => sequence.update({ type: "update", seq, age: 0, changes: [] }));
        } else if (each === "compare") {
          sequence.compared();
          wire.push(() => sequence.hello({ type: "hello", version: "", run: "r1", seq: newest }));
          wire.push(() => sequence.update({ type: "update", seq: newest, age: 0, changes: [] }));
        }
      }
    };
    sequence.opened();
    listen();
    for (let turn = 0; turn < 40; turn++) {
      const act = next(6);
      if (act < 2) {
        const seq = ++newest;
        if (next(4)) wire.push(() => sequence.update({ type: "update", seq, age: 0, changes: [] })); // else it is lost
      } else if (act === 5) {
        wire = [];
        sequence.opened();
      } else wire.shift()?.();
      const before = sequence.seq;
      listen();
      assert.ok(sequence.seq >= before && sequence.seq <= newest);
    }
    sequence.opened();
    listen();
    while (wire.length) {
      wire.shift()();
      listen();
    }
    assert.equal(sequence.seq, newest);
  }));
