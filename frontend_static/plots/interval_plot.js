/** Figures with their intervals, each on a line of its own, over one axis. */
import { element } from "../shared/dom.js";
import { svg, tip } from "./svg.js";
import { linear, ticksBetween } from "./scales.js";

/** @typedef {{name: string, value: number, low: number, high: number, about?: string, tone?: "better" | "worse" | ""}} IntervalRow */
/** @typedef {{label: string, rows: IntervalRow[], format: (value: number) => string, width: number, marks?: number[],
 *   sides?: [left: string, right: string], caption?: string, hasNames?: boolean}} IntervalPlot
 *   label: what a screen reader hears; sides: written left and right of zero; caption: the sentence below */

const ROW = 30;
const [SIDE, HEAD, FOOT] = [28, 18, 32];
const NAME_SHARE = 0.3;
const NAME_MOST = 190;

/** @param {IntervalPlot} plot @returns {HTMLElement} */
export function intervalPlot({ label, rows, format, width, marks, sides, caption, hasNames = rows.length > 1 }) {
  const axis = marks ?? ticksBetween(Math.min(...rows.map(({ low }) => low)), Math.max(...rows.map(({ high }) => high)));
  const left = hasNames ? Math.min(NAME_MOST, width * NAME_SHARE) : SIDE;
  const x = linear([axis[0], axis[axis.length - 1]], [left, width - SIDE]);
  const top = sides ? HEAD : 6;
  const bottom = top + rows.length * ROW + 12;
  const zero = axis.includes(0) && axis[0] < 0 ? x(0) : null;
  return element(
    "figure",
    { class: `interval-plot ${rows.length === 1 ? (rows[0].tone ?? "") : ""}` },
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${bottom + FOOT - 12}`, class: "chart-drawing", role: "img", "aria-label": label },
      ...(zero === null ? [] : [svg("rect", { class: "interval-side", x: zero, y: top, width: width - SIDE - zero, height: bottom - top })]),
      svg("line", { class: "chart-grid", x1: left, x2: width - SIDE, y1: bottom, y2: bottom }),
      ...axis.flatMap((mark) => [
        svg("line", { class: mark === 0 && zero !== null ? "interval-zero" : "chart-grid", x1: x(mark), x2: x(mark), y1: (mark === 0 && zero !== null) || rows.length > 1 ? top : bottom, y2: bottom + 5 }),
        svg("text", { class: "chart-label", x: x(mark), y: bottom + 18, "text-anchor": "middle" }, format(mark)),
      ]),
      ...(sides && zero !== null ? [svg("text", { class: "chart-label", x: zero - 8, y: 13, "text-anchor": "end" }, sides[0]), svg("text", { class: "chart-label", x: zero + 8, y: 13 }, sides[1])] : []),
      ...rows.map((row, n) => intervalRow(row, top + (n + 0.5) * ROW + 4, x, hasNames ? left : 0, format)),
    ),
    caption && element("figcaption", { class: "soft small" }, caption),
  );
}

/** @param {IntervalRow} row @param {number} y @param {(value: number) => number} x @param {number} nameEnd px, 0: without its name @param {(value: number) => string} format */
function intervalRow({ name, value, low, high, about, tone = "" }, y, x, nameEnd, format) {
  return svg(
    "g",
    { class: `interval-row ${tone}` },
    tip(about ?? `${name}: ${format(value)} (${format(low)} – ${format(high)})`),
    ...(nameEnd ? [svg("text", { class: "chart-label interval-name", x: nameEnd - 10, y: y + 4, "text-anchor": "end" }, name)] : []),
    svg("line", { class: "interval-bar", x1: x(low), x2: x(high), y1: y, y2: y }),
    ...[low, high].map((end) => svg("line", { class: "interval-end", x1: x(end), x2: x(end), y1: y - 7, y2: y + 7 })),
    svg("circle", { class: "interval-dot", cx: x(value), cy: y, r: 6 }),
  );
}
