// Knows: the evidence by which a change is judged (effects.js, references.js), gathered ahead while the page is at rest, so
// that no edit waits for it. Refuses to know: what follows from it (patchable.js).
import { Budget, TooLarge } from "../budget.js";
import { dom } from "../../dom/dom.js";
import { Effects } from "./effects.js";
import { References } from "./references.js";
import { active } from "./execution.js";

/** What may be spent ahead, in steps: some ten milliseconds. A larger page is looked at when there is an edit. */
const AHEAD = 4_000;
const EVERYTHING = { subtree: true, childList: true, attributes: true, characterData: true };

export class Evidence {
  /** What scripts did, unless the page has changed since. @type {Effects | undefined} */
  #effects;
  /** What they mention, and what that was made from. @type {{ text: string, loaded: unknown, references: References } | undefined} */
  #known;
  /** Whether a source has code. @type {{ text: string, has: boolean } | undefined} */
  #code;
  #observer = new MutationObserver(() => this.drop());

  /** @param {import("../html.js").Tracker} tracker */
  constructor(tracker) {
    this.tracker = tracker;
  }

  /** Whether there is code in the page: scripts, handlers of events, addresses that run. */
  get isNeeded() {
    const { source, text } = this.tracker;
    if (this.#code?.text !== text) this.#code = { text, has: active(source).length > 0 || /\son[a-z]+\s*=|javascript:/i.test(text) };
    return this.#code.has;
  }

  /** Gathers the evidence before it is asked for. */
  prepare() {
    if (!this.isNeeded) return;
    try {
      this.#known = { ...this.#made, references: this.references };
      this.#observer.observe(document, EVERYTHING);
      this.#effects = new Effects(this.tracker, new Budget(AHEAD));
    } catch (error) {
      this.drop();
      if (!(error instanceof TooLarge)) throw error;
    }
  }

  /** What scripts have done is gathered anew, next time. */
  drop() {
    this.#observer.disconnect();
    this.#effects = undefined;
  }

  /** What scripts have done to the page by now. @param {Budget} budget @throws {TooLarge} */
  effects(budget) {
    // What changes in a shadow root is not seen by the observer, nor that a script makes one.
    const isSame = this.#observer.takeRecords().length === 0 && !hasShadows();
    return (isSame && this.#effects) || new Effects(this.tracker, budget);
  }

  get references() {
    const { text, loaded } = this.#made;
    const isSame = this.#known?.text === text && this.#known.loaded === loaded;
    return isSame && this.#known ? this.#known.references : new References(this.tracker.source, loaded);
  }

  /** What the references come from. */
  get #made() {
    return { text: this.tracker.text, loaded: this.tracker.loaded };
  }
}

const hasShadows = () => [...dom.querySelectorAll(document, "*")].some((element) => dom.shadowRoot(element));
