/** What every chart stands in: its title and sentence, the drawing, a legend, the same figures as a table, downloads. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { svg } from "./svg.js";

/** @typedef {{title: string, text?: string, csv?: string, downloads?: {label: string, href: string}[], empty?: string}} Caption
 *   empty: the sentence in place of a drawing that would show nothing */
/** @typedef {{heads: string[], rows: string[][]}} Table the first cell of a row names it */

const SERIES = 8;
const TABLE_ROWS = 200;

/** The class that gives a mark its colour and dashes. @param {number} n */
export const seriesClass = (n) => `series-${n % SERIES}`;

/**
 * @param {Caption} caption
 * @param {{drawing?: Node | null, legend?: Node | false, table?: Table, isSingle?: boolean, isBars?: boolean}} parts drawing: null shows what `empty` says
 */
export function chartFigure({ title, text, csv, downloads = [], empty }, { drawing, legend: names, table, isSingle = false, isBars = false }) {
  const links = [...(csv ? [{ label: t("Download CSV"), href: csv }] : []), ...downloads];
  return element(
    "figure",
    { class: `card padded chart${isSingle ? " single" : ""}${isBars ? " chart-bars" : ""}` },
    element("figcaption", {}, element("h3", {}, title), text && element("p", { class: "soft small" }, text)),
    drawing ?? element("p", { class: "chart-empty soft" }, empty ?? t("There is nothing to draw yet.")),
    drawing && names,
    element(
      "div",
      { class: "chart-foot" },
      drawing && table ? element("details", {}, element("summary", {}, t("As a table")), chartTable(title, table)) : element("span", {}),
      links.length > 0 && element("span", { class: "chart-links" }, ...links.map(({ label, href }) => element("a", { class: "small", href, download: "" }, label))),
    ),
  );
}

/** What a screen reader hears of a drawing. @param {string} title */
export const drawingLabel = (title) => t("{title}: the table below holds the same figures.", { title });

/** What a drawing shows, as a table that scrolls by itself. @param {string} title @param {Table} table */
export function chartTable(title, { heads, rows }) {
  const headings = heads.map((name, n) => element("th", { scope: "col", class: n ? "right" : "" }, name));
  const lines = rows.slice(0, TABLE_ROWS).map(([name, ...cells]) =>
    element("tr", {}, element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", { class: "right" }, cell))),
  );
  return element(
    "div",
    { class: "table-scroll chart-table", tabindex: "0", role: "group", "aria-label": title },
    element("table", {}, element("caption", { class: "visually-hidden" }, title), element("thead", {}, element("tr", {}, ...headings)), element("tbody", {}, ...lines)),
  );
}

/** Names of several series; one needs none. @param {string[]} names */
export const legend = (names) => names.length > 1 && element("ul", { class: "chart-legend" }, ...names.map((name, n) => element("li", {}, swatch(n), name)));

/** @param {number} n */
export function swatch(n) {
  const sample = svg("line", { class: `chart-line ${seriesClass(n)}`, x1: 1, x2: 21, y1: 6, y2: 6 });
  return svg("svg", { viewBox: "0 0 22 12", class: "chart-swatch", "aria-hidden": "true" }, sample);
}

/** @param {number | null | undefined} value @param {(value: number) => string} format */
export const shownValue = (value, format) => (value === null || value === undefined ? "–" : format(value));
