/** Minimum, median and maximum of each of many things, in a row. */
import { t } from "../shared/translate.js";
import { chartFigure, drawingLabel } from "./figure.js";
import { fitted } from "./fitted.js";
import { axisBetween, drawing, frameOf } from "./frame.js";
import { evenly } from "./scales.js";
import { svg, tip } from "./svg.js";

/** @typedef {{name: string, low: number, middle: number, high: number}} RangeRow */
/** @typedef {import("./figure.js").Caption & {rows: RangeRow[], format: (value: number) => string, head: string, height?: number,
 *   from?: number, to?: number, label?: string, showNames?: boolean}} RangeChart head: what a row is; showNames: below the axis, else their place */

const LABEL_WIDTH = 80;
const CAP = 4;

/** @param {RangeChart} chart @returns {HTMLElement} */
export function rangeChart(chart) {
  const { rows, format } = chart;
  if (!rows.length) return chartFigure(chart, { drawing: null });
  const table = rows.map(({ name, low, middle, high }) => [name, format(low), format(middle), format(high)]);
  return chartFigure(chart, { drawing: fitted((width) => ranges(chart, width)), table: { heads: [chart.head, t("Minimum"), t("Median"), t("Maximum")], rows: table }, isSingle: true });
}

/** @param {RangeChart} chart @param {number} width px */
function ranges({ title, rows, format, height, from, to, label, showNames = false }, width) {
  const marks = evenly(rows.length, Math.max(2, Math.floor(width / LABEL_WIDTH)));
  const frame = frameOf(
    { width, height },
    { from: -0.5, to: rows.length - 0.5, marks, format: (place) => (showNames ? rows[place].name : String(place + 1)), name: label },
    axisBetween(from ?? Math.min(...rows.map(({ low }) => low)), to ?? Math.max(...rows.map(({ high }) => high)), format),
  );
  const pieces = rows.map(({ name, low, middle, high }, place) => {
    const x = frame.x(place);
    return svg(
      "g",
      { class: "range-row" },
      tip([name, `${t("Minimum")}: ${format(low)}`, `${t("Median")}: ${format(middle)}`, `${t("Maximum")}: ${format(high)}`].join("\n")),
      svg("line", { class: "range-bar", x1: x, x2: x, y1: frame.y(low), y2: frame.y(high) }),
      ...[low, high].map((end) => svg("line", { class: "range-bar", x1: x - CAP, x2: x + CAP, y1: frame.y(end), y2: frame.y(end) })),
      svg("circle", { class: "chart-point", cx: x, cy: frame.y(middle), r: 4 }),
    );
  });
  return drawing(frame, drawingLabel(title), ...pieces);
}
