import assert from "node:assert/strict";
import { test } from "node:test";
import { pairHashedNames } from "../../src/updates/hashed-names.js";

const batch = (gone, come) => [...gone.map((url) => ({ url, kind: "deleted" })), ...come.map((url) => ({ url, kind: "added" }))];
const pairs = (gone, come) => pairHashedNames(batch(gone, come)).map(({ from, to }) => [from.url, to.url]);

for (const [gone, come] of [
  ["/app.3f2.css", "/app.91c.css"],
  ["/a/app-BxQ9a_1z.css", "/a/app-CyR8b_2w.css"],
  ["/app.0123456789abcdef.min.css", "/app.fedcba9876543210.min.css"],
  ["/main~deadbeef.css", "/main~cafebabe.css"],
])
  test(`${come} comes for ${gone}`, () => assert.deepEqual(pairs([gone], [come]), [[gone, come]]));

for (const [gone, come, why] of [
  ["/app.css", "/site.css", "no hash"],
  ["/a/app.3f2.css", "/b/app.91c.css", "another folder"],
  ["/app.3f2.css", "/app.91c.js", "another type"],
  ["/app.3f2.css", "/main.91c.css", "another name"],
  ["/app.bad.css", "/app.fed.css", "words, not hashes"],
])
  test(`${come} is not ${gone}: ${why}`, () => assert.deepEqual(pairs([gone], [come]), []));

test("names of which there are three alike are nobody's", () => {
  assert.deepEqual(pairs(["/a.1f2.css", "/a.3f2.css"], ["/a.91c.css"]), []);
  assert.deepEqual(pairs(["/a.1f2.css"], ["/a.91c.css", "/a.92c.css"]), []);
  assert.deepEqual(pairs(["/a.1f2.css", "/b.1f2.css"], ["/b.91c.css", "/a.91c.css"]), [["/a.1f2.css", "/a.91c.css"], ["/b.1f2.css", "/b.91c.css"]]);
});

test("a modified file is nobody's successor", () => {
  assert.deepEqual(pairHashedNames([{ url: "/a.1f2.css", kind: "deleted" }, { url: "/a.91c.css", kind: "modified" }]), []);
});
