// Knows: the modules of the browser side, by their paths below src. Refuses to know: what is asked of them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));

export const modules = readdirSync(SRC, { recursive: true }).filter((name) => name.endsWith(".js"));

/** The code of a module, its comments left out. */
export const codeOf = (module) => readFileSync(join(SRC, module), "utf8").replace(/\/\*\*?[^]*?\*\/|^\s*\/\/.*$/gm, "");
