/** A matrix as a real table whose cells are coloured by their value; an interval stands in the cell. */
import { element } from "../shared/dom.js";

/** @typedef {{text: string, share?: number | null, note?: string, title?: string}} HeatCell
 *   share: 0 to 1, how strong the colour is, null: none; note: smaller, below, as an interval */
/** @typedef {{title: string, corner: string, rows: string[], columns: string[], cell: (row: number, column: number) => HeatCell | null}} HeatTable
 *   cell: null leaves it empty, as the diagonal of a matrix */

const STRONGEST = 55;

/** @param {HeatTable} table @returns {HTMLElement} */
export function heatTable({ title, corner, rows, columns, cell }) {
  return element(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": title },
    element(
      "table",
      { class: "heat-table" },
      element("caption", { class: "visually-hidden" }, title),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, corner), ...columns.map((name) => element("th", { scope: "col", class: "right" }, name)))),
      element("tbody", {}, ...rows.map((name, row) => element("tr", {}, element("th", { scope: "row" }, name), ...columns.map((_, column) => heatCell(cell(row, column)))))),
    ),
  );
}

/** @param {HeatCell | null} cell */
function heatCell(cell) {
  if (!cell) return element("td", { class: "heat-none" });
  const node = element("td", { class: "right heat", title: cell.title }, cell.text, cell.note && element("small", { class: "soft" }, cell.note));
  if (typeof cell.share === "number") node.style.setProperty("--heat", `${heatOf(cell.share)}%`);
  return node;
}

/** How much of the colour a cell gets, in percent: never so much that its letters are hard to read. Pure. @param {number} share */
export const heatOf = (share) => Math.round(STRONGEST * Math.min(1, Math.max(0, share)));
