import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, modules } from "./support/modules.js";

const [METHODS, ATTRIBUTES] = [20, 12];

const CLASS = /^(?:export )?(?:default )?class (\w+)[^{\n]*\{(?:\}$|\n([^]*?)^\}$)/gm;
/** `name(`, `get name(`, `#name = (…) =>`; what is left of a class's own lines are attributes, or nothing known. */
const METHOD = /^ {2}(?:static )?(?:async )?(?:[gs]et )?\*?(#?\w+)\(/;
const FUNCTION = /^ {2}(?:static )?(#?\w+) = (?:async )?(?:\(|\w+ =>|function\b)/;
const FIELD = /^ {2}(?:static )?(#?\w+)(?: =|;)/;
const ASSIGNED = /\bthis\.(#?\w+)\s*(?:\?\?|\|\||&&)?=(?![=>])/g;

/** The names of a class's methods and attributes. */
function members(body) {
  const own = body.split("\n").filter((line) => /^ {2}[^\s})\]]/.test(line));
  const methods = own.flatMap((line) => METHOD.exec(line)?.[1] ?? FUNCTION.exec(line)?.[1] ?? []);
  const fields = own.flatMap((line) => (FUNCTION.test(line) ? [] : (FIELD.exec(line)?.[1] ?? [])));
  const unknown = own.filter((line) => ![METHOD, FUNCTION, FIELD].some((kind) => kind.test(line)));
  const assigned = [...body.matchAll(ASSIGNED)].map(([, name]) => name);
  return { methods, attributes: [...new Set([...fields, ...assigned])], unknown };
}

const classesIn = (code) => [...code.matchAll(CLASS)].map(([, name, body]) => ({ name, ...members(body ?? "") }));

const all = modules.flatMap((module) => classesIn(codeOf(module)).map((one) => ({ ...one, module })));

test("methods and attributes are counted, however they are written", () => {
  const code = `export class A extends B {
  a = 1;
  #b;
  c = () => 0;
  static async d() {
    this.e = this.a === 1 ? [this.f] : {};
    this.#g ??= 2;
  }
  get h() {}
  #i(
    j,
  ) {}
}
class C {}`;

  const [a, c] = classesIn(code);

  assert.deepEqual(a, { name: "A", methods: ["c", "d", "h", "#i"], attributes: ["a", "#b", "e", "#g"], unknown: [] });
  assert.deepEqual(c, { name: "C", methods: [], attributes: [], unknown: [] });
});

test("no line of a class, and no class, is of a kind that is not counted", () => {
  for (const { module, name, unknown } of all) assert.deepEqual(unknown, [], `${name} in ${module}`);
  const written = modules.flatMap((module) => [...codeOf(module).matchAll(/(?<![.\w-])class (?:\w+ )?(?:extends .*)?\{/g)]);
  assert.equal(all.length, written.length);
  assert.ok(all.length > 10, "classes are found");
});

test(`no class has more than ${METHODS} methods or ${ATTRIBUTES} attributes`, () => {
  const large = all.filter(({ methods, attributes }) => methods.length > METHODS || attributes.length > ATTRIBUTES);
  const told = large.map(({ module, name, methods, attributes }) => `${name} in ${module}: ${methods.length} methods, ${attributes.length} attributes`);
  assert.deepEqual(told, []);
});
