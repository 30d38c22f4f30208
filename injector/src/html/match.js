// Knows: which node of one tree is which node of another. Refuses to know: what is then done with it.
import { SURE, TABLES, align } from "./align.js";
import { dom } from "../dom/dom.js";
import { isSameScript } from "./scripts/execution.js";
import { OFF, TEXT_ONLY, childrenOf, equal, idOf, isBlank, isElement, isShadow, isTemplate, kidsOf } from "./source.js";

/** @typedef {Document | DocumentFragment} Root */
/** @typedef {{ old: Node, same: boolean, moved: boolean }} Match same: nothing differs; moved: it is elsewhere now */
/** @typedef {(a: Node, b: Node) => boolean} Test */
/** @typedef {import("./align.js").Rules<Node>} Rules */
/** @typedef {import("./budget.js").Budget} Budget */

// In the place of one of these an element of another name is another thing, not the same thing renamed.
const NAMED = `${TEXT_ONLY},noscript,html,head,body,frameset,template,link,meta,base,input,select,option,img,video,audio`;
/** What a pair costs of which one side was changed, and two that are weighed, in steps. */
const [CHANGED, WEIGHED] = [3, 0.5];
const POOL = 3000; // so many elements are looked at when moved ones are searched for
const WRAPPER = 8; // an element with more children than that is not one

/** @param {Node} node */
const keyOf = (node) => (isElement(node) ? dom.outerHTML(node) : isBlank(node) ? "" : `${dom.nodeType(node)}${dom.nodeValue(node)}`);

/** Whether one can become the other without being made anew. @type {Test} */
export const isSameKind = (a, b) =>
  dom.nodeName(a) === dom.nodeName(b) && (!isElement(a) || !isElement(b) || (isSameElement(a, b) && isSameScript(a, b)));

/** @param {Element} a @param {Element} b */
const isSameElement = (a, b) =>
  dom.namespaceURI(a) === dom.namespaceURI(b) && dom.getAttribute(a, "is") === dom.getAttribute(b, "is");

/** Whether one has come to stand in the other. @type {Test} */
const isNested = (a, b) => isElement(a) && isElement(b) && (holds(a, b) || holds(b, a));

/** @param {Element} outer @param {Element} inner */
const holds = (outer, inner) =>
  dom.childElementCount(outer) <= WRAPPER &&
  childrenOf(outer).some((kid) => (idOf(inner) ? idOf(kid) === idOf(inner) : equal(kid, inner)));

/** What speaks for two nodes of which nothing is known but that they are equal. @param {Node} node */
const weightOf = (node) => (isElement(node) ? SURE : isBlank(node) ? 1 : 5);

/** Attributes as things to have in common, classes one by one. @param {Element} element */
const traitsOf = (element) =>
  new Set([...dom.attributes(element)].flatMap(({ name, value }) => (name === "class" ? [...dom.classList(element)] : `${name}=${value}`)));

/** How much two sets have in common, 0 to 1. @param {Set<string>} ours @param {Set<string>} theirs */
const shared = (ours, theirs) =>
  [...ours].filter((item) => theirs.has(item)).length / Math.max(ours.size, theirs.size, 1);

/** The share of two texts that is equal at their ends, 0 to 1. @param {string} ours @param {string} theirs */
function likeness(ours, theirs) {
  const [start, end] = equalEnds(ours, theirs);
  return (start + end) / Math.max(ours.length, theirs.length, 1);
}

/**
 * How many characters two texts share at the start, and after that at the end.
 * @param {string} ours
 * @param {string} theirs
 * @returns {[number, number]}
 */
export function equalEnds(ours, theirs) {
  const shorter = Math.min(ours.length, theirs.length);
  let [start, end] = [0, 0];
  while (start < shorter && ours[start] === theirs[start]) start++;
  while (end < shorter - start && ours[ours.length - 1 - end] === theirs[theirs.length - 1 - end]) end++;
  return [start, end];
}

/**
 * Keeps what a function says of each node.
 * @template {Node} N, V
 * @param {(node: N) => V} read
 */
function once(read) {
  /** @type {Map<N, V>} */
  const known = new Map();
  return (/** @type {N} */ node) => {
    const value = known.get(node) ?? read(node);
    known.set(node, value);
    return value;
  };
}

/** What nodes have in common, in a comparison of a tree with another. @param {Node} root of one of them */
function measures(root) {
  const isFlat = !dom.querySelector(/** @type {ParentNode} */ (root), "template");
  const text = once((node) => dom.textContent(node) ?? "");
  const traits = once(traitsOf);
  /** @type {Map<Node, [Node, boolean]>} the last answer: each pair is asked about two or three times */
  const answers = new Map();
  return {
    text,
    traits,
    /** @param {Node} a @param {Node} b */
    alike: (a, b) => likeness(text(a), text(b)),
    /** @param {Element} a @param {Element} b */
    common: (a, b) => shared(traits(a), traits(b)),
    /** @type {Test} */
    equal(a, b) {
      if (/^(HTML|BODY)$/.test(dom.nodeName(a))) return false; // hardly ever, and it takes longest to find out
      const known = answers.get(a);
      if (known?.[0] === b) return known[1];
      const answer = isFlat ? dom.isEqualNode(a, b) : equal(a, b);
      answers.set(a, [b, answer]);
      return answer;
    },
  };
}

/**
 * Compares an old with a new source. Every answer is right, the best one keeps most.
 * @param {Root} before
 * @param {Root} after
 * @param {Budget} budget
 * @returns {{ matches: Map<Node, Match>, kept: Set<Node> }} the match of each new node that has one, and the old nodes
 *   in them; nothing is said about what is below a match that is the same
 */
export function compare(before, after, budget) {
  const { text, alike, common, equal } = measures(before);
  /** @type {Map<Node, Match>} */
  const matches = new Map();
  /** @type {Set<Node>} */
  const kept = new Set();
  /** @type {Set<Node>} the old nodes that stay as they are, with all that is below them */
  const whole = new Set();
  /** @type {Set<Node>} the old nodes that something has moved out of */
  const left = new Set();
  /** @type {[Root, Root]} */
  let roots = [before, after];
  /** @type {Node[]} */
  let lost = [];
  /** @type {Node[]} */
  let found = [];

  /** @type {Rules} */
  const rules = {
    equal,
    fits: (a, b) => (isSameKind(a, b) || renamed(a, b) > 0) && !isElsewhere(a, b) && !isNested(a, b),
    keys: [keyOf, idOf, text],
    cells: TABLES,
    weigh(a, b) {
      budget.spend(WEIGHED);
      if (!rules.fits(a, b)) return 0;
      if (!isSameKind(a, b)) return renamed(a, b);
      if (equal(a, b)) return weightOf(a);
      if (!isElement(a) || !isElement(b)) return 0.5 + alike(a, b);
      return idOf(a) && idOf(a) === idOf(b) ? SURE : 1 + 3 * common(a, b) + 3 * alike(a, b);
    },
  };

  /** Whether the id of one stands in another place of the other's tree. @type {Test} */
  const isElsewhere = (a, b) => idOf(a) !== idOf(b) && (isIn(roots[1], idOf(a)) || isIn(roots[0], idOf(b)));

  /** @param {Root} root @param {string} id */
  const isIn = (root, id) => id !== "" && dom.getElementById(/** @type {Document} */ (root), id) !== null;

  /** What speaks for the same element under a new name. @param {Node} a @param {Node} b */
  function renamed(a, b) {
    if (!isElement(a) || !isElement(b) || idOf(a) !== idOf(b) || dom.matches(a, NAMED) || dom.matches(b, NAMED)) return 0;
    const likeness = alike(a, b);
    return idOf(a) || common(a, b) > 0.5 || (likeness > 0.5 && /\S/.test(text(a))) ? 0.5 + 3 * likeness : 0;
  }

  /** @param {Node} a @param {Node} b @param {boolean} moved */
  function pair(a, b, moved) {
    const same = !left.has(a) && equal(a, b);
    budget.spend(same ? 1 : CHANGED);
    matches.set(b, { old: a, same, moved });
    kept.add(a);
    if (moved) for (let up = dom.parentNode(a); up && !left.has(up); up = dom.parentNode(up)) left.add(up);
    if (same) whole.add(a);
    else if (isElement(b) && !dom.matches(b, `${TEXT_ONLY},${OFF}`)) inside(a, b);
  }

  /** @param {Node} a @param {Node} b */
  function inside(a, b) {
    children(a, b);
    if (isTemplate(a) && isTemplate(b)) apart(a.content, b.content);
  }

  /** @param {Node} a @param {Node} b */
  function children(a, b) {
    const ours = kidsOf(a).filter((kid) => !kept.has(kid));
    const theirs = kidsOf(b).filter((kid) => !matches.has(kid));
    for (const [old, kid] of align(ours, theirs, rules)) pair(old, kid, false);
    for (const kid of ours) if (!kept.has(kid)) lost.push(kid);
    for (const kid of theirs) if (!matches.has(kid)) found.push(kid);
  }

  /** A tree that nothing moves into or out of. @param {Root} a @param {Root} b */
  function apart(a, b) {
    const outer = /** @type {const} */ ([roots, lost, found]);
    [roots, lost, found] = [[a, b], [], []];
    children(a, b);
    const pool = gather(lost.filter(isElement));
    for (const node of found) seek(node, pool);
    [roots, lost, found] = outer;
  }

  /** The first that is still free; those before it are for nobody any more. @param {Element[] | undefined} queue last first */
  function next(queue) {
    let old = queue?.at(-1);
    for (; old && (kept.has(old) || isWithin(old, whole)); old = queue?.at(-1)) queue?.pop();
    return old;
  }

  /** What is elsewhere now: wrapped, unwrapped, moved. @param {Node} node @param {Map<string, Element[]>} pool */
  function seek(node, pool) {
    budget.spend();
    if (!isElement(node) || matches.has(node) || !pool.size) return;
    const old = labels(node).map((label) => next(pool.get(label))).find((old) => old && isSameKind(old, node));
    if (old) pair(old, node, true);
    else for (const kid of childrenOf(node)) seek(kid, pool);
  }

  apart(before, after);
  return { matches, kept };
}

/** @param {Element[]} roots what may have moved, with all that is below: by its labels, the last first */
function gather(roots) {
  /** @type {Map<string, Element[]>} */
  const pool = new Map();
  const below = roots.flatMap((root) => [...dom.querySelectorAll(root, "*")]).filter(isTelling);
  const all = below.length > POOL ? roots : [...roots, ...below];
  for (const element of all.reverse()) for (const label of labels(element)) add(pool, label, element);
  return pool;
}

/**
 * @template K, V
 * @param {Map<K, V[]>} lists
 * @param {K} key
 * @param {V} value
 */
function add(lists, key, value) {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}

/** Whether it is more than a name. @param {Element} element */
const isTelling = (element) => dom.attributes(element).length > 0 || dom.firstChild(element) !== null;

/** By what a moved element is known again. @param {Element} element */
const labels = (element) => [
  ...(idOf(element) ? [`${dom.localName(element)}#${idOf(element)}`] : []),
  ...(isShadow(element) ? [] : [dom.outerHTML(element)]),
];

/**
 * Whether a node, or one above it but below a root, is in a set.
 * @param {Node} node
 * @param {{ has(node: Node): boolean }} set
 * @param {Node} [root]
 */
export function isWithin(node, set, root) {
  for (let up = /** @type {Node | null} */ (node); up && up !== root; up = dom.parentNode(up)) if (set.has(up)) return true;
  return false;
}

/**
 * Finds the live nodes of a source, in a page whose scripts may have been at work: a doubtful node stays without.
 * @param {Node} source
 * @param {Node} live
 * @param {Map<Node, Node>} owners the source nodes of live nodes that are known already
 * @param {(source: Node, live: Node) => void} link told about each pair
 * @param {Budget} budget
 */
export function recognise(source, live, owners, link, budget) {
  const { text, alike, common, equal, traits } = measures(source);
  const page = dom.ownerDocument(live) ?? /** @type {Document} */ (live);
  /** @type {Element[]} */
  const lost = [];

  /** @type {Test} */
  const isFree = (o, l) => (owners.get(l) ?? o) === o;

  /** @type {Rules} */
  const rules = {
    equal: (o, l) => isFree(o, l) && equal(o, l),
    fits: (o, l) => isFree(o, l) && isSameKind(o, l) && (!idOf(o) || idOf(o) === idOf(l)) && !isNested(o, l),
    keys: [keyOf, idOf],
    cells: TABLES,
    weigh(o, l) {
      budget.spend(WEIGHED);
      if (!rules.fits(o, l)) return 0;
      if (owners.has(l)) return SURE;
      if (equal(o, l)) return weightOf(o);
      return isElement(o) && isElement(l) ? weighElements(o, l) : startOf(o, l);
    },
  };

  /** @param {Element} o @param {Element} l */
  function weighElements(o, l) {
    if (idOf(o)) return SURE;
    const [attributes, text] = [common(o, l), alike(o, l)];
    return text > 0.5 || (attributes >= 0.5 && traits(o).size) ? 1 + 2 * attributes + 3 * text : 0;
  }

  /** A text may be in several pieces. @param {Node} o @param {Node} l */
  function startOf(o, l) {
    const [next, start] = [dom.nextSibling(l), dom.nodeValue(l)];
    return next && dom.nodeName(next) === "#text" && start && dom.nodeValue(o)?.startsWith(start) ? 2 : 0;
  }

  /** @param {Node} o @param {Node} l */
  function pair(o, l) {
    const isKnown = owners.has(l);
    join(o, l);
    if (isKnown) return;
    if (equal(o, l)) return together(o, l);
    budget.spend(CHANGED);
    if (isElement(o)) children(o, l);
    if (isTemplate(o) && isTemplate(l)) tree(o.content, l.content);
  }

  /** @param {Node} o @param {Node} l */
  function join(o, l) {
    budget.spend();
    owners.set(l, o);
    link(o, l);
  }

  /** @param {Node} o @param {Node} l */
  function tree(o, l) {
    join(o, l);
    children(o, l);
  }

  /** Equal trees, node by node. @param {Node} o @param {Node} l */
  function together(o, l) {
    join(o, l);
    for (let a = dom.firstChild(o), b = dom.firstChild(l); a && b; a = dom.nextSibling(a), b = dom.nextSibling(b)) together(a, b);
    if (isTemplate(o) && isTemplate(l)) together(o.content, l.content);
  }

  /** @param {Node} o @param {Node} l */
  function children(o, l) {
    const root = isElement(l) ? dom.shadowRoot(l) : null;
    const shadow = root && kidsOf(o).find(isShadow);
    if (shadow) tree(/** @type {HTMLTemplateElement} */ (shadow).content, root);
    const ours = kidsOf(o).filter((kid) => kid !== shadow);
    const theirs = kidsOf(l);
    let [i, j] = [0, 0];
    for (const [a, b] of align(ours, theirs, rules)) {
      const [start, from] = [i, j];
      while (ours[i] !== a) i++;
      while (theirs[j] !== b) j++;
      between(ours.slice(start, i++), theirs.slice(from, j++));
      pair(a, b);
    }
    between(ours.slice(i), theirs.slice(j));
  }

  /** Between known places a kind that is there equally often is itself. @param {Node[]} ours @param {Node[]} theirs */
  function between(ours, theirs) {
    const kinds = byName(theirs);
    for (const [name, mine] of byName(ours)) {
      const others = kinds.get(name);
      const areSame = others?.length === mine.length;
      for (const [index, o] of mine.entries()) {
        const l = areSame ? others[index] : undefined;
        if (l && (isElement(o) || theirs.length === 1) && rules.fits(o, l)) pair(o, l);
        else if (isElement(o)) lost.push(o);
      }
    }
  }

  /** @type {Map<string, Element[]> | undefined} the elements of the page that are nobody's yet */
  let strays;

  /** @param {Element} element what has it in common with just what it can be */
  function labelOf(element) {
    if (idOf(element)) return `${dom.localName(element)}#${idOf(element)}`;
    const marks = [...traits(element)].sort().join(" ");
    return `${dom.localName(element)} ${marks || text(element)}`;
  }

  /** @returns {Map<string, Element[]>} */
  function findStrays() {
    const found = new Map();
    for (const element of dom.querySelectorAll(page, "*")) {
      budget.spend();
      if (!owners.has(element)) add(found, labelOf(element), element);
    }
    return found;
  }

  /** What scripts have carried elsewhere, when just one thing can be it. @param {Element} o */
  function seek(o) {
    budget.spend();
    strays ??= findStrays();
    const known = isTelling(o) ? (strays.get(labelOf(o)) ?? []) : [];
    const free = known.filter((l) => !owners.has(l));
    if (free.length < known.length) strays.set(labelOf(o), free);
    const [first, second] = free.length > 1 ? free.filter((l) => rules.fits(o, l)) : free;
    if (first && !second && rules.fits(o, first) && (idOf(o) || traits(o).size || equal(o, first))) pair(o, first);
    else for (const kid of childrenOf(o)) lost.push(kid);
  }

  tree(source, live);
  for (const o of lost) seek(o);
}

/** @param {Node[]} nodes */
function byName(nodes) {
  /** @type {Map<string, Node[]>} */
  const found = new Map();
  for (const node of nodes) add(found, dom.nodeName(node), node);
  return found;
}
