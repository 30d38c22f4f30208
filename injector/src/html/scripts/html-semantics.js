// Knows: what HTML says of elements and attributes: who reads them, whether the browser looks at them again, and how a
// script writes their names. Refuses to know: which scripts there are, and what follows for an update.
import { dom } from "../../dom/dom.js";
import { isElement } from "../source.js";

/** Scripts read these for what they say, once: templates, slides, settings. */
export const READ_ONCE = "template,textarea,pre,xmp,noscript,noembed,noframes,plaintext,input[type=hidden i],meta";
/** Nobody but search engines and the browser itself reads these. */
export const FOR_OTHERS =
  "meta[charset],meta[http-equiv],meta[property^='og:' i],meta[property^='article:' i],meta[name^='twitter:' i]," +
  "meta:is([name=author i],[name=description i],[name=keywords i],[name=robots i],[name=generator i],[name=viewport i]," +
  "[name=theme-color i],[name=color-scheme i],[name=application-name i]),title,style,link,script[type='application/ld+json' i]";
/** Attributes that the browser itself acts on, whenever they change. */
export const NATIVE =
  /^(abbr|accept|accept-charset|accesskey|action|align|allow|allowfullscreen|alt|aria-.*|as|async|autocapitalize|autocomplete|autofocus|autoplay|background|bgcolor|border|cellpadding|cellspacing|checked|cite|clear|cols|colspan|content|contenteditable|controls|coords|crossorigin|datetime|decoding|default|defer|dir|dirname|disabled|download|draggable|enctype|enterkeyhint|fetchpriority|for|form.*|headers|height|hidden|high|href|hreflang|imagesizes|imagesrcset|inert|inputmode|integrity|ismap|itemid|itemprop|itemref|itemscope|itemtype|kind|label|lang|list|loading|loop|low|max|maxlength|media|method|min|minlength|multiple|muted|novalidate|open|optimum|part|pattern|ping|placeholder|playsinline|popover.*|poster|preload|readonly|referrerpolicy|rel|required|reversed|role|rows|rowspan|sandbox|scope|selected|shape|size|sizes|slot|spellcheck|src|srcdoc|srclang|srcset|start|step|style|summary|tabindex|target|title|translate|type|usemap|valign|value|width|wrap|xml:.*|xlink:.*)$/;
/** Handlers of what has happened by then. */
export const HAPPENED = /^on(load|error|pageshow|loadstart|loadeddata|loadedmetadata|canplay)/;
const SINGLE = /^(html|head|body)$/;

/** Of which a page has one. @param {Node} node */
export const isSingle = (node) => isElement(node) && SINGLE.test(dom.localName(node));

/** SVG and MathML: their attributes are the browser's. @param {Element} element */
export const isForeign = (element) => dom.namespaceURI(element) !== "http://www.w3.org/1999/xhtml";

/** Whether it is a custom element with a class. @param {Element} element */
export const isDefined = (element) => customElements.get(dom.getAttribute(element, "is") ?? dom.localName(element)) !== undefined;

/** Whether a custom element is told of a change; all others are the browser's. @param {Element} element @param {string} name */
export function isObserved(element, name) {
  const type = /** @type {{ observedAttributes?: string[] } | undefined} */ (
    customElements.get(dom.getAttribute(element, "is") ?? dom.localName(element))
  );
  return !type || /^(hidden|lang|dir|slot|tabindex|title|part|aria-.*|role)$/.test(name) || Boolean(type.observedAttributes?.includes(name));
}

/** An attribute as scripts write it. @param {string} name */
export function wordsFor(name) {
  const bare = name.replace(/^data-/, "");
  const camel = bare.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return [...new Set([name, camel, ...(name.startsWith("data-") ? [bare] : [])])];
}
