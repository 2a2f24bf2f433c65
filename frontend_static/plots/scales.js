/** Axes: round steps, places of values, and which of many get a label. Pure. */

/** The round step that cuts a length into about so many pieces. @param {number} length above 0 @param {number} wanted */
function roundStep(length, wanted) {
  const rough = length / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9)) ?? 10 * power;
}

/** @param {number} step @param {number} first @param {number} last both in steps */
const steps = (step, first, last) => Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));

/**
 * Round numbers from 0 to at least the largest value.
 * @param {number} largest @param {number} [wanted] about how many steps
 */
export function ticks(largest, wanted = 4) {
  if (!(largest > 0)) return [0, 1];
  const step = roundStep(largest, wanted);
  return steps(step, 0, Math.ceil(largest / step - 1e-9));
}

/**
 * Round numbers from at most the smallest to at least the largest value.
 * @param {number} low @param {number} high @param {number} [wanted] about how many steps
 */
export function ticksBetween(low, high, wanted = 4) {
  if (!(high > low)) return ticksBetween(low - 0.5, low + 0.5, wanted);
  const step = roundStep(high - low, wanted);
  return steps(step, Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9));
}

/**
 * Round numbers with 0 in their middle that hold all values.
 * @param {number[]} values @param {number} [least] how far they reach to either side at least
 */
export function symmetricTicks(values, least = 0.5) {
  const right = ticks(Math.max(...values.map(Math.abs), least), 2).slice(1);
  return [...right.map((value) => -value).reverse(), 0, ...right];
}

/**
 * A function from values to places.
 * @param {[number, number]} domain @param {[number, number]} range
 * @returns {(value: number) => number}
 */
export function linear([d0, d1], [r0, r1]) {
  const slope = d1 === d0 ? 0 : (r1 - r0) / (d1 - d0);
  return (value) => r0 + (value - d0) * slope;
}

/**
 * Positions of at most so many labels, evenly spread, the first and the last among them.
 * @param {number} count @param {number} most at least 2
 */
export function spread(count, most) {
  if (count <= most) return Array.from({ length: count }, (_, n) => n);
  const places = Array.from({ length: most }, (_, n) => Math.round((n * (count - 1)) / (most - 1)));
  return [...new Set(places)];
}

/**
 * Positions of at most so many labels, all equally far from each other, the first among them.
 * @param {number} count @param {number} most at least 2
 */
export function evenly(count, most) {
  const step = Math.max(1, Math.ceil((count - 1) / (most - 1)));
  return Array.from({ length: Math.ceil(count / step) }, (_, n) => n * step);
}

/**
 * Marks whose labels differ: where they would not, only whole numbers stay.
 * @param {number[]} marks @param {(value: number) => string} format
 */
export const distinct = (marks, format) => (new Set(marks.map(format)).size < marks.length ? marks.filter(Number.isInteger) : marks);

/**
 * The place of the nearest value. @param {number[]} values ascending, not empty @param {number} wanted
 */
export function nearest(values, wanted) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - values[low - 1] <= values[low] - wanted ? low - 1 : low;
}
