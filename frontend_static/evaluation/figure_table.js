/** A table of figures with one heading a column; cells may be coloured by their value. */
import { element } from "../shared/dom.js";
import { heatOf } from "../plots/heat_table.js";
import { isKnown, points } from "../training/figures.js";

/** @typedef {{name: string, about?: string}} Column */
/** @typedef {import("../shared/dom.js").Child | {share: number | null | undefined}} Cell share: a figure, coloured by it */
/** @typedef {{name: string, about?: string, cells: Cell[]}} Row */

/** @param {{title: string, corner: string, columns: Column[], rows: Row[]}} table */
export const figureTable = ({ title, corner, columns, rows }) =>
  element(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": title },
    element(
      "table",
      { class: "figure-table" },
      element("caption", { class: "visually-hidden" }, title),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, corner), ...columns.map(({ name, about }) => element("th", { scope: "col", class: "right", title: about }, name)))),
      element("tbody", {}, ...rows.map(({ name, about, cells }) => element("tr", {}, element("th", { scope: "row" }, name, about && element("small", { class: "soft" }, about)), ...cells.map(cellOf)))),
    ),
  );

/** @param {Cell} cell */
export function cellOf(cell) {
  if (cell && typeof cell === "object" && "share" in cell) return shareCell(cell.share);
  return element("td", { class: "right" }, cell ?? "–");
}

/** @param {number | null | undefined} share */
function shareCell(share) {
  const node = element("td", { class: "right heat" }, points(share));
  if (isKnown(share)) node.style.setProperty("--heat", `${heatOf(share)}%`);
  return node;
}
