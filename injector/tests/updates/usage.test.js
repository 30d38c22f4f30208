import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "../support/browser.js";

/** What the browser tells of requests. */
const entries = [];
globalThis.PerformanceObserver = class {
  observe() {}
  takeRecords() {
    return entries.splice(0);
  }
};
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
performance.getEntriesByType = () => [];

const resources = await import("../../src/updates/resources.js");
const { isInStyle, isMissing, mayHaveRead, namesOf, reasonFor, uses } = await import("../../src/updates/usage.js");
resources.start();

const requested = (path, initiatorType, more = {}) =>
  entries.push({ name: `http://localhost${path}`, initiatorType, startTime: 1, responseEnd: 2, responseStatus: 200, transferSize: 9, workerStart: 0, ...more });
const change = (url, more = {}) => ({ url, kind: "modified", ...more });

test("a document has the names that servers give it out under", () => {
  assert.deepEqual(namesOf("/a/index.html"), ["/a/index.html", "/a/", "/a", "/a/index", "/a/index/"]);
  assert.deepEqual(namesOf("/b.html"), ["/b.html", "/b", "/b/"]);
  assert.deepEqual(namesOf("/c%20d.css"), ["/c d.css"]);
});

test("a file that was requested is used, and one that was not is not", () => {
  requested("/used.js", "script");
  assert.equal(uses(change("/used.js")), true);
  assert.equal(uses(change("/unused.js")), false);
  assert.equal(uses(change("*")), true);
});

test("what only a style sheet asked for has been read by no script", () => {
  requested("/a.png", "css");
  requested("/b.png", "img");
  assert.deepEqual([mayHaveRead(change("/a.png")), isInStyle(change("/a.png"))], [false, true]);
  assert.deepEqual([mayHaveRead(change("/b.png")), isInStyle(change("/b.png"))], [true, false]);
});

test("a document that is linked or framed is for a later visit, or has a client of its own", () => {
  requested("/next.html", "link");
  requested("/frame.html", "iframe");
  requested("/part.html", "fetch");
  assert.deepEqual(["/next.html", "/frame.html", "/part.html"].map((url) => uses(change(url))), [false, false, true]);
});

test("what a file that the page uses has requested is used", () => {
  requested("/worker.js", "other");
  assert.equal(uses(change("/data.json", { via: ["/worker.js"] })), true);
  assert.equal(uses(change("/data.json", { via: ["/stranger.js"] })), false);
  resources.hasImports({ "/deep.js": ["/lib.js"], "/lib.js": ["/worker.js"], "/loop.js": ["/loop.js"] });
  assert.deepEqual(["/deep.js", "/lib.js", "/loop.js"].map((url) => uses(change(url))), [true, true, false]);
});

test("icons and manifests are asked for by the browser", () => {
  page.links = [{ href: "http://localhost/icon.svg" }];
  assert.equal(uses(change("/icon.svg")), true);
  page.links = [];
  assert.equal(uses(change("/icon.svg")), false);
});

test("a file that was not there when it was asked for is missing, until it comes", () => {
  requested("/late.js", "script", { responseStatus: 404 });
  assert.equal(isMissing("/late.js"), true);
  requested("/late.js", "script");
  assert.equal(isMissing("/late.js"), false);
});

test("a request of ours says nothing of what the page uses", async () => {
  let startTime = 0;
  globalThis.fetch = async () => ((startTime = performance.now()), new Response(""));
  await resources.ask("/ours.js");
  requested("/ours.js", "fetch", { startTime });
  assert.equal(uses(change("/ours.js")), false);
  requested("/ours.js", "fetch", { startTime });
  assert.equal(uses(change("/ours.js")), true);
});

test("a change that nothing used is told when a request turns out to have crossed it", () => {
  const late = [];
  resources.onLate((one) => late.push(one.url));
  resources.pass(change("/crossed.js"));
  requested("/crossed.js", "script", { startTime: 0 });
  resources.useOf("/crossed.js");
  resources.pass(change("/outdated.js"));
  resources.outdate(change("/outdated.js"));
  requested("/outdated.js", "script", { startTime: 0 });
  resources.useOf("/outdated.js");
  assert.deepEqual(late, ["/crossed.js"]);
});

test("a file that failed is lacking, until it comes or the failure is excused", () => {
  requested("/lost.css", "link", { responseStatus: 0, responseEnd: 50 });
  assert.deepEqual(resources.lacking().map(({ url }) => url), ["/lost.css"]);
  resources.excuse(0, 50);
  assert.equal(resources.lacking().length, 1);
  resources.excuse(0, 51);
  assert.equal(resources.lacking().length, 0);
});

test("the inventory tells the versions that updates have brought", async () => {
  requested("/v.css", "link");
  resources.useOf("/v.css");
  resources.hasVersion(change("/v.css", { digest: "0123456789abcdef" }));
  resources.hasVersion({ url: "/used.js", kind: "deleted" });
  const inventory = await resources.inventory();
  assert.equal(inventory["/v.css"], "0123456789abcdef");
  assert.equal(inventory["/used.js"], "");
  assert.equal(inventory["/a.png"], null);
  assert.equal("/unused.js" in inventory, false);
});

test("a change is told in words", () => {
  assert.equal(reasonFor(change("/a.js")), "/a.js was modified");
  assert.equal(reasonFor(change("*")), "a file that every page uses was changed");
});
