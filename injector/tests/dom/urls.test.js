import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { page } from "../support/browser.js";
import { always, listOf } from "../support/random.js";

const { absolute, fresh, pathOf, plain, stale } = await import("../../src/dom/urls.js");

beforeEach(() => void (page.base = "http://localhost/dir/page.html"));

test("a URL in the page names a file of this server, in one spelling", () => {
  assert.equal(pathOf("a.css?x#y"), "/dir/a.css");
  assert.equal(pathOf("/a//b%20c.css"), "/a/b c.css");
  assert.equal(pathOf("%C3%A9.css"), "/dir/é.css");
  assert.equal(pathOf("%E0%A4%A.css"), "/dir/%E0%A4%A.css");
  assert.equal(pathOf("a.css", "http://localhost/other/"), "/other/a.css");
});

test("other servers, other schemes, blobs, and what is no URL name none", () => {
  for (const url of ["", null, undefined, "http://else.where/a", "https://localhost/a", "data:,x", "blob:http://localhost/1", "http://["]) {
    assert.equal(pathOf(url), null, String(url));
  }
});

test("the base of the page counts for what stands in it, and not for what the server names", () => {
  page.base = "http://else.where/";
  assert.equal(pathOf("a.css"), null);
  assert.equal(absolute("/a.css"), "http://localhost/a.css");
});

test("a new URL keeps query and fragment, and is undone", () => {
  assert.equal(fresh("a.png?x=1#y", "v2"), "a.png?x=1&hotreload=v2#y");
  assert.equal(fresh("a.png?hotreload=v1", "v2"), "a.png?hotreload=v2");
  assert.equal(stale("a.png?hotreload=v1&x=1"), "a.png?x=1");
  assert.equal(stale("a.png?nothotreload=1"), "a.png?nothotreload=1");
});

test("of any URL the old spelling comes back, and the new one is made once", () =>
  always(500, (next) => {
    const url = `a${listOf(next, 8, ["a", "/", "?", "&", "x=1", "=", "#", "%20", "é"]).join("")}`;
    const version = `v${next(10)}`;
    const made = fresh(url, version);
    assert.equal(fresh(made, version), made, url);
    assert.equal(new URL(made, page.base).searchParams.getAll("hotreload").join(), version, url);
    assert.equal(new URL(made, page.base).pathname, new URL(url, page.base).pathname, url);
    assert.equal(new URL(made, page.base).hash, new URL(url, page.base).hash, url);
    assert.equal(stale(stale(made)), stale(made));
  }));

test("a spelling that is read again stays", () =>
  always(300, (next) => {
    const path = plain(`/${listOf(next, 8, ["a", "/", "//", " ", "é"]).join("")}`);
    assert.equal(plain(path), path);
  }));
