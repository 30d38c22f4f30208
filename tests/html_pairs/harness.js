// What the tests of the HTML patch run in the page: one way to write a document down, pairs, and random documents.
import { track } from "/src/html/html.js";

/** A document as text that two equal documents share: attributes sorted, templates and shadow roots included. */
export function canonical(node) {
  if (node.nodeType === 3) return JSON.stringify(node.data);
  if (node.nodeType === 8) return `<!--${node.data}-->`;
  if (node.nodeType === 10) return `<!doctype ${node.name} ${node.publicId} ${node.systemId}>`;
  const kids = (parent) => [...parent.childNodes].map(canonical).join("");
  if (node.nodeType !== 1) return kids(node);
  const attributes = [...node.attributes]
    .map(({ namespaceURI, name, value }) => ` ${namespaceURI ?? ""}|${name}=${JSON.stringify(name === "nonce" ? "" : value)}`)
    .sort()
    .join("");
  const shadow = node.shadowRoot ? `#shadow-${node.shadowRoot.mode}(${kids(node.shadowRoot)})` : "";
  const content = node.content?.nodeType === 11 ? `#content(${kids(node.content)})` : "";
  return `<${node.namespaceURI.split("/").pop()}:${node.nodeName}${attributes}>${shadow}${content}${kids(node)}</>`;
}

/** An operation as the tests write it down. */
const line = ({ op, node, in: parent, name }) =>
  op === "text" ? `text ${node === "#text" ? parent : node}`
  : op === "attribute" ? `attribute ${node} ${name}`
  : op === "rename" ? `rename ${node} ${name}`
  : op === "script" ? `script ${name}`
  : op === "stylesheet" || op === "style" ? op
  : `${op} ${node} in ${parent}`;

const evaluate = async (code, scope = {}) =>
  new (async () => {}).constructor(...Object.keys(scope), code)(...Object.values(scope));

/** Runs many pairs; those that leave anything behind in a window have one of their own, some at a time. */
export async function runPairs(jobs) {
  const results = [];
  const [alone, shared] = [jobs.filter(isMessy), jobs.filter((job) => !isMessy(job))];
  const next = async () => {
    for (let job = alone.shift(); job; job = alone.shift()) results.push(await runInFrame(job));
  };
  await Promise.all([1, 2, 3, 4].map(next));
  const { runHere } = await harnessIn(await frameOf("/"));
  for (const job of shared) results.push(await runHere(job));
  return results;
}

const isMessy = ({ old, new: next, live, check }) => live || check || /<script|<link|<frame/.test(old + next);

async function frameOf(address) {
  const frame = document.createElement("iframe");
  await show(frame, address, () => document.body.append(frame));
  return frame;
}

const show = (frame, address, start = () => {}) =>
  new Promise((done) => start(Object.assign(frame, { onload: done, src: address })));

const harnessIn = (frame) => frame.contentWindow.eval('import("/harness.js")');

async function runInFrame(job) {
  const frame = await frameOf(`/pair/${job.id}/old`);
  const { runPair } = await harnessIn(frame);
  const result = await runPair(job).catch(failed);
  if (!job.check && !job.reload) {
    await show(frame, `/pair/${job.id}/new`);
    result.fresh = canonical(frame.contentDocument);
  }
  frame.remove();
  return { ...job, ...result };
}

/** The same in this window, again and again. */
export async function runHere(job) {
  load(job.old);
  const result = await runPair(job).catch(failed);
  load(job.new);
  return { ...job, ...result, ...(!job.reload && { fresh: canonical(document) }) };
}

const failed = (error) => ({ failed: `${error} ${error.stack}` });

/** Patches this page from the old to the new source; live code runs before or after the source is tracked. */
export async function runPair({ old, new: next, live, check, early }) {
  const state = {};
  if (early && live) await evaluate(live, { state });
  const tracker = track(old);
  tracker.evidence.prepare();
  if (!early && live) await evaluate(live, { state });
  const result = { operations: [], reload: null, html: "", checked: true };
  try {
    const { operations, scripts } = tracker.patch(next);
    result.operations = operations.map(line);
    if (scripts) await scripts;
    if (check) result.checked = (await evaluate(check, { state })) === true;
  } catch (error) {
    if (error.constructor.name !== "NeedsReload") throw error;
    result.reload = error.message;
  }
  result.html = canonical(document);
  // The same page in other words: the tracker must hold just the new source now.
  result.again = result.reload === null ? tracker.patch(next.replace(/<\w+/, "$& ")).operations.length : 0;
  return result;
}

// Random documents -----------------------------------------------------------------------------------------------------

/** A generator of numbers from 0 to 1 that one seed makes repeat (mulberry32). */
function randomness(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// What may stand in what, so that the parser makes of a text just the tree that was meant.
const BLOCKS = ["div", "section", "p", "ul", "table", "svg", "details", "x-box", "template", "host", "h2", "a", "textarea", "input", "pre", "select"];
const INLINE = ["b", "i", "span", "em", "img", "br", "x-dot", "#text", "#text", "#comment"];
const KIDS = {
  body: BLOCKS, div: [...BLOCKS, "#text", "#comment"], section: BLOCKS, "x-box": [...BLOCKS, "#text"], template: BLOCKS, host: BLOCKS, root: [...BLOCKS, "#text"],
  p: INLINE, b: INLINE, i: INLINE, span: INLINE, em: INLINE, h2: INLINE, "x-dot": ["#text"], a: ["b", "#text"], pre: ["b", "#text"],
  ul: ["li", "li", "li", "#blank"], li: [...INLINE, "ul"], table: ["tbody"], tbody: ["tr", "tr"], tr: ["td", "td"], td: [...INLINE, "div"],
  svg: ["g", "circle", "foreignObject"], g: ["g", "circle", "text"], text: ["#text"], foreignObject: ["div"],
  details: ["summary", "p", "div"], summary: INLINE, textarea: ["#text"], select: ["option", "option"], option: ["#text"],
};
const WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda".split(" ");
const ATTRIBUTES = { class: ["a", "b c", "c", "a b d"], style: ["color: red", "margin: 1px; color: blue"], title: WORDS, "data-k": WORDS, hidden: [""], lang: ["de", "en"] };
const CHUNKS = new Set(["textarea", "option", "text"]);

class Garden {
  constructor(seed, keyed) {
    this.random = randomness(seed);
    this.keyed = keyed;
    this.count = 0;
  }

  below = (end) => Math.floor(this.random() * end);
  pick = (list) => list[this.below(list.length)];
  words = () => Array.from({ length: 1 + this.below(4) }, () => this.pick(WORDS)).join(" ");

  node(name, depth) {
    if (name === "#text") return { name, text: this.words() };
    if (name === "#blank") return { name: "#text", text: "\n  " };
    if (name === "#comment") return { name, text: this.words() };
    const node = { name, attributes: {}, kids: [] };
    if (this.keyed && name !== "template") node.attributes.id = `k${this.count++}`;
    for (let i = this.below(3); i > 0; i--) this.mark(node);
    const kinds = KIDS[name] ?? [];
    for (let i = depth > 0 && kinds.length ? 1 + this.below(4) : 0; i > 0; i--) this.add(node, this.node(this.pick(kinds), depth - 1), node.kids.length);
    if (name === "host") node.root = this.node("root", Math.max(1, depth - 1));
    return node;
  }

  mark(node) {
    if (node.name === "root") return;
    const name = this.pick(Object.keys(ATTRIBUTES));
    node.attributes[name] = this.pick(ATTRIBUTES[name]);
  }

  // Two texts side by side would be one.
  add(parent, kid, index) {
    const isText = (node) => node?.name === "#text";
    if (isText(kid) && (isText(parent.kids[index - 1]) || isText(parent.kids[index]))) return;
    if (CHUNKS.has(parent.name) && parent.kids.length) return;
    parent.kids.splice(index, 0, kid);
  }

  document() {
    const body = { name: "body", attributes: {}, kids: [] };
    for (let i = 2 + this.below(4); i > 0; i--) this.add(body, this.node(this.pick(BLOCKS), 3), body.kids.length);
    return { title: this.words(), meta: this.below(3), style: this.below(3), body };
  }

  /** All nodes with the parent that holds each. */
  all(node, found = [], scope = "") {
    for (const kid of [...(node.kids ?? []), ...(node.root ? [node.root] : [])]) {
      const inner = kid.name === "root" || node.name === "template" ? `${scope} ${node.attributes.id}` : scope;
      found.push({ node: kid, parent: node, scope: inner });
      this.all(kid, found, inner);
    }
    return found;
  }

  edit(tree) {
    const kind = this.pick(["text", "text", "mark", "mark", "unmark", "insert", "insert", "remove", "move", "move", "swap", "wrap", "unwrap", "rename", "head", "copy"]);
    if (kind === "head") return void (tree[this.pick(["meta", "style"])] = this.below(3), (tree.title = this.words()));
    const all = this.all(tree.body).filter(({ node }) => node.name !== "root");
    if (!all.length) return;
    const { node, parent } = this.pick(all);
    const index = parent.kids.indexOf(node);
    const holders = all.filter(({ node: other }) => KIDS[other.name]?.includes(node.name) && other !== node && !this.all(node).some((one) => one.node === other));
    if (kind === "text" && "text" in node) node.text = node.text.trim() ? this.words() : "\n    ";
    if (kind === "mark" && node.attributes) this.mark(node);
    if (kind === "unmark" && node.attributes) delete node.attributes[this.pick(Object.keys(ATTRIBUTES))];
    if (kind === "insert") this.add(parent, this.node(this.pick(KIDS[parent.name]), 2), index);
    if (kind === "copy" && !this.keyed) this.add(parent, JSON.parse(JSON.stringify(node)), index);
    if (kind === "remove") this.take(parent, node);
    if (kind === "swap") [parent.kids[index], parent.kids[0]] = [parent.kids[0], node];
    if (kind === "move" && holders.length && node.kids) this.take(parent, node), this.put(this.pick(holders).node, node);
    if (kind === "wrap" && KIDS.div.includes(node.name) && KIDS[parent.name].includes("div")) parent.kids[index] = { name: "div", attributes: { class: "wrap", ...(this.keyed && { id: `k${this.count++}` }) }, kids: [node] };
    if (kind === "unwrap" && node.name === "div" && node.kids.length === 1 && KIDS[parent.name].includes(node.kids[0].name) && node.kids[0].kids) parent.kids[index] = node.kids[0];
    if (kind === "rename" && ["div", "section"].includes(node.name)) node.name = node.name === "div" && node.kids.every((kid) => KIDS.section.includes(kid.name)) ? "section" : "div";
    this.mend(tree.body);
  }

  take(parent, node) {
    parent.kids.splice(parent.kids.indexOf(node), 1);
  }

  put(parent, node) {
    if (!CHUNKS.has(parent.name)) parent.kids.splice(this.below(parent.kids.length + 1), 0, node);
  }

  mend(node) {
    node.kids = node.kids.filter((kid, index) => kid.name !== "#text" || node.kids[index - 1]?.name !== "#text");
    for (const kid of [...node.kids, ...(node.root ? [node.root] : [])]) if (kid.kids) this.mend(kid);
  }
}

const VOID = new Set(["img", "br", "input"]);

function html(node) {
  if (node.name === "#text") return node.text;
  if (node.name === "#comment") return `<!--${node.text}-->`;
  const name = node.name === "host" ? "article" : node.name;
  const attributes = Object.entries(node.attributes).map(([key, value]) => ` ${key}="${value}"`).join("");
  const root = node.root ? `<template shadowrootmode="open">${node.root.kids.map(html).join("")}</template>` : "";
  return `<${name}${attributes}>${root}${VOID.has(name) ? "" : `${node.kids.map(html).join("")}</${name}>`}`;
}

const page = ({ title, meta, style, body }) =>
  `<!doctype html><html lang="en"><head><title>${title}</title>\n<meta name="m" content="${meta}">${style ? `<style>p{order:${style}}</style>` : ""}</head>${html(body)}</html>`;

function load(text) {
  document.open();
  document.write(text);
  document.close();
}

/** What scripts of a page may do to an element; each answers how to see that it is still so, and how to undo it. */
const MUTATIONS = [
  function anElementIsPutIn(garden, host) {
    const mark = document.createElement(garden.pick(["mark", "p", "div"]));
    host.insertBefore(mark, garden.pick([...host.childNodes, null]));
    return { lasts: () => mark.parentNode === host, undo: () => mark.remove() };
  },
  function aClassIsAdded(garden, host) {
    host.classList.add("by-script");
    const undo = () => (host.classList.remove("by-script"), host.classList.length || host.removeAttribute("class"));
    return { lasts: () => host.classList.contains("by-script"), undo };
  },
  function anAttributeIsSet(garden, host) {
    host.setAttribute("data-script", "1");
    return { lasts: () => host.getAttribute("data-script") === "1", undo: () => host.removeAttribute("data-script") };
  },
  function aStyleIsSet(garden, host) {
    host.style.setProperty("--by-script", "1");
    return { lasts: () => host.style.getPropertyValue("--by-script") === "1" };
  },
  function itIsRemembered(garden, host) {
    const mark = (host.mark = {});
    return { lasts: () => document.getElementById(host.id)?.mark === mark, undo: () => {} };
  },
  function itsTextIsSplit(garden, host) {
    const text = [...host.childNodes].find((node) => node.nodeType === 3 && node.length > 1);
    text?.splitText(1);
    return { lasts: () => host.isConnected, undo: () => document.normalize() };
  },
  function itIsWrapped(garden, host) {
    const wrapper = document.createElement("mark");
    host.replaceWith(wrapper);
    wrapper.append(host);
    // When it was all that its parent had, nobody knows where a new neighbour goes: a reload is right.
    return { lasts: () => document.getElementById(host.id) === host, reload: "scripts have filled" };
  },
];

const idsOf = (tree, garden) =>
  new Set(garden.all(tree.body).flatMap(({ node, scope }) => (node.attributes?.id && scope === "" ? `${node.attributes.id} ${node.name}` : [])));

/** One random document, some random edits, one thing that a script did. */
export function trial(seed) {
  const garden = new Garden(seed, seed % 2 === 0);
  const tree = garden.document();
  const old = page(tree);
  const before = idsOf(tree, garden);
  const steps = 1 + garden.below(4);
  for (let i = 0; i < steps; i++) garden.edit(tree);
  const next = page(tree);
  const stays = idsOf(tree, garden);
  load(next);
  const want = canonical(document);
  load(old);
  const failures = [];
  const note = (what, got) => failures.push({ seed, what, old, next, want, got });
  const first = attempt(old, next);
  if (first.reload) note(`reload: ${first.reload}`);
  else if (canonical(document) !== want) note("not equal to a fresh load", canonical(document));
  if (!garden.keyed) return failures;
  load(old);
  const hosts = [...document.querySelectorAll("div[id],section[id],p[id],li[id],x-box[id]")].filter((host) => before.has(`${host.id} ${host.localName}`) && stays.has(`${host.id} ${host.localName}`));
  if (!hosts.length) return failures;
  const host = garden.pick(hosts);
  const early = garden.random() < 0.5;
  const mutate = garden.pick(MUTATIONS);
  let done = early ? mutate(garden, host) : undefined;
  const second = attempt(old, next, () => (done ??= mutate(garden, host)));
  const about = `${mutate.name}, ${early ? "before" : "after"} it is tracked, #${host.id}`;
  if (second.reload?.startsWith(done.reload)) return failures;
  if (second.reload) note(`reload when ${about}: ${second.reload}`);
  else if (!done.lasts()) note(`lost when ${about}`, canonical(document));
  else if (done.undo) {
    done.undo();
    if (canonical(document) !== want) note(`not equal to a fresh load when ${about}`, canonical(document));
  }
  return failures;
}

function attempt(old, next, tracked = () => {}) {
  try {
    const tracker = track(old);
    tracked();
    const operations = tracker.patch(next).operations.length;
    return { operations };
  } catch (error) {
    return { reload: `${error.message} ${error.stack}` };
  }
}

/** Many trials; what failed. */
export const trials = (from, count) => Array.from({ length: count }, (_, index) => trial(from + index)).flat();
