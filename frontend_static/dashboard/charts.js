/** Line and bar charts over days, as SVG that a screen reader can skip for the table beside it. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { linear, spread, ticks } from "./scales.js";

/** @typedef {{name: string, values: (number | null)[]}} Series */
/** @typedef {{title: string, text: string, days: string[], series: Series[], format: (value: number) => string, dayName: (day: string) => string,
 *   csv: string, most?: number, empty: string, width: number}} Chart most: where the axis ends, if not at the largest value;
 *   width: of the drawing, px */

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 250;
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 12, 12, 26];
const DAY_LABEL_WIDTH = 95;

/** A node of a drawing. @param {string} tag @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** Values that go on from day to day. @param {Chart} chart */
export const lineChart = (chart) => figure(chart, (frame) => chart.series.flatMap((series, n) => lines(series, n, frame)), largestOf(chart.series));

/** Amounts of each day, one upon the other. @param {Chart} chart */
export function barChart(chart) {
  const sums = chart.days.map((_, day) => chart.series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  return figure(chart, (frame) => bars(chart, frame), Math.max(0, ...sums));
}

/** @param {Series[]} series */
const largestOf = (series) => series.reduce((most, { values }) => values.reduce((/** @type {number} */ m, value) => Math.max(m, value ?? 0), most), 0);

/** @typedef {{x: (day: number) => number, y: (value: number) => number, step: number}} Frame */

/** @param {Chart} chart @param {(frame: Frame) => Node[]} marks @param {number} largest */
function figure(chart, marks, largest) {
  const isEmpty = largest === 0;
  return element(
    "figure",
    { class: `card padded chart${chart.series.length === 1 ? " single" : ""}` },
    element(
      "figcaption",
      {},
      element("h3", {}, chart.title),
      element("p", { class: "soft small" }, chart.text),
    ),
    isEmpty ? element("p", { class: "chart-empty soft" }, chart.empty) : drawing(chart, marks, largest),
    !isEmpty && legend(chart.series),
    element(
      "div",
      { class: "chart-foot" },
      !isEmpty && element("details", {}, element("summary", {}, t("As a table")), dayTable(chart)),
      element("a", { class: "small", href: chart.csv, download: "" }, t("Download CSV")),
    ),
  );
}

/** @param {Chart} chart @param {(frame: Frame) => Node[]} marks @param {number} largest */
function drawing({ title, days, series, format, dayName, most, width }, marks, largest) {
  const values = ticks(most ?? largest);
  const y = linear([0, values[values.length - 1]], [HEIGHT - BOTTOM, TOP]);
  const step = (width - LEFT - RIGHT) / Math.max(1, days.length);
  /** @param {number} day its middle */
  const x = (day) => LEFT + (day + 0.5) * step;
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart-drawing", role: "img", "aria-label": t("{title}: the table below holds the same figures.", { title }) },
    ...values.flatMap((value) => [
      svg("line", { class: "chart-grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      svg("text", { class: "chart-label", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, format(value)),
    ]),
    ...spread(days.length, Math.max(2, Math.floor(width / DAY_LABEL_WIDTH))).map((day) => svg("text", { class: "chart-label", x: x(day), y: HEIGHT - 7, "text-anchor": anchor(day, days.length) }, dayName(days[day]))),
    ...marks({ x, y, step }),
    ...days.map((day, n) =>
      svg(
        "rect",
        { class: "chart-day", x: LEFT + n * step, y: TOP, width: step, height: HEIGHT - BOTTOM - TOP },
        svg("title", {}, [dayName(day), ...series.map(({ name, values: column }) => `${name}: ${shown(column[n], format)}`)].join("\n")),
      ),
    ),
  );
}

/** Labels at the ends stay inside. @param {number} day @param {number} count */
const anchor = (day, count) => (count > 1 && day === 0 ? "start" : count > 1 && day === count - 1 ? "end" : "middle");

/** @param {number | null | undefined} value @param {(value: number) => string} format */
const shown = (value, format) => (value === null || value === undefined ? "–" : format(value));

/** Days without a value interrupt nothing. @param {Series} series @param {number} n @param {Frame} frame */
function lines({ values }, n, { x, y }) {
  const points = values.flatMap((value, day) => (value === null ? [] : [`${x(day).toFixed(1)},${y(value).toFixed(1)}`]));
  const line = svg("polyline", { class: `chart-line series-${n % 8}`, points: points.join(" ") });
  if (points.length !== 1) return [line];
  const [cx, cy] = points[0].split(",");
  return [svg("circle", { class: `chart-dot series-${n % 8}`, cx, cy, r: 3 })];
}

/** @param {Chart} chart @param {Frame} frame */
function bars({ days, series }, { x, y, step }) {
  const width = Math.max(1, Math.min(step * 0.8, 34));
  return days.flatMap((_, day) => {
    let from = 0;
    return series.flatMap(({ values }, n) => {
      const value = values[day] ?? 0;
      if (!value) return [];
      const bar = svg("rect", { class: `chart-bar series-${n % 8}`, x: x(day) - width / 2, width, y: y(from + value), height: Math.max(0.5, y(from) - y(from + value)) });
      from += value;
      return [bar];
    });
  });
}

/** @param {Series[]} series */
export const legend = (series) =>
  series.length > 1 &&
  element("ul", { class: "chart-legend" }, ...series.map(({ name }, n) => element("li", {}, swatch(n), name)));

/** @param {number} n */
export function swatch(n) {
  const sample = svg("line", { class: `chart-line series-${n % 8}`, x1: 1, x2: 21, y1: 6, y2: 6 });
  return svg("svg", { viewBox: "0 0 22 12", class: "chart-swatch", "aria-hidden": "true" }, sample);
}

/** @param {Chart} chart */
function dayTable({ title, days, series, format, dayName }) {
  const rows = days.map((day, n) => [dayName(day), ...series.map(({ values }) => shown(values[n], format))]);
  return chartTable(title, [t("Day"), ...series.map(({ name }) => name)], rows.reverse());
}

/** What a drawing shows, as a table that scrolls by itself. @param {string} title @param {string[]} heads @param {string[][]} rows the first cell names the row */
export function chartTable(title, heads, rows) {
  const headings = heads.map((name, n) => element("th", { scope: "col", class: n ? "right" : "" }, name));
  const lines = rows.map(([name, ...cells]) =>
    element("tr", {}, element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", { class: "right" }, cell))),
  );
  return element(
    "div",
    { class: "table-scroll chart-table", tabindex: "0", role: "region", "aria-label": title },
    element("table", {}, element("caption", { class: "visually-hidden" }, title), element("thead", {}, element("tr", {}, ...headings)), element("tbody", {}, ...lines)),
  );
}
