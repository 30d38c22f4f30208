// Knows: how much a comparison may cost, so that the page can go on. Refuses to know: what is compared.
import { NeedsReload } from "../updates/needs-reload.js";

/** Steps of one comparison, each of some microseconds: together a third of a second, in which a page is reloaded. */
const STEPS = 80_000;
/** Where steps take longer than they should, in milliseconds. */
const LONGEST = 2_000;
/** The clock is looked at once in so many calls. */
const LOOK = 256;

/** The page is too large to be compared: it will not be smaller the next time. */
export class TooLarge extends NeedsReload {
  constructor() {
    super("the page is too large");
  }
}

/** What one task may cost. */
export class Budget {
  #steps = 0;
  #calls = 0;
  #end = performance.now() + LONGEST;
  #most;

  /** @param {number} [most] steps */
  constructor(most = STEPS) {
    this.#most = most;
  }

  /**
   * @param {number} [steps]
   * @throws {TooLarge} when there were too many, or the time is over
   */
  spend(steps = 1) {
    this.#steps += steps;
    if (this.#steps > this.#most || (++this.#calls % LOOK === 0 && performance.now() > this.#end)) throw new TooLarge();
  }
}
