// Knows: how to tell a person in a corner of the page that something is wrong.
// Refuses to know: what is wrong.

import { dom } from "../dom/dom.js";

/** @type {Map<string, string>} text by what it is about, oldest first */
const notes = new Map();
/** @type {HTMLElement | undefined} */
let host;
/** @type {ShadowRoot | undefined} */
let root;

const STYLE = `
  :host { all: initial !important; position: fixed !important; inset: auto 12px 12px auto !important;
    z-index: 2147483647 !important; pointer-events: none !important; color-scheme: light dark !important; }
  p { max-width: min(32rem, 80vw); max-height: 30vh; overflow: hidden; margin: 6px 0 0 auto; width: fit-content;
    padding: 5px 10px; border: 1px solid transparent; border-radius: 6px; font: 12px/1.5 system-ui, sans-serif; white-space: pre-wrap;
    overflow-wrap: anywhere; background: light-dark(#fff, #222); color: light-dark(#333, #ddd);
    box-shadow: 0 0 0 1px #8886, 0 2px 8px #0003; }
  @media print { :host { display: none !important; } }
`;

/**
 * Shows a note until it is hidden.
 * @param {string} about what it is about; a later note about the same takes its place
 * @param {string} text
 */
export function show(about, text) {
  notes.set(about, text);
  draw();
}

/**
 * The matter is settled.
 * @param {string} about
 */
export function hide(about) {
  if (notes.delete(about)) draw();
}

function draw() {
  host?.remove();
  if (!notes.size) return;
  root ??= make();
  root.replaceChildren(...[...notes.values()].map(paragraph));
  // After the body: nothing in the page that counts children or walks the body meets it.
  if (host) dom.append(dom.documentElement(document), host);
}

/** @param {string} text */
function paragraph(text) {
  const note = dom.createElementNS(document, "http://www.w3.org/1999/xhtml", "p");
  note.textContent = text;
  return note;
}

/** A style sheet made by script is nothing that a content security policy forbids. */
function make() {
  host = /** @type {HTMLElement} */ (dom.createElementNS(document, "http://www.w3.org/1999/xhtml", "hotreload-status"));
  host.setAttribute("aria-hidden", "true");
  const shadow = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];
  return shadow;
}
