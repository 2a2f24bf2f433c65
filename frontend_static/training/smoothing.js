/** Columns of numbers for curves: smoothed, and thinned to what a screen can tell apart. Pure. */

/**
 * Exponential moving average without the pull of its start; gaps stay gaps.
 * @param {(number | null)[]} values @param {number} weight of what came before, 0 to below 1
 * @returns {(number | null)[]}
 */
export function smoothed(values, weight) {
  let sum = 0;
  let known = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    known = weight * known + (1 - weight);
    return sum / known;
  });
}

/** How strongly to smooth: about a twentieth of what there is. @param {number} count of values */
export const weightFor = (count) => (count < 20 ? 0 : 1 - 20 / count / (1 + 20 / count));

/**
 * The row whose step is nearest. @param {number[]} steps ascending, not empty @param {number} step
 * @returns {number} its place
 */
export function nearest(steps, step) {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low > 0 && step - steps[low - 1] <= steps[low] - step ? low - 1 : low;
}
