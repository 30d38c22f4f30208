// Knows: which node of one tree is which node of another. Refuses to know: what is then done with it.
import { SURE, align } from "./align.js";
import { isSameScript } from "./scripts.js";
import { OFF, TEXT_ONLY, childrenOf, equal, idOf, isBlank, isElement, isShadow, isTemplate, kidsOf } from "./source.js";

/** @typedef {Document | DocumentFragment} Root */
/** @typedef {{ old: Node, same: boolean, moved: boolean }} Match same: nothing differs; moved: it is elsewhere now */
/** @typedef {(a: Node, b: Node) => boolean} Test */
/** @typedef {import("./align.js").Rules<Node>} Rules */

// In the place of one of these an element of another name is another thing, not the same thing renamed.
const NAMED = `${TEXT_ONLY},noscript,html,head,body,frameset,template,link,meta,base,input,select,option,img,video,audio`;
const POOL = 3000; // so many elements are looked at when moved ones are searched for
const LOST = 300; // so many elements are searched for in the whole page
const WRAPPER = 8; // an element with more children than that is not one

/** @param {Node} node */
const keyOf = (node) => (isElement(node) ? node.outerHTML : isBlank(node) ? "" : `${node.nodeType}${node.nodeValue}`);

/** Whether one can become the other without being made anew. @type {Test} */
export const isSameKind = (a, b) =>
  a.nodeName === b.nodeName && (!isElement(a) || !isElement(b) || (isSameElement(a, b) && isSameScript(a, b)));

/** @param {Element} a @param {Element} b */
const isSameElement = (a, b) => a.namespaceURI === b.namespaceURI && a.getAttribute("is") === b.getAttribute("is");

/** Whether one has come to stand in the other. @type {Test} */
const isNested = (a, b) => isElement(a) && isElement(b) && (holds(a, b) || holds(b, a));

/** @param {Element} outer @param {Element} inner */
const holds = (outer, inner) =>
  outer.childElementCount <= WRAPPER &&
  childrenOf(outer).some((kid) => (idOf(inner) ? idOf(kid) === idOf(inner) : equal(kid, inner)));

/** What speaks for two nodes of which nothing is known but that they are equal. @param {Node} node */
const weightOf = (node) => (isElement(node) ? SURE : isBlank(node) ? 1 : 5);

/** Attributes as things to have in common, classes one by one. @param {Element} element */
const traitsOf = ({ attributes, classList }) =>
  new Set([...attributes].flatMap(({ name, value }) => (name === "class" ? [...classList] : `${name}=${value}`)));

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

/** What nodes have in common, in a comparison of a tree with another. @param {ParentNode} root of one of them */
function measures(root) {
  const isFlat = !root.querySelector("template");
  const text = once((node) => node.textContent ?? "");
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
      if (/^(HTML|BODY)$/.test(a.nodeName)) return false; // hardly ever, and it takes longest to find out
      const known = answers.get(a);
      if (known?.[0] === b) return known[1];
      const answer = isFlat ? a.isEqualNode(b) : equal(a, b);
      answers.set(a, [b, answer]);
      return answer;
    },
  };
}

/**
 * Compares an old with a new source. Every answer is right, the best one keeps most.
 * @param {Root} before
 * @param {Root} after
 * @returns {{ matches: Map<Node, Match>, kept: Set<Node> }} the match of each new node that has one, and the old nodes
 *   in them; nothing is said about what is below a match that is the same
 */
export function compare(before, after) {
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
    weigh(a, b) {
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
  const isIn = (root, id) => id !== "" && root.getElementById(id) !== null;

  /** What speaks for the same element under a new name. @param {Node} a @param {Node} b */
  function renamed(a, b) {
    if (!isElement(a) || !isElement(b) || idOf(a) !== idOf(b) || a.matches(NAMED) || b.matches(NAMED)) return 0;
    const text = alike(a, b);
    return idOf(a) || common(a, b) > 0.5 || (text > 0.5 && /\S/.test(a.textContent ?? "")) ? 0.5 + 3 * text : 0;
  }

  /** @param {Node} a @param {Node} b @param {boolean} moved */
  function pair(a, b, moved) {
    const same = !left.has(a) && equal(a, b);
    matches.set(b, { old: a, same, moved });
    kept.add(a);
    if (moved) for (let up = a.parentNode; up && !left.has(up); up = up.parentNode) left.add(up);
    if (same) whole.add(a);
    else if (isElement(b) && !b.matches(`${TEXT_ONLY},${OFF}`)) inside(a, b);
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
    lost.push(...ours.filter((kid) => !kept.has(kid)));
    found.push(...theirs.filter((kid) => !matches.has(kid)));
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

  /** What is elsewhere now: wrapped, unwrapped, moved. @param {Node} node @param {Map<string, Element[]>} pool */
  function seek(node, pool) {
    if (!isElement(node) || matches.has(node) || !pool.size) return;
    const isFree = (/** @type {Element} */ old) => !kept.has(old) && !isWithin(old, whole) && isSameKind(old, node);
    const old = labels(node).flatMap((label) => pool.get(label) ?? []).find(isFree);
    if (old) pair(old, node, true);
    else for (const kid of childrenOf(node)) seek(kid, pool);
  }

  apart(before, after);
  return { matches, kept };
}

/** @param {Element[]} roots what may have moved, with all that is below, by its labels */
function gather(roots) {
  /** @type {Map<string, Element[]>} */
  const pool = new Map();
  const below = roots.flatMap((root) => [...root.querySelectorAll("*")]).filter(isTelling);
  for (const element of below.length > POOL ? roots : [...roots, ...below]) {
    for (const label of labels(element)) {
      const known = pool.get(label);
      if (known) known.push(element);
      else pool.set(label, [element]);
    }
  }
  return pool;
}

/** Whether it is more than a name. @param {Element} element */
const isTelling = ({ attributes, firstChild }) => attributes.length > 0 || firstChild !== null;

/** By what a moved element is known again. @param {Element} element */
const labels = (element) => [
  ...(idOf(element) ? [`${element.localName}#${idOf(element)}`] : []),
  ...(isShadow(element) ? [] : [element.outerHTML]),
];

/**
 * Whether a node, or one above it but below a root, is in a set.
 * @param {Node} node
 * @param {{ has(node: Node): boolean }} set
 * @param {Node} [root]
 */
export function isWithin(node, set, root) {
  for (let up = /** @type {Node | null} */ (node); up && up !== root; up = up.parentNode) if (set.has(up)) return true;
  return false;
}

/**
 * Finds the live nodes of a source, in a page whose scripts may have been at work: a doubtful node stays without.
 * @param {Node} source
 * @param {Node} live
 * @param {Map<Node, Node>} owners the source nodes of live nodes that are known already
 * @param {(source: Node, live: Node) => void} link told about each pair
 */
export function recognise(source, live, owners, link) {
  const { alike, common, equal, traits } = measures(/** @type {ParentNode} */ (source));
  const page = live.ownerDocument ?? /** @type {Document} */ (live);
  /** @type {Element[]} */
  const lost = [];

  /** @type {Test} */
  const isFree = (o, l) => (owners.get(l) ?? o) === o;

  /** @type {Rules} */
  const rules = {
    equal: (o, l) => isFree(o, l) && equal(o, l),
    fits: (o, l) => isFree(o, l) && isSameKind(o, l) && (!idOf(o) || idOf(o) === idOf(l)) && !isNested(o, l),
    keys: [keyOf, idOf],
    weigh(o, l) {
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
  const startOf = (o, l) =>
    l.nextSibling?.nodeName === "#text" && l.nodeValue && o.nodeValue?.startsWith(l.nodeValue) ? 2 : 0;

  /** @param {Node} o @param {Node} l */
  function pair(o, l) {
    const isKnown = owners.has(l);
    join(o, l);
    if (isKnown) return;
    if (equal(o, l)) return together(o, l);
    if (isElement(o)) children(o, l);
    if (isTemplate(o) && isTemplate(l)) tree(o.content, l.content);
  }

  /** @param {Node} o @param {Node} l */
  function join(o, l) {
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
    for (let a = o.firstChild, b = l.firstChild; a && b; a = a.nextSibling, b = b.nextSibling) together(a, b);
    if (isTemplate(o) && isTemplate(l)) together(o.content, l.content);
  }

  /** @param {Node} o @param {Node} l */
  function children(o, l) {
    const root = /** @type {Element} */ (l).shadowRoot;
    const shadow = root && kidsOf(o).find(isShadow);
    if (shadow) tree(/** @type {HTMLTemplateElement} */ (shadow).content, root);
    let ours = kidsOf(o).filter((kid) => kid !== shadow);
    let theirs = kidsOf(l);
    for (const [a, b] of align(ours, theirs, rules)) {
      between(ours.splice(0, ours.indexOf(a) + 1).slice(0, -1), theirs.splice(0, theirs.indexOf(b) + 1).slice(0, -1));
      pair(a, b);
    }
    between(ours, theirs);
  }

  /** Between known places a kind that is there equally often is itself. @param {Node[]} ours @param {Node[]} theirs */
  function between(ours, theirs) {
    for (const o of ours) {
      const [a, b] = [ours, theirs].map((nodes) => nodes.filter(({ nodeName }) => nodeName === o.nodeName));
      const l = a?.length === b?.length && b?.[a?.indexOf(o) ?? 0];
      if (l && (isElement(o) || theirs.length === 1) && rules.fits(o, l)) pair(o, l);
      else if (isElement(o)) lost.push(o);
    }
  }

  /** What scripts have carried elsewhere, when just one thing can be it. @param {Element} o */
  function seek(o) {
    const isLike = (/** @type {Element} */ l) => idOf(o) || equal(o, l) || (traits(o).size && common(o, l) === 1);
    const all = [...page.getElementsByTagName(o.localName)];
    const [first, second] = all.filter((l) => !owners.has(l) && rules.fits(o, l) && isLike(l));
    if (first && !second && isTelling(o)) pair(o, first);
    else lost.push(...childrenOf(o));
  }

  tree(source, live);
  for (const o of lost) if (lost.indexOf(o) < LOST) seek(o);
}
