// Chance that is the same each time: a test that fails fails again.

/** @param {number} seed @returns {(below: number) => number} whole numbers from 0 */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0; // mulberry32
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Calls a check with many seeds, and names the one that it fails with. @param {number} times @param {(next: (below: number) => number) => void} check */
export function always(times, check) {
  for (let seed = 1; seed <= times; seed++) {
    try {
      check(random(seed));
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}

/** A list of up to `longest` items of these. */
export const listOf = (next, longest, items) => Array.from({ length: next(longest + 1) }, () => items[next(items.length)]);
