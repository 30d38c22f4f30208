// Knows: that updates are taken one after another. Refuses to know: what is done for each.

/** @typedef {import("../messages.js").Update} Update */
/**
 * @typedef {object} Task
 * @property {Update} update
 * @property {number} at when it came, as performance.now() tells
 * @property {boolean} [silent] the server does not wait for an answer
 * @property {string | undefined} [order] the reason for a reload that was asked for
 */

export class Queue {
  /** @type {Task[]} */
  #tasks = [];
  #isWorking = false;
  /** Ends with the last task. */
  #worked = Promise.resolve();

  /**
   * @param {(task: Task) => Promise<unknown>} take never fails
   * @param {() => void} rest all is done
   */
  constructor(take, rest) {
    this.take = take;
    this.rest = rest;
  }

  /** @param {Task} task */
  add(task) {
    this.#tasks.push(task);
    if (!this.#isWorking) this.#worked = this.#work();
  }

  /** Waits until nothing is left to do. */
  async finished() {
    while (this.#isWorking) await this.#worked;
  }

  /** All in the task of the message that brought it, as long as there is nothing to wait for. */
  async #work() {
    this.#isWorking = true;
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) await this.take(task);
    this.#isWorking = false;
    this.rest();
  }
}
