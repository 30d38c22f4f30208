// Knows: which scripts of a page run, when, and whether one can run in a page that has loaded.
// Refuses to know: how the rest of the page is patched. https://html.spec.whatwg.org/multipage/scripting.html
import { NeedsReload } from "../../updates/needs-reload.js";
import { dom } from "../../dom/dom.js";
import { OFF, copyAttributes, rendered } from "../source.js";

/** @typedef {{ script: Element, fresh: HTMLScriptElement }} Job */

const CLASSIC = /^$|^(text|application)\/(x-)?(java|ecma)script$|^text\/(javascript1\.\d|jscript|livescript)$/;
/** A script that waits for the page to load, or writes into it while it does. */
export const AT_LOAD = /DOMContentLoaded|\bonload\b|["'`]load["'`]|readystatechange|document\.(write|open)/;

/** @param {Element} script */
const typeOf = (script) => (dom.getAttribute(script, "type") ?? "").trim().toLowerCase();

/** @param {Element} script */
const sourceOf = (script) =>
  dom.getAttribute(script, "src") ?? dom.getAttribute(script, "href") ?? dom.getAttribute(script, "xlink:href");

/** @param {Element} script */
const isModule = (script) => typeOf(script) === "module";

/** @param {Node} node @returns {node is Element} */
const isScript = (node) => dom.nodeName(node).toLowerCase() === "script";

/** Whether the browser acts on it; what is left is data for other scripts. @param {Element} script */
export const isActive = (script) =>
  isScript(script) &&
  (/^(module|speculationrules)$/.test(typeOf(script)) ||
    (CLASSIC.test(typeOf(script)) && !dom.hasAttribute(script, "nomodule")));

/** Whether it has its turn before the page has loaded. @param {Element} script */
export const hasTurn = (script) => turnOf(script) < 2;

/** When it runs while a page loads: 0 in its place, 1 after the page's text, 2 at any time. @param {Element} script */
function turnOf(script) {
  if (typeOf(script) === "speculationrules") return 2;
  if (!isModule(script) && sourceOf(script) === null) return 0;
  return dom.hasAttribute(script, "async") ? 2 : isModule(script) || dom.hasAttribute(script, "defer") ? 1 : 0;
}

/** Whether one need not run again to be the other; true for all else. @param {Element} one @param {Element} other */
export const isSameScript = (one, other) =>
  !isScript(one) || (typeOf(one) === typeOf(other) && (!isActive(one) || textOf(one) === textOf(other)));

/** What of it runs: its address, else its text, unless that is its author's own business. @param {Element} script */
const textOf = (script) => sourceOf(script) ?? (dom.matches(script, OFF) ? null : `\n${unindented(dom.textContent(script) ?? "")}`);

/** A formatter may indent lines otherwise, where no line stands in a string. @param {string} text */
const unindented = (text) => (/`|\\\n/.test(text) ? text : text.split("\n").map((line) => line.trim()).filter(Boolean).join("\n"));

/** @param {Node} root @returns {Element[]} the scripts of a tree that run */
export const active = (root) => rendered(root, "script").filter(isActive);

/**
 * Refuses new scripts that would not do in a loaded page what they do in one that loads. What a script did that has run
 * cannot be undone: where one is not there any more, as it was, the page is loaded again.
 * @param {Element[]} after all scripts that run now, in the order of the page
 * @param {Set<Element>} gone scripts that have run and are not in the page any more
 * @param {Set<Element>} fresh those of `after` that have not run
 */
export function check(after, gone, fresh) {
  if ([...gone].some((script) => !isRule(script))) throw new NeedsReload(`a script that ran ${fresh.size ? "changed" : "is gone"}`);
  for (const script of fresh) {
    if (turnOf(script) < 2 && after.some((other) => !fresh.has(other) && isLater(other, script, after)))
      throw new NeedsReload("a script that others come after is new");
    if (sourceOf(script) === null && AT_LOAD.test(dom.textContent(script) ?? ""))
      throw new NeedsReload("a new script waits for the page to load, or writes into it");
  }
}

/** It tells the browser what to load ahead, and runs no code. @param {Element} script */
const isRule = (script) => typeOf(script) === "speculationrules";

/** @param {Element} other @param {Element} script @param {Element[]} all */
const isLater = (other, script, all) =>
  turnOf(other) < 2 && (turnOf(other) - turnOf(script) || all.indexOf(other) - all.indexOf(script)) > 0;

/**
 * A script element that runs when it is inserted: one that a DOMParser made never does.
 * @param {Element} script
 * @param {Document} owner
 * @returns {HTMLScriptElement}
 */
export function revive(script, owner) {
  const fresh = /** @type {HTMLScriptElement} */ (dom.createElementNS(owner, dom.namespaceURI(script), dom.localName(script)));
  try {
    copyAttributes(script, fresh);
    fresh.textContent = dom.textContent(script); // the setter of scripts themselves: Trusted Types look at it
  } catch {
    throw new NeedsReload("this page's Trusted Types do not let a script be added");
  }
  if (turnOf(script) < 2) fresh.async = false;
  return fresh;
}

/**
 * Runs scripts in the order in which a page that loads runs them, each when those before it are done.
 * @param {Job[]} jobs in the order of the page
 * @param {(job: Job) => boolean} insert puts it in its place; false when that is gone
 */
export async function run(jobs, insert) {
  const order = [...jobs].sort((one, other) => turnOf(one.script) - turnOf(other.script));
  const later = [];
  for (const job of order) {
    const end = perform(job, insert);
    if (turnOf(job.script) === 0) await end;
    else later.push(end);
  }
  await Promise.all(later);
}

/** @param {Job} job @param {(job: Job) => boolean} insert @returns {Promise<void>} */
function perform(job, insert) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {ErrorEvent} */ { message }) => {
      // const, let and class of a classic script are the page's for good.
      if (!/already been declared|redeclaration/.test(message)) return;
      reject(new NeedsReload("a changed script declares a name again"));
    };
    const end = () => (removeEventListener("error", failed), resolve());
    addEventListener("error", failed);
    job.fresh.addEventListener("load", end);
    job.fresh.addEventListener("error", end);
    if (!insert(job) || sourceOf(job.script) === null) end();
  });
}
