import assert from "node:assert/strict";
import { test } from "node:test";
import { urlsIn, withURLs } from "../../src/css/css-urls.js";

for (const [css, urls] of [
  ["a { b: url(x.png) }", ["x.png"]],
  ["a { b: url( 'x y.png' ), url(\"z.png\") }", ["x y.png", "z.png"]],
  ["a { b: url(a\\)b.png) url('c\\27 d') }", ["a)b.png", "c'd"]],
  ["/* url(no) */ a { content: 'url(no)'; b: my-url(no) }", []],
  ["a { b: url() url('') }", []],
  ["a { b: URL(\\110000) }", ["\u{10ffff}"]],
])
  test(`the URLs of ${css}`, () => assert.deepEqual([...urlsIn(css)], urls));

test("a URL that is rewritten is quoted, and all else stays as it is", () => {
  const css = "/* url(a) */ b { c: url( a ) url('k') 'url(a)' }";
  const next = withURLs(css, (url) => (url === "a" ? 'n"ew' : url));
  assert.equal(next, `/* url(a) */ b { c: url("n\\"ew") url('k') 'url(a)' }`);
  assert.deepEqual([...urlsIn(next)], ['n"ew', "k"]);
});
