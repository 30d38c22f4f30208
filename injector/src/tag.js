// Knows: the tags of ours in the document, and what the server's says of it.
// Refuses to know: what is done with that.

import { dom } from "./dom/dom.js";
import { OWN_PATH } from "./messages.js";

/**
 * @typedef {object} Facts what the server says of the document
 * @property {URL} own address of all that is ours
 * @property {string} run of the server
 * @property {number} seq number of the last update that is in the document
 * @property {string} digest of its file's content; 0 if it is made by the server
 * @property {string} file URL path of its file; empty if there is none
 */

/** Set before any module is loaded that reads it. @type {Facts} */
export let served;

/**
 * Nothing of ours is in the document that scripts, style sheets and people see.
 * @param {string} url address of the module that the tag has loaded
 * @returns {boolean} whether it was the server's tag, for the first time: in a page that was saved an old one follows it
 */
export function takeOut(url) {
  const me = new URL(url);
  const tags = [...dom.querySelectorAll(document, "script")]
    .map((script) => ({ script, url: addressIn(script, me) }))
    .filter(({ url }) => url && isClient(url));
  const mine = tags.filter(({ url }) => url?.href === me.href);
  for (const { script } of mine) script.remove();
  const [, run, seq, digest, path = ""] = /^\?(\w+)-(\d+)-(\w+)(.*)$/.exec(me.search) ?? [];
  if (served || !run || !digest || tags[0] !== mine[0]) return false;
  // An ampersand would have needed escaping in the tag.
  served = { own: ownOf(me), run, seq: Number(seq), digest, file: path.replaceAll("%26", "&") };
  return true;
}

/** A proxy may show the server below a path of its own. @param {URL} client @returns {URL} of all that is ours */
const ownOf = ({ href }) => new URL(href.slice(0, href.indexOf(OWN_PATH) + OWN_PATH.length));

/** Without an address none: an empty one would mean its base, which is ours. @param {Element} script @param {URL} base */
function addressIn(script, base) {
  const url = script.getAttribute("src") || script.getAttribute("href");
  return url && URL.canParse(url, base) ? new URL(url, base) : null;
}

/** Of any release; without a query it is a person's. @param {URL} url */
const isClient = ({ pathname, search }) =>
  pathname.includes(OWN_PATH) && pathname.endsWith("/client.js") && search !== "";
