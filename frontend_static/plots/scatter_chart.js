/** Points over two axes, with a line through them or along the diagonal where one is expected. */
import { chartFigure, drawingLabel } from "./figure.js";
import { fitted } from "./fitted.js";
import { axisBetween, drawing, frameOf } from "./frame.js";
import { svg, tip } from "./svg.js";

/** @typedef {{x: number, y: number, name: string, size?: number, tone?: "" | "better" | "worse"}} Point size: 0 to 1, its area */
/** @typedef {{name: string, format: (value: number) => string, from?: number, to?: number}} Side */
/** @typedef {import("./figure.js").Caption & {x: Side, y: Side, points: Point[], head: string, height?: number,
 *   diagonal?: boolean, isJoined?: boolean}} ScatterChart head: what a point is, for the table */

const [SMALLEST, LARGEST] = [3.5, 13];

/** @param {ScatterChart} chart @returns {HTMLElement} */
export function scatterChart(chart) {
  const { x: across, y: up, points } = chart;
  if (!points.length) return chartFigure(chart, { drawing: null });
  const rows = points.map((point) => [point.name, across.format(point.x), up.format(point.y)]);
  return chartFigure(chart, { drawing: fitted((width) => dots(chart, width)), table: { heads: [chart.head, across.name, up.name], rows }, isSingle: true });
}

/** @param {ScatterChart} chart @param {number} width px */
function dots({ title, x: across, y: up, points, height, diagonal = false, isJoined = false }, width) {
  const axes = /** @type {const} */ ([["x", across], ["y", up]]).map(([key, { name, format, from, to }]) => {
    const values = points.map((point) => point[key]);
    return axisBetween(from ?? Math.min(...values), to ?? Math.max(...values), format, name);
  });
  const frame = frameOf({ width, height }, axes[0], axes[1]);
  const ends = [Math.max(axes[0].from, axes[1].from), Math.min(axes[0].to, axes[1].to)];
  return drawing(
    frame,
    drawingLabel(title),
    ...(diagonal ? [svg("line", { class: "chart-diagonal", x1: frame.x(ends[0]), y1: frame.y(ends[0]), x2: frame.x(ends[1]), y2: frame.y(ends[1]) })] : []),
    ...(isJoined ? [svg("polyline", { class: "chart-line series-0", points: points.map((point) => `${frame.x(point.x).toFixed(1)},${frame.y(point.y).toFixed(1)}`).join(" ") })] : []),
    ...points.map((point) =>
      svg("circle", { class: `chart-point ${point.tone ?? ""}`, cx: frame.x(point.x), cy: frame.y(point.y), r: radiusOf(point.size) }, tip(`${point.name}\n${across.name}: ${across.format(point.x)}\n${up.name}: ${up.format(point.y)}`)),
    ),
  );
}

/** Its area grows with the size. Pure. @param {number} [size] 0 to 1 */
export const radiusOf = (size) => (size === undefined ? 4 : SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(Math.min(1, Math.max(0, size))));
