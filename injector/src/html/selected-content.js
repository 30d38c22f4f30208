// Knows: what a customizable select shows of its choice: a copy that browsers make when it is chosen, and not again.
// Refuses to know: what has changed. Source: https://html.spec.whatwg.org/multipage/form-elements.html#the-selectedcontent-element

import { dom } from "../dom/dom.js";
import { roots } from "../css/sheets.js";

/** Copies again what is chosen, where it is not the same any more. */
export function renew() {
  for (const root of roots()) dom.querySelectorAll(root, "select selectedcontent").forEach(copy);
}

/** @param {Element} shown */
function copy(shown) {
  const select = /** @type {HTMLSelectElement} */ (dom.closest(shown, "select"));
  const [chosen] = select.selectedOptions;
  const next = dom.cloneNode(shown, false);
  if (chosen) for (const node of dom.childNodes(chosen)) dom.appendChild(next, dom.cloneNode(node, true));
  if (!dom.isEqualNode(shown, next)) dom.replaceChildren(shown, ...dom.childNodes(next));
}
