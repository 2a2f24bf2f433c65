/** The most confused names as a matrix. Pure. */

/** @typedef {import("./figures.js").Confusion} Confusion */

/**
 * The true terms that are mistaken most, and what they are mistaken for.
 * @param {Confusion[]} pairs @param {number} most rows, and columns
 * @returns {{rows: number[], columns: number[], counts: Map<string, number>, largest: number}} counts: by "true found"
 */
export function matrixOf(pairs, most) {
  const rows = heaviest(pairs, "true", most);
  const shown = pairs.filter((pair) => rows.includes(pair.true));
  const columns = heaviest(shown, "found", most);
  const counts = new Map(shown.map((pair) => [`${pair.true} ${pair.found}`, pair.count]));
  return { rows, columns, counts, largest: Math.max(0, ...counts.values()) };
}

/** @param {Confusion[]} pairs @param {"true" | "found"} side @param {number} most */
function heaviest(pairs, side, most) {
  /** @type {Map<number, number>} */
  const weights = new Map();
  for (const pair of pairs) weights.set(pair[side], (weights.get(pair[side]) ?? 0) + pair.count);
  return [...weights].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most).map(([term]) => term);
}
