// Knows: how a document begins with us, and when. Refuses to know: everything else.
// The server's tag names this module by an address of its own for each version of a document, so that
// browsers cannot keep it as they keep all others: there is as little in it as can be.

import { dom } from "./dom/dom.js";
import "./console/errors.js";
import { takeOut } from "./tag.js";

/** What the page itself needs comes first, but not for longer than this, in milliseconds. */
const LONG = 100;

/** A module runs once, however often it is asked for. */
const begin = () => import("./page.js").then((page) => page.begin()).catch((error) => console.debug("[hotreload]", error));

if (takeOut(import.meta.url)) {
  dom.addEventListener(document, "DOMContentLoaded", begin);
  setTimeout(begin, dom.readyState(document) === "loading" ? LONG : 0);
}
