/*
 * Knows: how a change of a page's source is made in the page itself: a three-way patch. The old and the new source are
 * both parsed by the browser, and what differs between them is done to the live document. Refuses to know: where
 * sources come from, and how a full reload is done.
 *
 * Guarantees. A node that the source change does not touch is not touched: not made anew, not inserted again, not
 * written to, whatever scripts or the reader have done to it; nor is a node that scripts made, unless the element that
 * it is in goes. In a page that no script has changed the result equals a fresh load. A value that scripts changed (an
 * attribute, a class, a property in `style`, a text) is overwritten only when the same value changed in the source.
 * What moved is moved, not made again. All that can be known to be impossible is known before anything is touched.
 *
 * Refuses, with NeedsReload: a changed node that is not in the page any more, or is not known for certain; a changed
 * doctype, <base>, <meta http-equiv> or import map; scripts that cannot run late (execution.js); closed shadow roots;
 * what a script has read as a template; what is marked data-hotreload="reload". What is below data-hotreload="off" is left alone.
 */
import { Budget } from "./budget.js";
import { dom } from "../dom/dom.js";
import { Evidence } from "./scripts/evidence.js";
import { recognise } from "./match.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { Patch } from "./patch/patch.js";
import { Snapshot } from "./snapshot.js";
import { detach, isData, isElement, isTemplate, nameOf, parse, walk } from "./source.js";

/** @typedef {import("./patch/plan.js").Operation} Operation */
/** @typedef {(element: HTMLStyleElement | SVGStyleElement | undefined, text?: string) => boolean} StyleHook */
/**
 * @typedef {object} Options
 * @property {StyleHook} [style] takes over the change of a <style>, or answers false; without a text it has moved
 * @property {Snapshot} [snapshot] of the live document as it was soon after load; else as it is now
 */
/** @typedef {import("./scripts/references.js").Loaded} Loaded */

/**
 * Takes a source as what the live document was made from. A snapshot of soon after load is best: what scripts did
 * before is made out by comparison, what they do later is known.
 * @param {string} source the text of the document as it was served
 * @param {Options} [options]
 */
export const track = (source, options = {}) => new Tracker(source, options);

/** The source that a page shows, and where in the page each of its nodes is. */
export class Tracker {
  /** @type {WeakMap<Node, WeakRef<Node>>} a source node stays when scripts drop its live node */
  #lives = new WeakMap();
  /** @type {WeakMap<Node, Node[]>} what goes when a style sheet has loaded */
  #replaced = new WeakMap();
  /** What the scripts are that the page has loaded: set before each patch. @type {Loaded} */
  loaded = { texts: [], isComplete: true };
  evidence = new Evidence(this);

  /** @param {string} source @param {Options} options */
  constructor(source, { style, snapshot = new Snapshot() }) {
    this.style = style;
    this.text = source;
    this.source = parse(source, dom.contentType(document));
    recognise(this.source, snapshot.document, new Map(), (node, copy) => {
      const live = snapshot.live(copy);
      if (live) this.link(node, live);
    }, new Budget());
  }

  /** @param {Node} source @param {Node} live */
  link = (source, live) => void this.#lives.set(source, new WeakRef(live));

  /** The live node of a source node, if it is in the page. @param {Node} source */
  live(source) {
    const live = this.#lives.get(source)?.deref();
    // In a template's content nothing is connected.
    if (!live || dom.isConnected(live)) return live;
    return dom.getRootNode(live) === this.#lives.get(dom.getRootNode(source))?.deref() ? live : undefined;
  }

  /**
   * The live node of a source node, looked for again if scripts have replaced it.
   * @param {Node} source
   * @returns {Node}
   * @throws {NeedsReload}
   */
  need(source) {
    const known = this.live(source);
    const parent = dom.parentNode(source);
    if (!known && parent) this.recover(parent);
    const live = known ?? this.live(source);
    if (!live) throw new NeedsReload(`a changed ${nameOf(source)} is not in the page`);
    if (this.#isCompiled(source, live)) throw new NeedsReload(`a changed ${nameOf(source)} is in a template that a script has read`);
    return live;
  }

  /** Whether a script has read it as a template, once: it is filled in, or a directive above it is used up. @param {Node} source @param {Node} live */
  #isCompiled(source, live) {
    if (isRead(live) || (isData(source) && /\{\{/.test(source.data) && dom.nodeValue(live) !== source.data)) return true;
    for (let up = /** @type {Node | null} */ (source); up; up = dom.parentNode(up)) if (isElement(up) && this.#isUsedUp(up)) return true;
    return false;
  }

  /** @param {Element} source */
  #isUsedUp(source) {
    const live = /** @type {Element | undefined} */ (this.live(source));
    return live !== undefined && directivesOf(source).some((name) => !dom.hasAttribute(live, name));
  }

  /**
   * Removes a style sheet when the one in its place has loaded, or failed to: no frame is without style.
   * @param {Element} fresh
   * @param {Node} old
   */
  replace(fresh, old) {
    const waiting = this.#replaced.get(fresh) ?? [];
    this.#replaced.set(fresh, [...waiting, old, ...(this.#replaced.get(old) ?? [])]);
    for (const end of ["load", "error"]) fresh.addEventListener(end, () => this.#settle(fresh), { once: true });
  }

  /** @param {Node} live */
  discard(live) {
    detach(live);
    this.#settle(live);
  }

  /** @param {Node} fresh */
  #settle(fresh) {
    for (const old of this.#replaced.get(fresh) ?? []) detach(old);
    this.#replaced.delete(fresh);
  }

  /** @param {Node} parent whose children are looked for again */
  recover(parent) {
    recognise(parent, this.need(parent), this.#owners(), this.link, new Budget());
  }

  #owners() {
    /** @type {Map<Node, Node>} */
    const owners = new Map();
    for (const node of everyNode(this.source)) {
      const live = this.live(node);
      if (live) owners.set(live, node);
    }
    return owners;
  }

  /**
   * Makes the difference between the source that the page shows and a new one in the page.
   * @param {string} text the new source
   * @param {boolean} [isSure] whether it was decoded as a browser does that loads it; else as the page was
   * @returns {{ operations: Operation[], scripts?: Promise<void> }} what was done; when all new scripts have run,
   *   rejected with NeedsReload when one could not
   * @throws {NeedsReload}
   */
  patch(text, isSure = true) {
    if (text === this.text) return { operations: [] };
    const next = parse(text, dom.contentType(document));
    if (!isSure && declared(next) !== declared(this.source)) throw new NeedsReload("the encoding is declared otherwise");
    const patch = new Patch(this, next);
    this.evidence.drop();
    patch.apply();
    this.text = text;
    return { operations: patch.operations, ...(patch.hasScripts && { scripts: patch.run() }) };
  }
}

/** What Vue and AngularJS have read. @param {Node} node */
const isRead = (node) => {
  const element = isElement(node) ? node : dom.parentElement(node);
  return element !== null && dom.closest(element, "[data-v-app],.ng-scope") !== null;
};

/** Attributes that tell the kin of Vue what to do. @param {Element} element */
const directivesOf = (element) => dom.getAttributeNames(element).filter((name) => /^(v-|:|@)/.test(name));

/** @param {Node} root @returns {Node[]} */
const everyNode = (root) =>
  [root, ...walk(root)].flatMap((node) => (isTemplate(node) ? [node, ...everyNode(node.content)] : [node]));

/** What declares the encoding of a document. @param {Document} source */
const declared = (source) =>
  [...dom.querySelectorAll(source, "meta[charset],meta[http-equiv=content-type i]")].map((meta) => meta.outerHTML).join("");
