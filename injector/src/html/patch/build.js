// Knows: how live nodes are made of new ones: with declarative shadow roots, nonces, and without what old nodes become.
// Refuses to know: where they go in the page, and when scripts run (new-scripts.js).
import { dom } from "../../dom/dom.js";
import { isActive, revive } from "../scripts/execution.js";
import { SHEET, isElement, isShadow, isTemplate, kidsOf } from "../source.js";
import { setNonce } from "../write.js";

export class Builder {
  /** @type {Element[]} style sheets that have to load */
  sheets = [];
  /** @type {Element[]} */
  #autofocus = [];

  /** @param {import("../html.js").Tracker} tracker @param {import("./comparison.js").Comparison} comparison */
  constructor(tracker, { matches }) {
    this.tracker = tracker;
    this.matches = matches;
  }

  /**
   * A live copy of a new node, without what moves into it.
   * @param {Node} n
   * @param {Document} owner the page, or the document of a template's content, where nothing runs
   * @returns {Node}
   */
  build(n, owner) {
    if (isElement(n) && dom.localName(n) === "script") return this.#script(n, owner);
    const live = dom.importNode(owner, n, false);
    this.tracker.link(n, live);
    if (isElement(n)) this.#prepare(n, /** @type {HTMLElement} */ (live));
    for (const kid of kidsOf(n)) this.#grow(kid, live);
    if (isTemplate(n) && isTemplate(live)) for (const kid of kidsOf(n.content)) this.#grow(kid, live.content);
    if (isTemplate(n) && isTemplate(live)) this.tracker.link(n.content, live.content);
    return live;
  }

  /** Where one will run there is a comment until then. @param {Element} n @param {Document} owner */
  #script(n, owner) {
    const live = owner === document && isActive(n) ? dom.createComment(owner, "") : revive(n, owner);
    this.tracker.link(n, live);
    return live;
  }

  /** @param {Node} kid @param {Node} parent */
  #grow(kid, parent) {
    if (this.matches.has(kid) || (isShadow(kid) && this.attach(kid, parent))) return;
    dom.appendChild(parent, this.build(kid, /** @type {Document} */ (dom.ownerDocument(parent))));
  }

  /** @param {Element} n @param {HTMLElement} live */
  #prepare(n, live) {
    if (dom.hasAttribute(n, "nonce")) setNonce(live);
    if (dom.matches(n, SHEET) && dom.ownerDocument(live) === document) this.sheets.push(live);
    // The reader's focus is not taken: the attribute counts when the element is inserted.
    if (dom.hasAttribute(n, "autofocus")) {
      dom.removeAttribute(live, "autofocus");
      this.#autofocus.push(live);
    }
  }

  /** What the parser does with a declarative shadow root. @param {Node} n @param {Node} host */
  attach(n, host) {
    const template = /** @type {HTMLTemplateElement} */ (n);
    const has = (/** @type {string} */ name) => template.hasAttribute(name);
    try {
      const root = dom.attachShadow(/** @type {Element} */ (host), {
        mode: /** @type {ShadowRootMode} */ (template.getAttribute("shadowrootmode")?.toLowerCase()),
        delegatesFocus: has("shadowrootdelegatesfocus"),
        clonable: has("shadowrootclonable"),
        serializable: has("shadowrootserializable"),
      });
      this.tracker.link(template.content, root);
      for (const kid of kidsOf(template.content)) this.#grow(kid, root);
      return true;
    } catch {
      return false; // a host that cannot have one, or has one: the template is a template
    }
  }

  /** Puts back what was left out until all is in its place. */
  finish() {
    for (const element of this.#autofocus) dom.setAttribute(element, "autofocus", "");
  }
}
