// Knows: which entry of an old list each entry of a new one is. Refuses to know: what the entries are. Pure.

const LONGEST_TABLE = 1_000_000;

/**
 * Which old entry each new one is the same as, in order: a longest common subsequence. Where the lists differ in more
 * than a thousand entries, none of those is.
 * @param {readonly string[]} old
 * @param {readonly string[]} now
 * @returns {number[]} for each of `now`, an index into `old`, or -1
 */
export function longestCommonSubsequence(old, now) {
  /** @type {number[]} */
  const found = Array(now.length).fill(-1);
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) found[from] = from++;
  let [oldEnd, nowEnd] = [old.length, now.length];
  while (oldEnd > from && nowEnd > from && old[oldEnd - 1] === now[nowEnd - 1]) found[--nowEnd] = --oldEnd;
  if ((oldEnd - from) * (nowEnd - from) > LONGEST_TABLE) return found;
  const middle = common(old.slice(from, oldEnd), now.slice(from, nowEnd));
  for (const [i, j] of middle) found[j + from] = i + from;
  return found;
}

/**
 * @param {string[]} old
 * @param {string[]} now
 * @returns {Generator<[number, number]>} indices of both
 */
function* common(old, now) {
  const width = now.length + 1;
  const best = new Uint16Array((old.length + 1) * width);
  const length = (/** @type {number} */ i, /** @type {number} */ j) => best[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      best[i * width + j] = old[i] === now[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < old.length && j < now.length; ) {
    if (old[i] === now[j]) yield [i++, j++];
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
}

/**
 * `longestCommonSubsequence`, and in the gaps that it leaves, the entries that have the same name.
 * @template E
 * @param {readonly E[]} old
 * @param {readonly E[]} now
 * @param {(entry: E) => string} text
 * @param {(entry: E) => string} name
 * @returns {number[]} for each of `now`, an index into `old`, or -1
 */
export function matchEntries(old, now, text, name) {
  const found = longestCommonSubsequence(old.map(text), now.map(text));
  const names = old.map(name);
  let from = 0;
  for (const [j, entry] of now.entries()) {
    const next = found[j] ?? -1;
    const same = next < 0 ? names.indexOf(name(entry), from) : next;
    const end = found.find((i, k) => k > j && i >= 0) ?? old.length;
    if (same < 0 || same >= end) continue;
    found[j] = same;
    from = same + 1;
  }
  return found;
}
