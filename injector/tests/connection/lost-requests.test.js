import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { LostRequests } from "../../src/connection/lost-requests.js";

let now = 0;
let calls = [];
let lacks = true;

mock.method(performance, "now", () => now);

/** A page of which a request has failed, unless a test says otherwise. */
function outage() {
  const note = (name) => (...given) => void calls.push([name, ...given]);
  return new LostRequests({ lacksAny: () => lacks, ask: note("ask"), retry: note("retry"), compare: note("compare"), excuse: note("excuse") });
}

beforeEach(() => {
  [now, calls, lacks] = [5_000, [], true];
});

test("what failed while the page was loaded is tried again, once", () => {
  const page = outage();
  page.opened(false);
  page.failed();
  page.failed();
  assert.deepEqual(calls, [["retry"], ["ask"]]);
});

test("what failed while the network was away is compared", () => {
  for (const begin of [(page) => page.opened(true), (page) => (page.opened(false), page.opened(false))]) {
    calls = [];
    const page = outage();
    begin(page);
    page.failed();
    assert.deepEqual(calls, [["compare"], ["ask"]]);
  }
});

test("what fails long after the opening is no loss, but for the server's word", () => {
  const page = outage();
  page.opened(true);
  now += 1_001;
  page.failed();
  assert.deepEqual(calls, [["ask"]]);
});

test("without a failure nothing is done, and one question at a time is asked", () => {
  const page = outage();
  lacks = false;
  page.opened(true);
  page.failed();
  assert.deepEqual(calls, []);
  lacks = true;
  page.asked();
  now += 2_000;
  page.failed();
  assert.deepEqual(calls, []);
});

test("an answer excuses what failed before the question, and not in the second after an outage", () => {
  const page = outage();
  page.opened(true);
  now = 7_000;
  page.asked();
  now = 7_100;
  page.answered();
  assert.deepEqual(calls, [["excuse", 6_000, 7_000]]);
});

test("a new connection has no questions", () => {
  const page = outage();
  page.opened(false);
  page.asked();
  page.opened(false);
  page.answered();
  assert.deepEqual(calls, [["excuse", 6_000, 0]]);
});
