// What the tests of named nodes run in the page. Nothing in it is hidden by a name either.
import { track } from "/src/html/html.js";

const own = (type, name) => Function.prototype.call.bind(type.prototype[name]);
const [open, write, close, query] = ["open", "write", "close", "querySelector"].map((name) => own(Document, name));
const contains = own(Node, "contains");
const text = () => new XMLSerializer().serializeToString(document);

function load(source) {
  open(document);
  write(document, source);
  close(document);
}

/** Patches a page from each source to the next. @returns {string} what is wrong with that; nothing is an empty text */
window.attempt = (sources) => {
  load(sources[0]);
  const main = query(document, "main");
  try {
    const tracker = track(sources[0]);
    for (const source of sources.slice(1)) tracker.patch(source);
  } catch (error) {
    return String(error);
  }
  const shown = text();
  if (!contains(document, main)) return "what did not change is another element";
  load(sources.at(-1));
  return shown === text() ? "" : `shows ${shown.slice(0, 400)}`;
};
