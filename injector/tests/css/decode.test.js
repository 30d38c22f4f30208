import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { page } from "../support/browser.js";

const { decode, isSafe } = await import("../../src/css/decode.js");

const bytes = (...parts) => Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part))).buffer;
const E_LATIN = 0xe9;
const E_UTF8 = [0xc3, 0xa9];

beforeEach(() => void (page.encoding = "UTF-8"));

test("a byte order mark is stronger than the header", () => {
  assert.equal(decode(bytes([0xef, 0xbb, 0xbf], E_UTF8), "text/css; charset=latin1"), "é");
  assert.equal(decode(bytes([0xfe, 0xff, 0, 0xe9]), "text/css; charset=utf-8"), "é");
  assert.equal(decode(bytes([0xff, 0xfe, 0xe9, 0]), null), "é");
});

test("the header is stronger than @charset, and that is stronger than the document", () => {
  assert.equal(decode(bytes('@charset "utf-8";', [E_LATIN]), 'text/css; Charset = "latin1"'), '@charset "utf-8";é');
  assert.equal(decode(bytes('@charset "latin1";', [E_LATIN]), "text/css"), '@charset "latin1";é');
  page.encoding = "windows-1252";
  assert.equal(decode(bytes([E_LATIN]), null), "é");
});

test("a label that no browser knows counts as none, and UTF-16 in an ASCII rule as UTF-8", () => {
  assert.equal(decode(bytes(E_UTF8), "text/css; charset=nonsense"), "é");
  page.encoding = "windows-1252";
  assert.match(decode(bytes('@charset "utf-16";', E_UTF8), null), /é$/);
});

test("a sheet is read from the message only where every reading of it is the same", () => {
  assert.equal(isSafe({ url: "/a.css", kind: "modified", text: "a {}" }), true);
  assert.equal(isSafe({ url: "/a.css", kind: "modified", text: "é" }), true);
  assert.equal(isSafe({ url: "/a.css", kind: "modified", text: '@charset "latin1"; é' }), false);
  assert.equal(isSafe({ url: "/a.css", kind: "modified" }), false);
  assert.equal(isSafe({ url: "/a.css", kind: "deleted" }), true);
  page.encoding = "windows-1252";
  assert.equal(isSafe({ url: "/a.css", kind: "modified", text: "é" }), false);
});
