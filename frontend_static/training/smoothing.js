/** Columns of numbers for curves: smoothed, and thinned to what a screen can tell apart. Pure. */

/**
 * The mean of each value and its neighbours, so that the line neither lags nor leads; gaps stay gaps.
 * @param {(number | null)[]} values @param {number} reach how many neighbours on either side
 * @returns {(number | null)[]}
 */
export function smoothed(values, reach) {
  const sums = [0];
  const counts = [0];
  values.forEach((value, n) => {
    sums.push(sums[n] + (value ?? 0));
    counts.push(counts[n] + (value === null ? 0 : 1));
  });
  return values.map((value, n) => {
    if (value === null) return null;
    const [from, to] = [Math.max(0, n - reach), Math.min(values.length, n + reach + 1)];
    return (sums[to] - sums[from]) / (counts[to] - counts[from]);
  });
}

/** How far to look on either side: a fortieth of what there is. @param {number} count of values */
export const reachFor = (count) => Math.floor(count / 40);
