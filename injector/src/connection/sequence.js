// Knows: up to which update of which server run a page is current, and how it catches up.
// Refuses to know: sockets, and what an update does. Pure but for its callbacks.

/** @typedef {import("../messages.js").Update} Update */
/** @typedef {import("../messages.js").Hello} Hello */

/**
 * @typedef {object} Callbacks
 * @property {() => void} introduce the server must hear `page`
 * @property {() => void} compare the server must hear `page` with the resources; `compared` when it has
 * @property {(update: Update) => void} apply
 */

/**
 * level: every update so far has come. asked: one is missing, the server was asked from where we are.
 * replayed: it has answered. behind: only a comparison with the disk helps. compared: the server is told
 * what we have. answered: its next update is what differs.
 * @typedef {"level" | "asked" | "replayed" | "behind" | "compared" | "answered"} Step
 */

export class Sequence {
  /** @type {Step} */
  #step = "level";
  /** Introductions that the server has not answered yet: it answers each once, in their order. */
  #unanswered = 0;

  /**
   * @param {string} run of the server that sent the document
   * @param {number} seq of its newest update then
   * @param {Callbacks} callbacks
   */
  constructor(run, seq, callbacks) {
    this.run = run;
    this.seq = seq;
    this.callbacks = callbacks;
  }

  /** The socket is open. A comparison that was not finished starts anew. */
  opened() {
    this.#unanswered = 0;
    if (this.#step === "level" || this.#step === "asked" || this.#step === "replayed") {
      this.#step = "level";
      this.#introduce();
    } else {
      this.resync();
    }
  }

  #introduce() {
    this.#unanswered++;
    this.callbacks.introduce();
  }

  /** The server cannot tell what came since: its answer to an introduction without the resources. */
  refused() {
    this.#unanswered--;
    this.resync();
  }

  /** What the page has may not be what the disk has. */
  resync() {
    this.#step = "behind";
    this.callbacks.compare();
  }

  /** An update could not be taken: the next connection begins with a comparison. */
  stray() {
    this.#step = "behind";
  }

  /** The server has been told what the page has. */
  compared() {
    this.#unanswered++;
    if (this.#step === "behind") this.#step = "compared";
  }

  /** @param {Hello} hello a page that is to be compared goes on from the server's newest */
  hello({ run, seq }) {
    this.#unanswered--;
    if (this.#step === "asked") this.#step = "replayed";
    else if (this.#step === "compared" && !this.#unanswered) this.#step = "answered";
    if (run === this.run && this.#step !== "behind") return;
    this.run = run;
    this.seq = seq;
  }

  /** @param {Update} update applied if it is the next one */
  update(update) {
    if (this.#step !== "answered") {
      if (update.seq <= this.seq) return;
      if (update.seq > this.seq + 1) return this.#gap();
    }
    if (this.#step === "asked" || this.#step === "replayed" || this.#step === "answered") this.#step = "level";
    this.seq = Math.max(this.seq, update.seq);
    this.callbacks.apply(update);
  }

  #gap() {
    if (this.#step === "level") {
      this.#step = "asked";
      this.#introduce();
    } else if (this.#step === "replayed") {
      this.resync();
    }
  }
}
