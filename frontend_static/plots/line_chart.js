/** Lines over a common axis, read at one place for all of them by pointer or keys. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { chartFigure, drawingLabel, legend, seriesClass, shownValue } from "./figure.js";
import { fitted } from "./fitted.js";
import { axisTo, drawing, frameOf } from "./frame.js";
import { evenly, linear, nearest, spread } from "./scales.js";
import { svg } from "./svg.js";

/** @typedef {{name: string, values: (number | null)[], raw?: (number | null)[]}} Series raw: drawn faintly behind */
/** @typedef {{name: string, values: number[], format: (value: number) => string, from?: number, to?: number, marks?: number[] | ((width: number) => number[]), label?: string}} Across
 *   values: ascending; name: head of the table's first column; label: written at the axis; marks: even ones, if not given, or those that fit a width (px) */
/** @typedef {{format: (value: number) => string, most?: number, label?: string}} Up most: where the axis ends, if not at the largest value */
/** @typedef {import("./figure.js").Caption & {x: Across, y: Up, series: Series[], height?: number, start?: number}} LineChart
 *   start: the place that is read first, if not the last */

const LABEL_WIDTH = 95;
const TABLE_ROWS = 101;

/** A chart that reads itself: the pointer or the arrow keys choose a place. @param {LineChart} chart @returns {HTMLElement} */
export function lineChart(chart) {
  if (isEmpty(chart)) return chartFigure(chart, { drawing: null });
  const last = chart.x.values.length - 1;
  let place = last;
  const plot = readableChart(chart, (chosen) => choose(chosen));
  const reader = element("div", {
    class: "chart-reader", tabindex: "0", role: "slider", "aria-label": t("{title}: read it with the arrow keys", { title: chart.title }),
    "aria-valuemin": 0, "aria-valuemax": last,
  });
  plot.drawing.replaceWith(reader);
  reader.append(plot.drawing);
  plot.names.append(plot.where);

  /** @param {number} chosen */
  function choose(chosen) {
    place = Math.min(last, Math.max(0, chosen));
    plot.read(place);
    reader.setAttribute("aria-valuenow", String(place));
    reader.setAttribute("aria-valuetext", valuesAt(chart, place));
  }
  /** @type {Record<string, () => number>} */
  const keys = { ArrowLeft: () => place - 1, ArrowDown: () => place - 1, ArrowRight: () => place + 1, ArrowUp: () => place + 1, Home: () => 0, End: () => last };
  reader.addEventListener("keydown", (event) => {
    const next = keys[event.key];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(next());
  });
  choose(chart.start ?? last);
  return plot.node;
}

/** @param {LineChart} chart */
const isEmpty = ({ x, series }) => x.values.length === 0 || series.every(({ values }) => values.every((value) => !value));

/** @param {LineChart} chart @param {number} place */
const valuesAt = ({ x, y, series }, place) => [x.format(x.values[place]), ...series.map(({ name, values }) => `${name}: ${shownValue(values[place], y.format)}`)].join(", ");

/**
 * A chart that is read from outside: several of them can follow one slider.
 * @param {LineChart} chart not empty @param {(place: number) => void} choose called when a pointer moves over it
 */
export function readableChart(chart, choose) {
  const { x: across, y: up, series } = chart;
  let [place, mark] = [0, (/** @type {number} */ _place) => {}];
  const drawn = fitted((width) => {
    const made = lines(chart, width, choose);
    mark = made.mark;
    mark(place);
    return made.node;
  });
  const values = series.map(() => element("output", { class: "curve-value" }));
  const names = legend(series.map(({ name }) => name)) || element("ul", { class: "chart-legend" }, element("li", {}, series[0].name));
  [...names.children].forEach((item, n) => item.append(values[n]));
  const where = element("li", { class: "chart-where soft number" });
  const places = spread(across.values.length, TABLE_ROWS);
  const rows = places.map((place) => [across.format(across.values[place]), ...series.map((one) => shownValue(one.values[place], up.format))]);
  const node = chartFigure(chart, { drawing: drawn, legend: names, table: { heads: [across.name, ...series.map(({ name }) => name)], rows: rows.reverse() }, isSingle: series.length === 1 });
  return {
    node,
    drawing: drawn,
    names,
    where,
    /** @param {number} chosen */
    read(chosen) {
      place = chosen;
      mark(place);
      where.textContent = `${across.name} ${across.format(across.values[place])}`;
      series.forEach((one, n) => (values[n].textContent = shownValue(one.values[place], up.format)));
    },
  };
}

/** @param {LineChart} chart @param {number} width px @param {(place: number) => void} choose */
function lines({ title, x: across, y: up, series, height }, width, choose) {
  const { values } = across;
  const largest = up.most ?? Math.max(0, ...series.flatMap((one) => [...one.values, ...(one.raw ?? [])].map((value) => value ?? 0)));
  const [from, to] = [across.from ?? values[0], across.to ?? values[values.length - 1]];
  const given = typeof across.marks === "function" ? across.marks(width) : across.marks;
  const marks = given ?? evenly(values.length, Math.max(2, Math.floor(width / LABEL_WIDTH))).map((place) => values[place]);
  const frame = frameOf({ width, height }, { from, to, marks, format: across.format, name: across.label }, axisTo(largest, up.format, up.label));
  const line = svg("line", { class: "curve-look", x1: frame.left, x2: frame.left, y1: frame.top, y2: frame.bottom });
  const node = drawing(frame, drawingLabel(title), line, ...series.flatMap((one, n) => [...(one.raw ? path(one.raw, n, "curve-raw", values, frame) : []), ...path(one.values, n, "chart-line", values, frame)]));
  const valueAt = linear([frame.left, frame.right], [from, to]);
  node.addEventListener("pointermove", (event) => {
    const { left, width: onScreen } = node.getBoundingClientRect();
    choose(nearest(values, valueAt(((/** @type {PointerEvent} */ (event).clientX - left) / onScreen) * width)));
  });
  return {
    node,
    /** @param {number} place */
    mark(place) {
      const at = frame.x(values[place]).toFixed(1);
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    },
  };
}

/** Places without a value interrupt nothing. @param {(number | null)[]} column @param {number} n @param {string} kind @param {number[]} values @param {import("./frame.js").Frame} frame */
function path(column, n, kind, values, { x, y }) {
  const places = column.flatMap((value, place) => (value === null ? [] : [[x(values[place]).toFixed(1), y(value).toFixed(1)]]));
  if (places.length === 1) return [svg("circle", { class: `chart-dot ${seriesClass(n)}`, cx: places[0][0], cy: places[0][1], r: 3 })];
  return [svg("polyline", { class: `${kind} ${seriesClass(n)}`, points: places.map((place) => place.join(",")).join(" ") })];
}
