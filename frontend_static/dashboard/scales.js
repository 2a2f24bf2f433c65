/** Axes: round steps, places of values, and which days get a label. Pure. */

/**
 * Round numbers from 0 to at least the largest value.
 * @param {number} largest @param {number} [wanted] about how many steps
 */
export function ticks(largest, wanted = 4) {
  if (!(largest > 0)) return [0, 1];
  const rough = largest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9)) ?? 10 * power;
  const count = Math.ceil(largest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, n) => Number((n * step).toPrecision(12)));
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
 * Rows by day and name as one column of values for each name, dense over the days.
 * The largest names come first; those beyond `most` are added up as `rest`.
 * @template {{day: string}} R
 * @param {string[]} days @param {R[]} rows @param {(row: R) => string} nameOf @param {(row: R) => number} valueOf
 * @param {{most: number, rest: string}} options
 * @returns {{name: string, values: number[]}[]}
 */
export function columnsByName(days, rows, nameOf, valueOf, { most, rest }) {
  const at = new Map(days.map((day, index) => [day, index]));
  /** @type {Map<string, number>} */
  const totals = new Map();
  for (const row of rows) totals.set(nameOf(row), (totals.get(nameOf(row)) ?? 0) + valueOf(row));
  const ordered = [...totals].filter(([, total]) => total > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const shown = ordered.slice(0, ordered.length > most ? most - 1 : most).map(([name]) => name);
  const columns = new Map(shown.map((name) => [name, days.map(() => 0)]));
  if (ordered.length > shown.length) columns.set(rest, days.map(() => 0));
  for (const row of rows) {
    const column = columns.get(nameOf(row)) ?? columns.get(rest);
    const index = at.get(row.day);
    if (column && index !== undefined) column[index] += valueOf(row);
  }
  return [...columns].map(([name, values]) => ({ name, values }));
}
