// Knows: how the tree of the source that was shown becomes the tree of the new one, for the nodes that stay in it.
// Refuses to know: the live page.
import { dom } from "../../dom/dom.js";
import { isTemplate, kidsOf } from "../source.js";

/**
 * What is below is the new source's; its places in the page are looked for when they are needed.
 * @param {Node} o
 * @param {Node} n
 */
export function adoptAll(o, n) {
  arrange(o, kidsOf(n));
  if (isTemplate(o) && isTemplate(n)) arrange(o.content, kidsOf(n.content));
}

/** @param {Node} parent @param {Node[]} kids all that it shall have */
export function arrange(parent, kids) {
  const wanted = new Set(kids);
  for (const kid of kidsOf(parent)) if (!wanted.has(kid)) dom.removeChild(parent, kid);
  let at = dom.firstChild(parent);
  for (const kid of kids) {
    if (kid === at) at = dom.nextSibling(at);
    else dom.insertBefore(parent, kid, at);
  }
}
