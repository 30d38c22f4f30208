// Knows: which failed requests the network has lost, and when they are asked for again.
// Refuses to know: sockets, and how a request is found to have failed.

/** What was under way when the network went has failed by then, after it is back: in milliseconds. */
const SOON = 1_000;

/**
 * @typedef {object} Callbacks
 * @property {() => boolean} lacksAny whether a request has failed
 * @property {() => void} ask the server is asked whether it is there; `asked` when it is, `answered` if it is
 * @property {() => void} retry what would come now is asked for again; the rest was not lost, and `failed` hears of it
 * @property {() => void} compare what has failed is asked for again, with all else that differs
 * @property {(from: number, to: number) => void} excuse what failed between these times was not lost
 */

export class LostRequests {
  /** Times that the socket was opened. */
  openings = 0;
  /** When that was last, and since when no outage explains a failure: as performance.now() tells. */
  #openedAt = 0;
  #aliveSince = 0;
  /** When the server was asked whether it is there, and has not answered yet. @type {number[]} */
  #questions = [];
  /** Whether to look for what was lost: once an opening, as what fails for another reason will fail again. */
  #looks = false;
  /** Whether there was an outage that nobody has to guess. */
  #wasAway = false;

  /** @param {Callbacks} callbacks */
  constructor(callbacks) {
    this.callbacks = callbacks;
  }

  /** The socket is open. @param {boolean} wasAlone the page has been without its server */
  opened(wasAlone) {
    this.#openedAt = performance.now();
    this.#questions.length = 0;
    this.#looks = true;
    this.#wasAway = this.openings++ > 0 || wasAlone;
    if (this.#wasAway) this.#aliveSince = this.#openedAt + SOON;
  }

  /** Something may have failed: was it the network? */
  failed() {
    if (!this.callbacks.lacksAny()) return;
    if (this.#looks && performance.now() <= this.#openedAt + SOON) {
      this.#looks = false;
      if (!this.#wasAway) return this.callbacks.retry();
      this.callbacks.compare();
    }
    if (!this.#questions.length) this.callbacks.ask(); // one at a time: a silent socket is given up some time after it
  }

  /** The server has been asked. */
  asked() {
    this.#questions.push(performance.now());
  }

  /** It is there: what failed before the question was not lost by the network. */
  answered() {
    this.callbacks.excuse(this.#aliveSince, this.#questions.shift() ?? 0);
  }
}
