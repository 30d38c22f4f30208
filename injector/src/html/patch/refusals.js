// Knows: what of a source only a new page takes over, whatever its scripts have done, and the reason that a person reads.
// Refuses to know: what follows from scripts (html/scripts), and how anything else is changed.
import { dom } from "../../dom/dom.js";
import { NeedsReload } from "../../updates/needs-reload.js";
import { active, isActive } from "../scripts/execution.js";
import { RELOAD, isShadow, rendered } from "../source.js";

const VITAL =
  "base,meta[http-equiv]:not([http-equiv=content-type i],[http-equiv=x-ua-compatible i]),script[type=importmap i]";

/** Another doctype is another way to lay out the page. @param {Document} before @param {Document} after */
export function refuseDoctype(before, after) {
  const [doctype, next] = [dom.doctype(before), dom.doctype(after)];
  const isSame = dom.compatMode(before) === dom.compatMode(after) && (doctype ? doctype.isEqualNode(next) : !next);
  if (!isSame) throw new NeedsReload("the doctype changed");
}

/** A tree comes or goes. @param {Element} root */
export function refuseVital(root) {
  const [vital] = rendered(root, VITAL);
  if (vital) throw new NeedsReload(`a changed <${vital.localName}> counts for the whole page`);
}

/** An element changes, or what is in it. @param {Element} o @param {Element} n */
export function refuseMarked(o, n) {
  if (dom.matches(o, VITAL) || dom.matches(n, VITAL)) for (const each of [o, n]) refuseVital(each);
  if (dom.matches(o, RELOAD) || dom.matches(n, RELOAD)) throw new NeedsReload('a change is below data-hotreload="reload"');
}

/** An attribute changes. @param {Element} o @param {Element} n */
export function refuseShadowSettings(o, n) {
  if (isShadow(o) || isShadow(n)) throw new NeedsReload("a shadow root's own settings changed");
}

/** A text changes that is all that its element holds. @param {Element} o @param {Element} n */
export function refuseReadData(o, n) {
  if (dom.localName(n) === "script" && !isActive(o) && isRead(n)) throw new NeedsReload("data that scripts have read changed");
}

/** A node moves. @param {Node} o */
export function refuseMovedScript(o) {
  if (active(o).length) throw new NeedsReload("a script that ran has moved");
}

/** Whether scripts may have read data; those for search engines they have not. @param {Element} script */
const isRead = (script) =>
  dom.getAttribute(script, "type") !== "application/ld+json" && active(/** @type {Document} */ (dom.ownerDocument(script))).length > 0;
