/** Rows by day and name as columns of values. Pure. */

/**
 * Dense over the days. The largest names come first; those beyond `most` are added up as `rest`.
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
