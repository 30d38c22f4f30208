import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "../support/browser.js";

const { moved, shown, standing, standsFor } = await import("../../src/updates/address.js");
const { onLate } = await import("../../src/updates/resources.js");

/** What the server gives out, by path: the digest of a file. */
let files = {};
globalThis.fetch = async (href) => {
  const digest = files[new URL(href).pathname];
  return new Response(null, digest ? { headers: { etag: `"${digest}-tag"` } } : { status: 404 });
};
const at = (path) => void (globalThis.location = new URL(path, "http://localhost"));
const loaded = (more = {}) => ({ file: "/index.html", address: "/", stood: new Set(), canPatch: true, isListing: false, ...more });
const CHANGE = { url: "/index.html", kind: "modified", digest: "aaaa" };

beforeEach(() => {
  files = { "/": "aaaa", "/index.html": "aaaa" };
  at("/");
});

test("query and fragment make no other page", () => {
  at("/a%20b?c#d");
  assert.equal(shown(), "/a b");
});

test("an address stands for the file that servers give out there, but not in a page that was loaded from none", () => {
  at("/");
  assert.equal(standsFor("/index.html", loaded()), true);
  assert.equal(standsFor("/other.html", loaded()), false);
  assert.equal(standsFor("/index.html", loaded({ address: "" })), false);
});

test("a change is the page's own where scripts have put no other page", async () => {
  assert.equal(await standing(CHANGE, loaded()), "own");
});

test("a change is another page's where the server gives out another file", async () => {
  files["/about"] = "bbbb";
  at("/about");
  assert.equal(await standing(CHANGE, loaded()), "another");
});

test("a change is the page's own where the server gives out the same file, or none", async () => {
  for (const digest of ["aaaa", undefined]) {
    files["/view"] = digest;
    at("/view");
    assert.equal(await standing(CHANGE, loaded()), "own");
  }
});

test("a page that was put back may not be what its file was", async () => {
  files["/about"] = "bbbb";
  assert.equal(await standing(CHANGE, loaded({ stood: new Set(["/about"]) })), "returned");
  const many = new Set(Array.from({ length: 30 }, (_, index) => `/view/${index}`));
  assert.equal(await standing(CHANGE, loaded({ stood: many })), "returned");
});

test("a change that was another page's is told when its own page is put back", async () => {
  const late = [];
  onLate(({ url }) => late.push(url));
  files["/about"] = "bbbb";
  at("/about");
  const page = loaded();
  await standing(CHANGE, page);
  moved(page);
  assert.deepEqual(late, []);
  at("/");
  moved(page);
  moved(page);
  assert.deepEqual(late, ["/index.html"]);
});
