/** A difference with its 95 % interval, drawn beside the line of no difference. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { svg } from "../dashboard/charts.js";
import { linear, ticks } from "../dashboard/scales.js";
import { exactly } from "../shell/formats.js";
import { signed } from "./figures.js";

const HEIGHT = 96;
const [SIDE, MIDDLE, AXIS] = [28, 38, 64];

/**
 * A scale with zero in it, round at both ends. Pure.
 * @param {number[]} values shares
 * @returns {{marks: number[]}} of 100, ascending
 */
export function symmetricMarks(values) {
  const largest = Math.max(...values.map((value) => Math.abs(100 * value)), 0.5);
  const right = ticks(largest, 2).slice(1);
  return { marks: [...right.map((value) => -value).reverse(), 0, ...right] };
}

/**
 * @param {{difference: number, interval: [number, number]}} verdict shares: candidate less champion
 * @param {number} width px
 */
export function intervalPlot({ difference, interval: [low, high] }, width) {
  const { marks } = symmetricMarks([difference, low, high]);
  const x = linear([marks[0], marks[marks.length - 1]], [SIDE, width - SIDE]);
  const at = (/** @type {number} */ share) => x(100 * share);
  const tone = low > 0 ? "better" : high < 0 ? "worse" : "open";
  const label = t("Difference of APᵉ {difference}, 95 % interval from {low} to {high}", { difference: signed(difference), low: signed(low), high: signed(high) });
  return element(
    "figure",
    { class: `interval-plot ${tone}` },
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart-drawing", role: "img", "aria-label": label },
      svg("rect", { class: "interval-side", x: x(0), y: 18, width: width - SIDE - x(0), height: AXIS - 18 }),
      svg("line", { class: "chart-grid", x1: SIDE, x2: width - SIDE, y1: AXIS, y2: AXIS }),
      ...marks.flatMap((mark) => [
        svg("line", { class: mark === 0 ? "interval-zero" : "chart-grid", x1: x(mark), x2: x(mark), y1: mark === 0 ? 18 : AXIS, y2: AXIS + 5 }),
        svg("text", { class: "chart-label", x: x(mark), y: AXIS + 19, "text-anchor": "middle" }, markName(mark)),
      ]),
      svg("text", { class: "chart-label", x: x(0) - 8, y: 13, "text-anchor": "end" }, t("champion better")),
      svg("text", { class: "chart-label", x: x(0) + 8, y: 13 }, t("candidate better")),
      svg("line", { class: "interval-bar", x1: at(low), x2: at(high), y1: MIDDLE, y2: MIDDLE }),
      ...[low, high].map((end) => svg("line", { class: "interval-end", x1: at(end), x2: at(end), y1: MIDDLE - 7, y2: MIDDLE + 7 })),
      svg("circle", { class: "interval-dot", cx: at(difference), cy: MIDDLE, r: 6 }),
    ),
    element("figcaption", { class: "soft small" }, label),
  );
}

/** @param {number} mark of 100 */
const markName = (mark) => (mark === 0 ? "0" : `${mark > 0 ? "+" : "−"}${exactly(Math.abs(mark), Number.isInteger(mark) ? 0 : 1)}`);
