// Knows: how long a comparison may keep the page from doing anything else. Refuses to know: what is compared.
import { NeedsReload } from "./needs-reload.js";

/** Steps of a comparison, some microseconds each: a page that needs more is reloaded in less time. */
const STEPS = 300_000;
/** Where steps take longer than they should, in milliseconds. */
const LONGEST = 2_000;
/** The clock is looked at once in so many steps. */
const LOOK = 256;

/** What one task may cost. A page whose comparison costs more is reloaded. */
export class Budget {
  #steps = 0;
  #end = performance.now() + LONGEST;

  /**
   * Counts one step.
   * @throws {NeedsReload} when there were too many, or the time is over
   */
  spend() {
    const isLate = ++this.#steps % LOOK === 0 && performance.now() > this.#end;
    if (isLate || this.#steps > STEPS) throw new NeedsReload("the page is too large to be compared in time");
  }
}
