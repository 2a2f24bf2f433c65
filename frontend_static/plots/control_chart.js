/** A measure from piece to piece between its control limits; what left them is marked. */
import { t } from "../shared/translate.js";
import { chartFigure, drawingLabel, shownValue } from "./figure.js";
import { fitted } from "./fitted.js";
import { axisBetween, drawing, frameOf } from "./frame.js";
import { evenly } from "./scales.js";
import { svg, tip } from "./svg.js";

/** @typedef {{name: string, value: number | null, low?: number | null, high?: number | null, alarm?: string}} ControlPoint
 *   low, high: the limits there, null: none; alarm: why it is one */
/** @typedef {import("./figure.js").Caption & {points: ControlPoint[], center: number | null, format: (value: number) => string, head: string,
 *   valueName: string, height?: number, from?: number, to?: number, label?: string}} ControlChart head: what a point is */

const LABEL_WIDTH = 95;

/** @param {ControlChart} chart @returns {HTMLElement} */
export function controlChart(chart) {
  const { points, format, valueName } = chart;
  if (points.every(({ value }) => value === null)) return chartFigure(chart, { drawing: null });
  const rows = points.map(({ name, value, low, high, alarm }) => [name, shownValue(value, format), shownValue(low, format), shownValue(high, format), alarm ?? ""]);
  return chartFigure(chart, {
    drawing: fitted((width) => controlDrawing(chart, width)),
    table: { heads: [chart.head, valueName, t("Lower limit"), t("Upper limit"), t("Alarm")], rows: rows.reverse() },
    isSingle: true,
  });
}

/** @param {ControlChart} chart @param {number} width px */
function controlDrawing(chart, width) {
  const { title, points, center, format, valueName } = chart;
  const frame = controlFrame(chart, width);
  return drawing(
    frame,
    drawingLabel(title),
    ...limitLines(points, frame),
    ...(center === null ? [] : [svg("line", { class: "control-center", x1: frame.left, x2: frame.right, y1: frame.y(center), y2: frame.y(center) }, tip(format(center)))]),
    svg("polyline", { class: "chart-line series-0", points: points.flatMap(({ value }, place) => (value === null ? [] : [`${frame.x(place).toFixed(1)},${frame.y(value).toFixed(1)}`])).join(" ") }),
    ...points.flatMap(({ name, value, alarm }, place) => (value === null ? [] : [controlMark(frame.x(place), frame.y(value), [name, `${valueName}: ${format(value)}`, alarm ?? ""].filter(Boolean).join("\n"), Boolean(alarm))])),
  );
}

/** @param {ControlChart} chart @param {number} width px */
function controlFrame({ points, center, format, height, from, to, label }, width) {
  const values = [...points.flatMap(({ value, low, high }) => [value, low, high]), center].filter((value) => typeof value === "number");
  const marks = evenly(points.length, Math.max(2, Math.floor(width / LABEL_WIDTH)));
  const ends = [-0.5, Math.max(0.5, points.length - 0.5)];
  return frameOf({ width, height }, { from: ends[0], to: ends[1], marks, format: (place) => points[place].name, name: label }, axisBetween(from ?? Math.min(...values), to ?? Math.max(...values), format));
}

/** The limits as steps: each holds for its own point. @param {ControlPoint[]} points @param {import("./frame.js").Frame} frame */
const limitLines = (points, frame) =>
  /** @type {const} */ (["low", "high"]).flatMap((side) =>
    limitRuns(points.map((point) => point[side] ?? null)).map((run) =>
      svg("polyline", { class: "control-limit", points: run.flatMap(([place, value]) => [[place - 0.5, value], [place + 0.5, value]]).map(([x, y]) => `${frame.x(x).toFixed(1)},${frame.y(y).toFixed(1)}`).join(" ") }),
    ),
  );

/** Neighbouring places that have a limit, together. Pure. @param {(number | null)[]} values @returns {[place: number, value: number][][]} */
export function limitRuns(values) {
  /** @type {[number, number][][]} */
  const runs = [];
  values.forEach((value, place) => {
    if (value === null) return;
    if (place > 0 && values[place - 1] !== null) runs[runs.length - 1].push([place, value]);
    else runs.push([[place, value]]);
  });
  return runs;
}

/** An alarm differs by shape as well as by colour. @param {number} x @param {number} y @param {string} text @param {boolean} isAlarm */
const controlMark = (x, y, text, isAlarm) =>
  isAlarm
    ? svg("path", { class: "control-alarm", d: `M${x} ${y - 7.5}l7 12.5h-14z` }, tip(text))
    : svg("circle", { class: "chart-point", cx: x, cy: y, r: 3.5 }, tip(text));
