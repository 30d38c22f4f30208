import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../src/updates/queue.js";

const task = (seq) => ({ update: { type: "update", seq, age: 0, changes: [] }, at: 0 });

test("a task is taken at once, and the next when it has ended", async () => {
  const events = [];
  const ends = [];
  const queue = new Queue(({ update }) => (events.push(update.seq), new Promise((end) => ends.push(end))), () => events.push("rest"));
  queue.add(task(1));
  queue.add(task(2));
  assert.deepEqual(events, [1]);
  let finished = false;
  const end = queue.finished().then(() => (finished = true));
  ends.shift()();
  await new Promise(setImmediate);
  assert.deepEqual([events, finished], [[1, 2], false]);
  ends.shift()();
  await end;
  assert.deepEqual(events, [1, 2, "rest"]);
});

test("what comes while all rest is taken too, and nothing is waited for when there is nothing", async () => {
  const seen = [];
  const queue = new Queue(async ({ update }) => seen.push(update.seq), () => {});
  await queue.finished();
  queue.add(task(1));
  await queue.finished();
  queue.add(task(2));
  await queue.finished();
  assert.deepEqual(seen, [1, 2]);
});
