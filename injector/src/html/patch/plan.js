// Knows: the list of operations that a change consists of, in the order of the new source, and what has to be done for
// each. Refuses to know: why an operation is on it (plan-children.js, plan-element.js), and when it is done (patch.js).
import { dom } from "../../dom/dom.js";
import { isElement, nameOf, rendered } from "../source.js";

/** @typedef {"text"|"attribute"|"insert"|"remove"|"move"|"rename"|"script"|"style"|"stylesheet"} Kind */
/** @typedef {{ op: Kind, node: string, in?: string, name?: string }} Operation name: of an attribute or a script */

/** What an element reads when it loads something, and not again. */
const SOURCE = "video > source,audio > source";
const ONCE = ["allow", "allowfullscreen", "credentialless", "csp", "referrerpolicy", "sandbox"];
const CHOICES = "select,option,optgroup,input[type=radio i]";

export class Plan {
  /** @type {Operation[]} */
  operations = [];
  /** @type {(() => void)[]} what is done to the page */
  steps = [];
  /** @type {(() => void)[]} what goes from it, once all that stays is out of it */
  removals = [];
  /** @type {(() => void)[]} what makes the old source the new one */
  syncs = [];
  /** @type {Node[]} live nodes that get another place */
  moving = [];
  /** @type {Set<Node>} the sources of what has to load again what it shows */
  renewed = new Set();
  /** Whether the reader's choices may be lost. */
  hasChoices = false;

  /** @param {import("./comparison.js").Comparison} comparison */
  constructor(comparison) {
    this.comparison = comparison;
  }

  /** @param {Kind} op @param {Node} node @param {() => void} step @param {string} [name] */
  add(op, node, step, name) {
    this.note(op, node, name);
    this.steps.push(step);
  }

  /** @param {Kind} op @param {Node} node @param {string} [name] */
  note(op, node, name) {
    const parentNode = dom.parentNode(node);
    const parent = parentNode && { in: nameOf(parentNode) };
    if (parentNode && isElement(node) && dom.matches(node, SOURCE)) this.renewed.add(this.comparison.lasting(parentNode));
    if (name && ONCE.includes(name) && dom.nodeName(node) === "IFRAME") this.renewed.add(this.comparison.lasting(node));
    this.operations.push({ op, node: nameOf(node), ...parent, ...(name !== undefined && { name }) });
  }

  /** An element changes that the reader may have chosen. @param {Element} element */
  noteChoice(element) {
    this.hasChoices ||= dom.matches(element, CHOICES);
  }

  /** A tree comes or goes in which there may be such elements. @param {Element} root */
  noteChoicesIn(root) {
    this.hasChoices ||= rendered(root, CHOICES).length > 0;
  }
}
