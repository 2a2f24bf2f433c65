/** Figures with their intervals, each on a line of its own, over one axis. */
import { element } from "../shared/dom.js";
import { fitted } from "./fitted.js";
import { svg, tip } from "./svg.js";
import { linear, ticksBetween } from "./scales.js";

/** @typedef {{name: string, value: number, low: number, high: number, about?: string, tone?: "better" | "worse" | ""}} IntervalRow */
/** @typedef {{label: string, rows: IntervalRow[], format: (value: number) => string, marks?: number[],
 *   sides?: [left: string, right: string], caption?: string, hasNames?: boolean}} IntervalPlot
 *   label: what a screen reader hears; sides: written left and right of zero; caption: the sentence below */

const [ROW, NAME_ROW] = [30, 16];
const [SIDE, HEAD, FOOT] = [28, 18, 32];
const [NAME_SHARE, NAME_MOST] = [0.3, 190];
// Below this width (px) names stand above their bars, not beside them.
const NARROW = 520;

/** @param {IntervalPlot} plot @returns {HTMLElement} */
export function intervalPlot(plot) {
  const { rows, caption } = plot;
  return element(
    "figure",
    { class: `interval-plot ${rows.length === 1 ? (rows[0].tone ?? "") : ""}` },
    fitted((width) => intervals(plot, width)),
    caption && element("figcaption", { class: "soft small" }, caption),
  );
}

/** @param {IntervalPlot} plot @param {number} width px */
function intervals({ label, rows, format, marks, sides, hasNames = rows.length > 1 }, width) {
  const axis = marks ?? ticksBetween(Math.min(...rows.map(({ low }) => low)), Math.max(...rows.map(({ high }) => high)));
  const isNarrow = width < NARROW;
  const left = hasNames && !isNarrow ? Math.min(NAME_MOST, width * NAME_SHARE) : SIDE;
  const x = linear([axis[0], axis[axis.length - 1]], [left, width - SIDE]);
  const above = hasNames && isNarrow ? NAME_ROW : 0;
  const top = sides ? HEAD : 6;
  const bottom = top + rows.length * (ROW + above) + 12;
  const height = bottom + FOOT - 12;
  const zero = axis.includes(0) && axis[0] < 0 ? x(0) : null;
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, height, class: "chart-drawing", role: "img", "aria-label": label },
    ...(zero === null ? [] : [svg("rect", { class: "interval-side", x: zero, y: top, width: width - SIDE - zero, height: bottom - top })]),
    svg("line", { class: "chart-grid", x1: left, x2: width - SIDE, y1: bottom, y2: bottom }),
    ...axis.flatMap((mark) => [
      svg("line", { class: mark === 0 && zero !== null ? "interval-zero" : "chart-grid", x1: x(mark), x2: x(mark), y1: (mark === 0 && zero !== null) || rows.length > 1 ? top : bottom, y2: bottom + 5 }),
      svg("text", { class: "chart-label", x: x(mark), y: bottom + 18, "text-anchor": "middle" }, format(mark)),
    ]),
    ...(sides && zero !== null ? [svg("text", { class: "chart-label", x: zero - 8, y: 13, "text-anchor": "end" }, sides[0]), svg("text", { class: "chart-label", x: zero + 8, y: 13 }, sides[1])] : []),
    ...rows.map((row, n) => {
      const y = top + (n + 0.5) * ROW + (n + 1) * above + 4;
      const place = above ? { x: 2, y: y - 12, "text-anchor": "start" } : { x: left - 10, y: y + 4, "text-anchor": "end" };
      return intervalRow(row, y, x, hasNames ? place : null, format);
    }),
  );
}

/** @param {IntervalRow} row @param {number} y @param {(value: number) => number} x @param {Record<string, string | number> | null} place of its name @param {(value: number) => string} format */
function intervalRow({ name, value, low, high, about, tone = "" }, y, x, place, format) {
  return svg(
    "g",
    { class: `interval-row ${tone}` },
    tip(about ?? `${name}: ${format(value)} (${format(low)} – ${format(high)})`),
    ...(place ? [svg("text", { class: "chart-label interval-name", ...place }, name)] : []),
    svg("line", { class: "interval-bar", x1: x(low), x2: x(high), y1: y, y2: y }),
    ...[low, high].map((end) => svg("line", { class: "interval-end", x1: x(end), x2: x(end), y1: y - 7, y2: y + 7 })),
    svg("circle", { class: "interval-dot", cx: x(value), cy: y, r: 6 }),
  );
}
