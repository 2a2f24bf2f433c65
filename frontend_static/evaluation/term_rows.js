/** Which terms of a report are shown and in which order: searched, sorted, some at a time. Pure. */

/** @typedef {import("./figures.js").TermRow & {name: string, kind: string}} NamedTerm */
/** @typedef {"name" | "true" | "found" | "AP" | "AP50" | "PQ" | "IoU"} SortKey */
/** @typedef {{key: SortKey, isDown: boolean}} Order */

/**
 * @param {import("./figures.js").TermRow[]} rows @param {import("./figures.js").Names} names @param {string} nameless what term 0 is called
 * @returns {NamedTerm[]}
 */
export const namedTerms = (rows, names, nameless) => rows.map((row) => ({ ...row, name: names[row.term]?.name ?? (row.term ? `#${row.term}` : nameless), kind: names[row.term]?.kind ?? "" }));

/**
 * Rows whose name holds every word; what has no figure comes last whichever way the order goes.
 * @param {NamedTerm[]} rows @param {string} search @param {Order} order
 */
export function chosenTerms(rows, search, { key, isDown }) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const sign = isDown ? -1 : 1;
  return rows
    .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    .sort((a, b) => compared(a[key], b[key], sign) || compared(b.true, a.true, 1) || compared(a.name, b.name, 1));
}

/** @param {string | number | null} a @param {string | number | null} b @param {number} sign */
function compared(a, b, sign) {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return (a < b ? -1 : 1) * sign;
}

/** A second press on a heading turns the order round; names begin with A, figures with the largest. @param {Order} order @param {SortKey} key @returns {Order} */
export const pressed = (order, key) => (order.key === key ? { key, isDown: !order.isDown } : { key, isDown: key !== "name" });
