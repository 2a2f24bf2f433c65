/** Amounts as bars: of things in a row, one series upon the other, or of the bins of a histogram. */
import { chartFigure, drawingLabel, legend, seriesClass, shownValue } from "./figure.js";
import { fitted } from "./fitted.js";
import { axisTo, drawing, frameOf } from "./frame.js";
import { evenly } from "./scales.js";
import { svg, tip } from "./svg.js";

/** @typedef {{name: string, values: (number | null)[]}} Series */
/** @typedef {import("./figure.js").Caption & {head: string, names: string[], series: Series[], format: (value: number) => string,
 *   height?: number, most?: number, label?: string, edges?: string[]}} BarChart
 *   head: what the names are, for the table; label: written at the axis below; edges: of the bins of a histogram, one more than names */
/** @typedef {import("./figure.js").Caption & {edges: number[], counts: number[], edge: (value: number) => string, format: (value: number) => string,
 *   head: string, countName: string, height?: number, label?: string}} Histogram edges: one more than counts */

const [LABEL_WIDTH, EDGE_WIDTH] = [80, 44];
const WIDEST = 46;
// Names that are few and short enough lean where they have no room, rather than being left out.
const [MOST_LEANING, LONGEST_LEANING] = [14, 16];
const [LETTER, SIDES] = [6.5, 80];

/** @param {BarChart} chart @returns {HTMLElement} */
export function barChart(chart) {
  const { names, series, format } = chart;
  const sums = names.map((_, place) => series.reduce((sum, { values }) => sum + (values[place] ?? 0), 0));
  const largest = Math.max(0, ...sums);
  if (largest === 0) return chartFigure(chart, { drawing: null });
  const rows = names.map((name, place) => [name, ...series.map(({ values }) => shownValue(values[place], format))]);
  return chartFigure(chart, {
    drawing: fitted((width) => bars(chart, largest, width)),
    legend: legend(series.map(({ name }) => name)),
    table: { heads: [chart.head, ...series.map(({ name }) => name)], rows },
    isSingle: series.length === 1,
    isBars: true,
  });
}

/** How many fall into each bin. @param {Histogram} histogram */
export function histogram({ edges, counts, edge, countName, ...chart }) {
  const names = counts.map((_, bin) => `${edge(edges[bin])}–${edge(edges[bin + 1])}`);
  return barChart({ ...chart, names, series: [{ name: countName, values: counts }], edges: edges.map(edge) });
}

/** @param {BarChart} chart @param {number} largest @param {number} width px */
function bars({ title, names, series, format, height, most, label, edges }, largest, width) {
  const labels = edges ?? names;
  const room = Math.max(2, Math.floor(width / Math.max(edges || longest(labels) <= 3 ? EDGE_WIDTH : LABEL_WIDTH, 7 * longest(labels))));
  const leans = !edges && labels.length > room && longest(labels) > 3 && labels.length <= MOST_LEANING && longest(labels) <= LONGEST_LEANING;
  const marks = evenly(labels.length, leans ? labels.length : room).map((place) => (edges ? place - 0.5 : place));
  const leaning = leans ? Math.round(24 + LETTER * longest(labels) * Math.sin((40 * Math.PI) / 180)) : undefined;
  const letters = room > 2 || leans ? Infinity : (width - SIDES) / 2 / LETTER;
  const frame = frameOf({ width, height }, { from: -0.5, to: names.length - 0.5, marks, format: (place) => shortened(labels[Math.ceil(place)], letters), name: label, leaning }, axisTo(most ?? largest, format));
  const step = (frame.right - frame.left) / names.length;
  const thick = edges ? step : Math.max(1, Math.min(step * 0.8, WIDEST));
  const pieces = names.flatMap((_, place) => {
    const left = frame.x(place) - thick / 2;
    return stacked(series.map(({ values }) => values[place] ?? 0)).flatMap(({ n, from, to }) =>
      svg("rect", { class: `chart-bar ${seriesClass(n)}`, x: left, width: thick, y: frame.y(to), height: Math.max(0.5, frame.y(from) - frame.y(to)) }),
    );
  });
  const readers = names.map((name, place) =>
    svg(
      "rect",
      { class: "chart-day", x: frame.left + place * step, y: frame.top, width: step, height: frame.bottom - frame.top },
      tip([name, ...series.map((one) => `${one.name}: ${shownValue(one.values[place], format)}`)].join("\n")),
    ),
  );
  return drawing(frame, drawingLabel(title), ...pieces, ...readers);
}

/** As much of a name as fits; the table has all of it. @param {string} name @param {number} most letters */
const shortened = (name, most) => (name.length > most ? `${name.slice(0, Math.floor(most) - 1)}…` : name);

/** @param {string[]} names */
const longest = (names) => Math.max(0, ...names.map(({ length }) => length));

/** Amounts upon each other; nothing takes no room. Pure. @param {number[]} values */
export function stacked(values) {
  let from = 0;
  return values.flatMap((value, n) => {
    if (!value) return [];
    const piece = { n, from, to: from + value };
    from += value;
    return [piece];
  });
}
