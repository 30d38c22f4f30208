import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeclarations, parseBlock, parseRules } from "../../src/css/parser.js";
import { always, listOf } from "../support/random.js";

const heads = (text) => parseRules(text).map(({ head }) => head);
const bodies = (text) => parseRules(text).map(({ body }) => body);

test("rules are told apart, with what stands before their blocks and in them", () => {
  assert.deepEqual(parseRules("a { b: c }\n@import 'x';\n@media (x) { d { e: f } }"), [
    { text: "a { b: c }", head: "a", body: " b: c " },
    { text: "@import 'x';", head: "@import 'x';", body: null },
    { text: "@media (x) { d { e: f } }", head: "@media (x)", body: " d { e: f } " },
  ]);
});

for (const [title, text, expected] of [
  ["a comment", "/* } a{ */ b { /* } */ c: d }", ["b"]],
  ["a string", `a[x="}{"] { content: "}" } b {}`, [`a[x="}{"]`, "b"]],
  ["an escape", "a\\{ { } b {}", ["a\\{", "b"]],
  ["an unquoted URL", "a { b: url(x}y) } c {}", ["a", "c"]],
  ["brackets", "a:not([x='{']) { grid: [b] } c {}", ["a:not([x='{'])", "c"]],
  ["marks for the first browsers", "<!-- a {} --> b {}", ["a", "b"]],
  ["an encoding", '@charset "utf-8";a {}', ["a"]],
])
  test(`${title} ends no rule`, () => assert.deepEqual(heads(text), expected));

test("the end of the text closes all that is open", () => {
  assert.deepEqual(bodies("a { b: c"), [" b: c"]);
  assert.deepEqual(bodies("@media x { a { b: url(c"), [" a { b: url(c"]);
  assert.deepEqual(parseRules("  /* nothing */ "), []);
});

test("in a block declarations between rules are one item each", () => {
  const items = parseBlock(" a: b; c: d; e { f: g } h: i; --j: { k }; ");
  assert.deepEqual(items.map(isDeclarations), [true, false, true]);
  assert.equal(items[1].head, "e");
  assert.match(items[2].text, /h: i;.*--j: \{ k \};/);
  assert.deepEqual(parseBlock("  "), []);
});

test("rules that are put together come apart as they were, whatever stands between them", () =>
  always(500, (next) => {
    const rules = ["a { b: c }", "@media x { d { e: f } }", `g::before { content: "}" }`, "h:is(i, j) { k: url(l) }", "@layer m;", "n {}", "o\\} { }"];
    const between = ["", " ", "\n", "/* } */", "<!--", "-->"];
    const chosen = listOf(next, 6, rules);
    const text = chosen.map((rule) => rule + between[next(between.length)]).join("");
    assert.deepEqual(parseRules(text).map((item) => item.text), chosen);
  }));

test("any text is read to its end, and each item stands in it in order", () =>
  always(2000, (next) => {
    const text = listOf(next, 14, ["a", "{", "}", "(", ")", "[", "]", ";", ":", '"', "'", "\\", "/*", "*/", "url(", "--x:", "@m ", " ", "\n"]).join("");
    let at = 0;
    for (const item of [...parseRules(text)]) {
      const found = text.indexOf(item.text, at);
      assert.ok(item.text && found >= at, JSON.stringify(text));
      at = found + item.text.length;
    }
    parseBlock(text);
  }));
