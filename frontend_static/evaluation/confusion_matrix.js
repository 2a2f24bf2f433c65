/** The most confused terms as a matrix. Pure. */

/** @typedef {import("./figures.js").Confusion} Confusion */

/**
 * The terms that are confused most, both ways together, and how often each pair is.
 * @param {Confusion[]} pairs @param {number} most terms
 * @returns {{terms: number[], counts: Map<string, number>, largest: number}} counts: by "true found"
 */
export function matrixOf(pairs, most) {
  /** @type {Map<number, number>} */
  const weights = new Map();
  for (const pair of pairs) for (const term of [pair.true, pair.found]) weights.set(term, (weights.get(term) ?? 0) + pair.count);
  const terms = [...weights].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most).map(([term]) => term);
  const counts = new Map(pairs.map((pair) => [`${pair.true} ${pair.found}`, pair.count]));
  return { terms, counts, largest: Math.max(0, ...counts.values()) };
}
