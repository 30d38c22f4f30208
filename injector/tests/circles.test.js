import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { codeOf, modules } from "./support/modules.js";

/** What a module loads with itself, and later; not what it only takes types of. */
function imports(module) {
  const found = codeOf(module).matchAll(/^(?:import|export)\b[^;"]*"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm);
  return [...found].map(([, now, later]) => normalize(join(dirname(module), now ?? later)));
}

const graph = new Map(modules.map((module) => [module, imports(module)]));

test("every import names a module", () => {
  for (const [module, names] of graph) for (const name of names) assert.ok(graph.has(name), `${module} imports ${name}`);
  assert.ok(graph.get("page.js").length > 5, "imports are found");
});

test("no module comes back to itself by what it imports, at once or later", () => {
  const done = new Set();
  const visit = (module, path) => {
    assert.ok(!path.includes(module), [...path.slice(path.indexOf(module)), module].join(" > "));
    if (done.has(module)) return;
    for (const name of graph.get(module)) visit(name, [...path, module]);
    done.add(module);
  };
  for (const module of modules) visit(module, []);
});

test("no folder has more than fifteen modules", () => {
  const sizes = new Map();
  for (const module of modules) sizes.set(dirname(module), (sizes.get(dirname(module)) ?? 0) + 1);
  for (const [folder, size] of sizes) assert.ok(size <= 15, `${folder} has ${size}`);
});
