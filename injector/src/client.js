// Knows: how a document begins with us. Refuses to know: everything else.
// The server's tag names this module by an address of its own for each version of a document, so that
// browsers cannot keep it as they keep all others: there is as little in it as can be.

import { takeOut } from "./tag.js";

if (takeOut(import.meta.url)) import("./page.js").catch((error) => console.debug("[hotreload]", error));
