// Knows: the operations that make one source of a page the next, planned first and then done to the live document.
// Refuses to know: how nodes are found (html.js) and which belong together (match.js).
import { Budget } from "./budget.js";
import { dom } from "../dom/dom.js";
import { compare, isSameKind, isWithin } from "./match.js";
import { NeedsReload } from "../updates/needs-reload.js";
import { Patchable } from "./scripts/patchable.js";
import { active, check, isActive, revive, run } from "./scripts/execution.js";
import { OFF, RELOAD, TEXT_ONLY, copyAttributes, isBlank, isData, isElement } from "./source.js";
import { isShadow, isTemplate, kidsOf, nameOf, rendered, setTextContent } from "./source.js";
import { differences, dress, isDone, keepChoices, keepFocus, keepScroll, pieces, place, renew, setAttribute, setText } from "./write.js";

/** @typedef {"text"|"attribute"|"insert"|"remove"|"move"|"rename"|"script"|"style"|"stylesheet"} Kind */
/** @typedef {{ op: Kind, node: string, in?: string, name?: string }} Operation name: of an attribute or a script */
/** @typedef {{ into: Node, o: Node | undefined, kids: Node[], index: number }} Spot a place among the new children */

const VITAL =
  "base,meta[http-equiv]:not([http-equiv=content-type i],[http-equiv=x-ua-compatible i]),script[type=importmap i]";
const SHEET = "link[rel~=stylesheet i][href]:not([disabled])";
const LOADING = ["href", "rel", "type", "crossorigin", "integrity", "referrerpolicy"];
/** What an element reads when it loads something, and not again. */
const SOURCE = "video > source,audio > source";
const ONCE = ["allow", "allowfullscreen", "credentialless", "csp", "referrerpolicy", "sandbox"];
const CHOICES = "select,option,optgroup,input[type=radio i]";

/** One change of the source: planned when it is made, which may throw NeedsReload, then applied. */
export class Patch {
  /** @type {Operation[]} */
  operations = [];
  /** @type {import("./scripts/execution.js").Job[]} */
  scripts = [];
  /** @type {(() => void)[]} what is done to the page */
  #steps = [];
  /** @type {(() => void)[]} what goes from it, once all that stays is out of it */
  #removals = [];
  /** @type {(() => void)[]} what makes the old source the new one */
  #syncs = [];
  /** @type {Set<Element>} scripts that are new */
  #fresh = new Set();
  /** @type {Set<Element>} scripts that go */
  #gone = new Set();
  /** @type {Set<Node>} new nodes that old ones move into */
  #hosts = new Set();
  /** @type {Element[]} style sheets that have to load */
  #sheets = [];
  /** @type {Element[]} */
  #autofocus = [];
  /** @type {Node[]} live nodes that get another place */
  #moving = [];
  /** @type {Set<Node>} old parents whose children were looked for again */
  #sought = new Set();
  #choices = false;
  /** @type {Set<Node>} the sources of what has to load again what it shows */
  #renewed = new Set();

  /** @param {import("./html.js").Tracker} tracker @param {Document} next */
  constructor(tracker, next) {
    this.tracker = tracker;
    const { source } = tracker;
    if (!isSameMode(source, next)) throw new NeedsReload("the doctype changed");
    const budget = new Budget();
    const { matches, kept } = compare(source, next, budget);
    this.matches = matches;
    this.kept = kept;
    /** What scripts may have read must not change in place. */
    this.patchable = tracker.evidence.isNeeded ? new Patchable(tracker, budget) : undefined;
    for (const [node, { moved }] of matches) if (moved) this.#openAbove(node);
    this.#children(source, next, source);
    this.#planScripts(next);
  }

  /** @param {Node} node */
  #openAbove(node) {
    for (let up = dom.parentNode(node); up && !this.matches.has(up); up = dom.parentNode(up)) this.#hosts.add(up);
  }

  /** @param {Kind} op @param {Node} node @param {() => void} step @param {string} [name] */
  #do(op, node, step, name) {
    this.#note(op, node, name);
    this.#steps.push(step);
  }

  /** @param {Kind} op @param {Node} node @param {string} [name] */
  #note(op, node, name) {
    const parentNode = dom.parentNode(node);
    const parent = parentNode && { in: nameOf(parentNode) };
    if (parentNode && isElement(node) && dom.matches(node, SOURCE)) this.#renewed.add(this.#lasting(parentNode));
    if (name && ONCE.includes(name) && dom.nodeName(node) === "IFRAME") this.#renewed.add(this.#lasting(node));
    this.operations.push({ op, node: nameOf(node), ...parent, ...(name !== undefined && { name }) });
  }

  /**
   * @param {Node | undefined} o the old parent
   * @param {Node} n the new one
   * @param {Node} into the one of them that stays in the source
   */
  #children(o, n, into) {
    const [kids, before] = [kidsOf(n), o ? kidsOf(o) : []];
    const after = kids.map((kid) => this.#lasting(kid));
    const arriving = kids.filter((kid) => this.matches.get(kid)?.moved ?? true);
    const visible = !o || !arriving.length || this.#hasPlace(o, arriving);
    for (const [index, kid] of kids.entries()) this.#child(kid, { o, into, kids, index }, visible);
    for (const kid of before) if (!this.kept.has(kid)) this.#remove(kid);
    if (o !== into || after.length !== before.length || after.some((kid, index) => kid !== before[index]))
      this.#syncs.push(() => arrange(into, after));
  }

  /** The node that stands for a new one in the source that is kept. @param {Node} n @returns {Node} */
  #lasting(n) {
    const match = this.matches.get(n);
    return match && (match.same || isSameKind(match.old, n)) ? match.old : n;
  }

  /**
   * Whether it is known where in the page new children go; if scripts have filled an element anew, it is not.
   * @param {Node} o
   * @param {Node[]} arriving
   */
  #hasPlace(o, arriving) {
    const { tracker } = this;
    const isPlaced = (/** @type {Node} */ kid) => isShadow(kid) || isIn(tracker.live(kid), tracker.live(o));
    const isKnown = () => kidsOf(o).every(isBlank) || kidsOf(o).some(isPlaced);
    const wanted = !arriving.every(isBlank);
    if (wanted) tracker.need(o);
    if (wanted && !isKnown()) tracker.recover(o);
    if (wanted && !isKnown()) throw new NeedsReload(`scripts have filled a changed ${nameOf(o)}`);
    return isKnown();
  }

  /** @param {Node} kid @param {Spot} spot @param {boolean} visible */
  #child(kid, spot, visible) {
    const match = this.matches.get(kid);
    if (match?.moved) this.#move(kid, match.old, spot);
    if (match) this.#visit(match, kid);
    else if (spot.o) this.patchable?.elements.change(kid, spot.o);
    if (!match && spot.o && visible) this.#insert(kid, spot);
    if (!match && this.#hosts.has(kid)) this.#children(undefined, kid, kid);
  }

  /** @param {import("./match.js").Match} match @param {Node} n */
  #visit({ old: o, same }, n) {
    if (same) return;
    if (isData(o) && isData(n)) this.#data(o, n);
    if (!isElement(o) || !isElement(n)) return;
    const into = this.#lasting(n);
    this.#element(o, n, into);
    if (dom.matches(n, OFF)) return void this.#syncs.push(() => advance(o, n));
    if (dom.matches(n, TEXT_ONLY)) this.#text(o, n);
    else this.#children(o, n, into);
    if (isTemplate(o) && isTemplate(n)) this.#content(o, n);
  }

  /** @param {HTMLTemplateElement} template @param {HTMLTemplateElement} next */
  #content(template, next) {
    const [o, n] = [template.content, next.content];
    if (!isShadow(template) && !dom.isEqualNode(o, n)) this.patchable?.evidence.refuseRead(template);
    const live = this.tracker.live(o);
    if (live) this.tracker.link(n, live); // so that what is new in it counts as in the page
    this.#children(o, n, o);
  }

  /** @param {CharacterData} o @param {CharacterData} n */
  #data(o, n) {
    const live = isBlank(o) && isBlank(n) ? this.tracker.live(o) : this.tracker.need(o);
    const [from, to] = [o.data, n.data];
    if (dom.nodeType(o) === Node.TEXT_NODE) this.patchable?.texts.change(dom.parentNode(o), from, to);
    if (live) this.#do("text", n, () => setText(live, from, to));
    this.#syncs.push(() => (o.data = to));
  }

  /** @param {Element} o @param {Element} n */
  #text(o, n) {
    const [before, text] = [dom.textContent(o) ?? "", dom.textContent(n) ?? ""];
    if (before === text) return;
    if (dom.localName(n) === "script" && !isActive(o) && isRead(n)) throw new NeedsReload("data that scripts have read changed");
    if (!/^(script|style)$/.test(dom.localName(n))) this.patchable?.texts.change(o, before, text);
    const live = /** @type {Element} */ (this.tracker.need(o));
    const { style } = this.tracker;
    if (dom.localName(n) !== "style") this.#do("text", n, () => setTextContent(live, text));
    else this.#do("style", n, () => style?.(/** @type {HTMLStyleElement} */ (live), text) || setTextContent(live, text));
    this.#syncs.push(() => setTextContent(o, text));
  }

  /** The element itself: its name and attributes. @param {Element} o @param {Element} n @param {Node} into */
  #element(o, n, into) {
    if (dom.matches(o, VITAL) || dom.matches(n, VITAL)) this.#refuse(o, n);
    if (dom.matches(o, RELOAD) || dom.matches(n, RELOAD)) throw new NeedsReload('a change is below data-hotreload="reload"');
    if (into !== o) this.#rename(o, n);
    const found = differences(o, n);
    if (!found.length) return;
    this.#choices ||= dom.matches(n, CHOICES);
    if (isShadow(o) || isShadow(n)) throw new NeedsReload("a shadow root's own settings changed");
    for (const difference of found) this.patchable?.attributes.change(o, n, difference);
    this.#syncs.push(() => into === o && copyAttributes(n, o));
    const live = /** @type {Element} */ (this.tracker.need(o));
    const loading = found.find(({ name }) => LOADING.includes(name));
    if (loading && dom.matches(o, SHEET) && dom.matches(n, SHEET)) return this.#swap(o, n, found, loading.name);
    for (const difference of found) {
      if (into === o && isDone(live, difference)) continue;
      const step = () => setAttribute(/** @type {Element} */ (this.tracker.live(into)), difference);
      this.#do("attribute", n, step, difference.name);
    }
  }

  /** What only a new page takes over. @param {Element[]} changed */
  #refuse(...changed) {
    for (const element of changed) {
      const [vital] = rendered(element, VITAL);
      if (vital) throw new NeedsReload(`a changed <${vital.localName}> counts for the whole page`);
      this.#choices ||= rendered(element, CHOICES).length > 0;
    }
  }

  /** @param {Element} o @param {Element} n */
  #rename(o, n) {
    const live = /** @type {Element} */ (this.tracker.need(o));
    for (const each of [o, n]) this.patchable?.elements.change(each, dom.parentNode(o));
    if (dom.shadowRoot(live)) throw new NeedsReload(`a ${nameOf(o)} with a shadow root has a new name`);
    this.#moving.push(live);
    this.#do("rename", o, () => {
      const renamed = dom.importNode(document, n, false);
      copyAttributes(live, /** @type {Element} */ (renamed));
      dom.before(live, renamed);
      dress(renamed);
      for (const kid of kidsOf(live)) place(renamed, kid, null);
      dom.remove(live);
      this.tracker.link(n, renamed);
    }, dom.localName(n));
  }

  /**
   * The new style sheet comes next to the old one, which goes when that has loaded.
   * @param {Element} o
   * @param {Element} n
   * @param {import("./write.js").Difference[]} found
   * @param {string} name
   */
  #swap(o, n, found, name) {
    this.#do("stylesheet", n, () => {
      const live = /** @type {Element} */ (this.tracker.live(o));
      const fresh = /** @type {Element} */ (dom.cloneNode(live, false));
      for (const difference of found) setAttribute(fresh, difference);
      dom.after(live, fresh);
      this.tracker.link(o, fresh);
      this.tracker.replace(fresh, live);
      this.#sheets.push(fresh);
    }, name);
  }

  /** @param {Node} n @param {Node} o @param {Spot} spot */
  #move(n, o, spot) {
    const live = this.tracker.need(o);
    for (const parent of [dom.parentNode(o), spot.o ?? null]) this.patchable?.elements.change(o, parent);
    if (active(o).length) throw new NeedsReload("a script that ran has moved");
    this.#moving.push(live);
    this.#do("move", n, () => {
      place(this.#into(spot), live, this.#before(spot));
      this.#restyle(o);
    });
  }

  /** A <style> that is moved shows what stands in it. @param {Node} o */
  #restyle(o) {
    for (const style of rendered(o, "style")) this.tracker.style?.(/** @type {HTMLStyleElement} */ (this.tracker.live(style)));
  }

  /** @param {Node} n @param {Spot} spot */
  #insert(n, spot) {
    if (isElement(n)) this.#arrive(n, spot);
    this.#do("insert", n, () => {
      const into = this.#into(spot);
      const live = this.#build(n, dom.ownerDocument(into) ?? document);
      if (!isShadow(n) || !this.#attach(n, into)) dom.insertBefore(into, live, this.#before(spot));
      if (this.#hosts.has(n)) dress(live);
    });
  }

  /** @param {Element} n @param {Spot} spot */
  #arrive(n, { o }) {
    this.#refuse(n);
    for (const script of active(n)) if (!isWithin(script, this.matches, n)) this.#fresh.add(script);
    if (isShadow(n) && o && this.tracker.need(o) && dom.shadowRoot(/** @type {Element} */ (this.tracker.live(o))))
      throw new NeedsReload("a shadow root is replaced");
  }

  /** @param {Node} o */
  #remove(o) {
    if (isElement(o)) this.#refuse(o);
    this.patchable?.elements.removal(o);
    if (isShadow(o) && !this.tracker.live(o)) throw new NeedsReload("a shadow root is removed");
    for (const script of active(o)) if (!isWithin(script, this.kept, o)) this.#gone.add(script);
    if (isElement(o)) this.#lookAgain(o);
    if (this.tracker.live(o) && this.tracker.need(o)) this.#note("remove", o);
    this.#removals.push(() => this.#drop(o));
  }

  /** Scripts may have made it anew with all that is beside it. @param {Element} o */
  #lookAgain(o) {
    const parentNode = dom.parentNode(o);
    if (!parentNode || this.#sought.has(parentNode) || this.tracker.live(o) || !this.tracker.live(parentNode)) return;
    this.#sought.add(parentNode);
    this.tracker.recover(parentNode);
  }

  /** Also what scripts have carried out of it, but not what stays; a sheet waits for one that comes. @param {Node} o */
  #drop(o) {
    if (this.kept.has(o)) return;
    const live = this.tracker.live(o);
    const sheet = isElement(o) && dom.matches(o, `${SHEET},style`) && this.#sheets.at(-1);
    if (live && sheet) return this.tracker.replace(sheet, live);
    if (live) for (const piece of pieces(live, dom.nodeValue(o))) this.tracker.discard(piece);
    for (const kid of kidsOf(o)) this.#drop(kid);
  }

  /** @param {Spot} spot */
  #into = ({ into }) => /** @type {Node} */ (this.tracker.live(into));

  /**
   * Behind the sibling that it follows, else before the next one; what scripts have put in between comes after it.
   * @param {Spot} spot
   * @returns {Node | null}
   */
  #before(spot) {
    const into = this.#into(spot);
    const lives = (/** @type {Node} */ kid) => {
      const last = this.#lasting(kid);
      const live = this.tracker.live(last) ?? this.tracker.live(this.matches.get(kid)?.old ?? kid);
      return live && isIn(live, into) ? pieces(live, dom.nodeValue(last)) : [];
    };
    for (let i = spot.index - 1; i >= 0; i--) {
      const found = lives(/** @type {Node} */ (spot.kids[i]));
      if (found.length) return dom.nextSibling(/** @type {Node} */ (found.at(-1)));
    }
    const later = spot.kids.slice(spot.index + 1).filter((kid) => this.matches.get(kid)?.moved === false);
    const gone = (spot.o ? kidsOf(spot.o) : []).filter((kid) => !this.kept.has(kid));
    for (const kid of [...later, ...gone]) {
      const [found] = lives(kid);
      if (found) return found;
    }
    return dom.firstChild(into);
  }

  /**
   * A live copy of a new node, without what moves into it.
   * @param {Node} n
   * @param {Document} owner the page, or the document of a template's content, where nothing runs
   * @returns {Node}
   */
  #build(n, owner) {
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
    if (this.matches.has(kid) || (isShadow(kid) && this.#attach(kid, parent))) return;
    dom.appendChild(parent, this.#build(kid, /** @type {Document} */ (dom.ownerDocument(parent))));
  }

  /** @param {Element} n @param {HTMLElement} live */
  #prepare(n, live) {
    if (dom.hasAttribute(n, "nonce")) setNonce(live);
    if (dom.matches(n, SHEET) && dom.ownerDocument(live) === document) this.#sheets.push(live);
    // The reader's focus is not taken: the attribute counts when the element is inserted.
    if (dom.hasAttribute(n, "autofocus")) {
      dom.removeAttribute(live, "autofocus");
      this.#autofocus.push(live);
    }
  }

  /** What the parser does with a declarative shadow root. @param {Node} n @param {Node} host */
  #attach(n, host) {
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

  /** @param {Document} after */
  #planScripts(after) {
    const scripts = active(after);
    check(scripts, this.#gone, this.#fresh);
    for (const script of scripts.filter((one) => this.#fresh.has(one))) {
      this.#note("script", script, dom.getAttribute(script, "src") ?? "inline");
      this.scripts.push({ script, fresh: revive(script, document) });
    }
  }

  /** Does what was planned. */
  apply() {
    const kept = [...(this.#choices ? [keepChoices()] : []), keepFocus(), keepScroll(this.#moving)];
    try {
      for (const step of [...this.#steps, ...this.#removals]) step();
    } catch (error) {
      throw new NeedsReload(`the browser refused a change: ${error instanceof Error ? error.message : error}`);
    }
    for (const element of this.#autofocus) dom.setAttribute(element, "autofocus", "");
    for (const node of this.#renewed) renew(this.tracker.live(node));
    for (const putBack of kept) putBack();
    for (const sync of this.#syncs) sync();
  }

  /** Runs the new scripts. */
  run() {
    return run(this.scripts, ({ script, fresh }) => {
      const place = this.tracker.live(script);
      if (dom.hasAttribute(script, "nonce")) setNonce(fresh);
      this.tracker.link(script, fresh);
      const parent = place && dom.parentNode(place);
      if (parent) dom.replaceChild(parent, fresh, place);
      return place !== undefined;
    });
  }
}

/** @param {Document} before @param {Document} after */
function isSameMode(before, after) {
  const [doctype, next] = [dom.doctype(before), dom.doctype(after)];
  return dom.compatMode(before) === dom.compatMode(after) && (doctype ? doctype.isEqualNode(next) : !next);
}

/** @param {Node | undefined} node @param {Node | undefined} parent */
const isIn = (node, parent) => node !== undefined && dom.parentNode(node) === (parent ?? null);

/** Whether scripts may have read data; those for search engines they have not. @param {Element} script */
const isRead = (script) =>
  dom.getAttribute(script, "type") !== "application/ld+json" && active(/** @type {Document} */ (dom.ownerDocument(script))).length > 0;

/** Elements that are new get the nonce that this page was loaded with. @param {HTMLElement} element */
function setNonce(element) {
  const known = /** @type {HTMLElement | null} */ (dom.querySelector(document, "script[nonce],style[nonce]"));
  dom.setAttribute(element, "nonce", known?.nonce ?? "");
}

/**
 * What is below is the new source's; its places in the page are looked for when they are needed.
 * @param {Node} o
 * @param {Node} n
 */
function advance(o, n) {
  arrange(o, kidsOf(n));
  if (isTemplate(o) && isTemplate(n)) arrange(o.content, kidsOf(n.content));
}

/** @param {Node} parent @param {Node[]} kids all that it shall have */
function arrange(parent, kids) {
  const wanted = new Set(kids);
  for (const kid of kidsOf(parent)) if (!wanted.has(kid)) dom.removeChild(parent, kid);
  let at = dom.firstChild(parent);
  for (const kid of kids) {
    if (kid === at) at = dom.nextSibling(at);
    else dom.insertBefore(parent, kid, at);
  }
}
