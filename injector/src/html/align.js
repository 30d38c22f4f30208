// Knows: which items of two lists belong together, in order. Refuses to know: what an item is; the rules tell.

/**
 * @template T
 * @typedef {object} Rules
 * @property {(a: T, b: T) => boolean} equal nothing differs
 * @property {(a: T, b: T) => boolean} fits may belong together when neither has another choice
 * @property {(a: T, b: T) => number} weigh how much speaks for it; 0 forbids it
 * @property {((item: T) => string)[]} keys for long lists: what is probably unique to an item; "" is nothing
 * @property {number} cells of tables that may still be made: pairs of items that are weighed
 */

/** The weight of certainty: what has a counterpart of this weight is paired with nothing less. */
export const SURE = 12;
const CELLS = 4096; // of one quadratic table: 64 times 64 items cost some milliseconds
/** Cells of all tables of one comparison. */
export const TABLES = 8 * CELLS;

/**
 * The items that belong together, in order: equal ends, then what weighs most, with landmarks where lists are long.
 * @template T
 * @param {T[]} as
 * @param {T[]} bs
 * @param {Rules<T>} rules
 * @param {Rules<T>["keys"]} [keys] those that have not been tried
 * @returns {[T, T][]}
 */
export function align(as, bs, rules, keys = rules.keys) {
  const shorter = Math.min(as.length, bs.length);
  let [start, end] = [0, 0];
  while (start < shorter && rules.equal(at(as, start), at(bs, start))) start++;
  while (end < shorter - start && rules.equal(at(as, -1 - end), at(bs, -1 - end))) end++;
  const middle = between(as.slice(start, as.length - end), bs.slice(start, bs.length - end), rules, keys);
  return [...zip(as.slice(0, start), bs), ...middle, ...zip(as.slice(as.length - end), bs.slice(bs.length - end))];
}

/** @template T @param {T[]} list @param {number} index @returns {T} */
const at = (list, index) => /** @type {T} */ (list.at(index));

/** @template T @param {T[]} as @param {T[]} bs @returns {[T, T][]} */
const zip = (as, bs) => as.map((a, index) => [a, at(bs, index)]);

/**
 * @template T
 * @param {T[]} as
 * @param {T[]} bs
 * @param {Rules<T>} rules
 * @param {Rules<T>["keys"]} keys
 * @returns {[T, T][]}
 */
function between(as, bs, rules, [key, ...keys]) {
  const cells = as.length * bs.length;
  if (cells <= 1) return zip(as, bs).filter(([a, b]) => cells && rules.fits(a, b));
  if (cells <= CELLS && cells <= rules.cells) return heaviest(as, bs, rules);
  return key ? landmarked(as, bs, rules, key, keys) : oneByOne(as, bs, rules);
}

/**
 * Long lists, cut where a key stands once in each.
 * @template T
 * @param {T[]} as
 * @param {T[]} bs
 * @param {Rules<T>} rules
 * @param {(item: T) => string} key
 * @param {Rules<T>["keys"]} keys
 */
function landmarked(as, bs, rules, key, keys) {
  /** @type {[T, T][]} */
  const pairs = [];
  let [i, j] = [0, 0];
  for (const [x, y] of rising(landmarks(as.map(key), bs.map(key)))) {
    if (!rules.fits(at(as, x), at(bs, y))) continue;
    pairs.push(...align(as.slice(i, x), bs.slice(j, y), rules, keys), [at(as, x), at(bs, y)]);
    [i, j] = [x + 1, y + 1];
  }
  return [...pairs, ...align(as.slice(i), bs.slice(j), rules, keys)];
}

/**
 * Each item with the next that it may be: long lists without anything unique.
 * @template T
 * @param {T[]} as
 * @param {T[]} bs
 * @param {Rules<T>} rules
 */
function oneByOne(as, bs, rules) {
  let next = 0;
  return as.flatMap((a) => (next < bs.length && rules.weigh(a, at(bs, next)) > 0 ? zip([a], [at(bs, next++)]) : []));
}

/**
 * The pairs with the greatest sum of weights.
 * @template T
 * @param {T[]} as
 * @param {T[]} bs
 * @param {Rules<T>} rules
 */
function heaviest(as, bs, rules) {
  rules.cells -= as.length * bs.length;
  const weights = certain(as.map((a) => bs.map((b) => rules.weigh(a, b))));
  const best = [...as, null].map(() => new Float64Array(bs.length + 1));
  const sum = (/** @type {number} */ x, /** @type {number} */ y) => best[x]?.[y] ?? 0;
  const paired = (/** @type {number} */ x, /** @type {number} */ y) =>
    weights[x]?.[y] ? weights[x][y] + sum(x + 1, y + 1) : 0;
  for (let x = as.length - 1; x >= 0; x--) {
    for (let y = bs.length - 1; y >= 0; y--) {
      at(best, x)[y] = Math.max(paired(x, y), sum(x + 1, y), sum(x, y + 1));
    }
  }
  /** @type {[T, T][]} */
  const pairs = [];
  for (let x = 0, y = 0; sum(x, y) > 0; ) {
    if (paired(x, y) === sum(x, y)) pairs.push([at(as, x++), at(bs, y++)]);
    else if (sum(x + 1, y) === sum(x, y)) x++;
    else y++;
  }
  return pairs;
}

/** The weights without those that stand beside a certain one. @param {number[][]} weights */
function certain(weights) {
  const isSure = (/** @type {number} */ weight) => weight >= SURE;
  const columns = weights[0]?.map((_, y) => weights.some((row) => isSure(at(row, y))));
  const isOpen = (/** @type {number[]} */ row, /** @type {number} */ y) => !columns?.[y] && !row.some(isSure);
  return weights.map((row) => row.map((weight, y) => (isSure(weight) || isOpen(row, y) ? weight : 0)));
}

/**
 * Where each key that stands once in both lists stands in them.
 * @param {string[]} ours
 * @param {string[]} theirs
 * @returns {[number, number][]}
 */
function landmarks(ours, theirs) {
  const places = singles(theirs);
  return [...singles(ours)].flatMap(([key, index]) => zip([index], [places.get(key) ?? -1])).filter(([, j]) => j >= 0);
}

/** @param {string[]} keys */
function singles(keys) {
  /** @type {Map<string, number>} */
  const places = new Map();
  const twice = new Set([""]);
  keys.forEach((key, index) => (places.has(key) ? twice.add(key) : places.set(key, index)));
  twice.forEach((key) => places.delete(key));
  return places;
}

/**
 * The longest series in which the second numbers rise too: what is not in it has moved.
 * @param {[number, number][]} marks with rising first numbers
 * @returns {[number, number][]}
 */
function rising(marks) {
  /** @typedef {{ mark: [number, number], before: End | undefined }} End */
  /** @type {End[]} the ends of the best series of each length */
  const ends = [];
  for (const mark of marks) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(ends, middle).mark[1] < mark[1]) low = middle + 1;
      else high = middle;
    }
    ends[low] = { mark, before: ends[low - 1] };
  }
  const series = [];
  for (let end = ends.at(-1); end; end = end.before) series.push(end.mark);
  return series.reverse();
}
