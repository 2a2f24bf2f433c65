/** The curves of a training run: losses and learning rate over its steps, read at one step for all of them. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { chartTable, legend, svg } from "../dashboard/charts.js";
import { linear, spread, ticks } from "../dashboard/scales.js";
import { whole } from "../shell/formats.js";
import { nearest, smoothed, reachFor } from "./smoothing.js";
import { lossName, termsOf } from "./loss_names.js";

/** @typedef {{step: number, loss: number, learning_rate?: number, seconds_per_step?: number, [term: string]: number | undefined}} MetricRow */
/** @typedef {{name: string, values: (number | null)[], raw?: (number | null)[]}} Curve raw: drawn faintly behind */
/** @typedef {{title: string, text: string, curves: Curve[], format: (value: number) => string}} Plot */

const HEIGHT = 230;
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 14, 12, 26];
const LABEL_WIDTH = 95;
const TABLE_ROWS = 100;

/**
 * Curves that can be shown again with more rows: the step read, open tables and the keyboard's place stay.
 * @param {HTMLElement} host
 */
export function createCurves(host) {
  /** @type {number | null} the step somebody chose; null: the last one */
  let read = null;
  return {
    /** @param {MetricRow[]} rows at least one @param {{full: number, half: number}} widths px */
    show(rows, widths) {
      const steps = rows.map(({ step }) => step);
      const isOpen = [...host.querySelectorAll("details")].map(({ open }) => open);
      const hadFocus = document.activeElement instanceof HTMLInputElement && host.contains(document.activeElement);
      /** @type {((place: number) => void)[]} */
      const markers = [];
      const slider = stepChoice(steps, (place) => {
        read = place === steps.length - 1 ? null : steps[place];
        markers.forEach((mark) => mark(place));
      });
      host.replaceChildren(...figures(rows, steps, widths, slider.choose, markers), ...(steps.length > 1 ? [slider.node] : []));
      host.querySelectorAll("details").forEach((table, n) => (table.open = isOpen[n] ?? false));
      slider.choose(read === null ? steps.length - 1 : nearest(steps, read));
      if (hadFocus) slider.node.querySelector("input")?.focus();
    },
  };
}

/**
 * @param {MetricRow[]} rows @param {number[]} steps @param {{full: number, half: number}} widths
 * @param {(place: number) => void} choose @param {((place: number) => void)[]} markers is filled
 */
function figures(rows, steps, widths, choose, markers) {
  const [total, terms, rate] = plotsOf(rows);
  const draw = (/** @type {Plot} */ plot, /** @type {number} */ width) => {
    const { node, mark } = plotFigure(plot, steps, width, choose);
    markers.push(mark);
    return node;
  };
  const pair = [terms.curves.length > 0 && draw(terms, widths.half), rate && draw(rate, widths.half)];
  return [draw(total, widths.full), element("div", { class: "chart-pair" }, ...pair)];
}

/** @param {MetricRow[]} rows @returns {[Plot, Plot, Plot | null]} */
function plotsOf(rows) {
  const reach = reachFor(rows.length);
  /** @param {string} name */
  const column = (name) => rows.map((row) => row[name] ?? null);
  const loss = column("loss");
  const rates = column("learning_rate");
  return [
    { title: t("Loss"), text: t("What training makes small: all its terms added up. The faint line is each step, the strong one the mean with its neighbours."), curves: [{ name: t("Loss"), values: smoothed(loss, reach), raw: reach ? loss : undefined }], format: lossText },
    { title: t("Terms of the loss"), text: t("The parts it is made of, each the mean with its neighbours."), curves: termsOf(rows).map((name) => ({ name: lossName(name), values: smoothed(column(name), reach) })), format: lossText },
    rates.some((value) => value !== null)
      ? { title: t("Learning rate"), text: t("How far each step goes."), curves: [{ name: t("Learning rate"), values: rates }], format: rateText }
      : null,
  ];
}

/** @param {number} value */
const lossText = (value) => (value >= 100 ? whole(value) : String(Number(value.toPrecision(3))));

/** @param {number} value */
const rateText = (value) => (value === 0 ? "0" : value < 1e-3 ? value.toExponential(1).replace(".0e", "e").replace("-", "−") : String(Number(value.toPrecision(3))));

/** @param {Plot} plot @param {number[]} steps @param {number} width @param {(place: number) => void} choose */
function plotFigure(plot, steps, width, choose) {
  const { node: drawn, mark: moveLine } = drawing(plot, steps, width, choose);
  const values = plot.curves.map(() => element("output", { class: "curve-value" }));
  const names = legend(plot.curves) || element("ul", { class: "chart-legend" }, element("li", {}, plot.curves[0].name));
  [...names.children].forEach((item, n) => item.append(values[n]));
  const node = element(
    "figure",
    { class: `card padded chart${plot.curves.length === 1 ? " single" : ""}` },
    element("figcaption", {}, element("h3", {}, plot.title), element("p", { class: "soft small" }, plot.text)),
    drawn,
    names,
    element("div", { class: "chart-foot" }, element("details", {}, element("summary", {}, t("As a table")), tableOf(plot, steps))),
  );
  return {
    node,
    /** @param {number} place */
    mark(place) {
      moveLine(place);
      plot.curves.forEach((curve, n) => (values[n].textContent = shown(curve.values[place], plot.format)));
    },
  };
}

/** @param {number | null | undefined} value @param {(value: number) => string} format */
const shown = (value, format) => (value === null || value === undefined ? "–" : format(value));

/** @param {Plot} plot @param {number[]} steps */
function tableOf({ title, curves: columns, format }, steps) {
  const places = spread(steps.length, TABLE_ROWS);
  const rows = places.map((place) => [whole(steps[place]), ...columns.map(({ values }) => shown(values[place], format))]);
  return chartTable(title, [t("Step"), ...columns.map(({ name }) => name)], rows.reverse());
}

/** @param {Plot} plot @param {number[]} steps @param {number} width @param {(place: number) => void} choose */
function drawing({ title, curves: columns, format }, steps, width, choose) {
  const largest = Math.max(0, ...columns.flatMap(({ values, raw }) => [...values, ...(raw ?? [])].map((value) => value ?? 0)));
  const marks = ticks(largest);
  const y = linear([0, marks[marks.length - 1]], [HEIGHT - BOTTOM, TOP]);
  const last = steps[steps.length - 1];
  const x = linear([0, last], [LEFT, width - RIGHT]);
  const stepMarks = ticks(last, Math.max(2, Math.floor(width / LABEL_WIDTH))).filter((step) => step <= last && Number.isInteger(step));
  const line = svg("line", { class: "curve-look", x1: LEFT, x2: LEFT, y1: TOP, y2: HEIGHT - BOTTOM });
  const node = svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart-drawing curve-drawing", role: "img", "aria-label": t("{title}: the table below holds the same figures.", { title }) },
    ...marks.flatMap((value) => [
      svg("line", { class: "chart-grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      svg("text", { class: "chart-label", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, format(value)),
    ]),
    ...stepMarks.map((step) => svg("text", { class: "chart-label", x: x(step), y: HEIGHT - 7, "text-anchor": x(step) > width - RIGHT - 20 ? "end" : "middle" }, whole(step))),
    line,
    ...columns.flatMap((curve, n) => [...(curve.raw ? lines(curve.raw, n, "curve-raw", steps, x, y) : []), ...lines(curve.values, n, "chart-line", steps, x, y)]),
  );
  node.addEventListener("pointermove", (event) => {
    const { left, width: onScreen } = node.getBoundingClientRect();
    const at = ((/** @type {PointerEvent} */ (event).clientX - left) / onScreen) * width;
    choose(nearest(steps, linear([LEFT, width - RIGHT], [0, last])(at)));
  });
  return {
    node,
    /** @param {number} place */
    mark(place) {
      const at = x(steps[place]).toFixed(1);
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    },
  };
}

/**
 * @param {(number | null)[]} values @param {number} n @param {string} kind @param {number[]} steps
 * @param {(step: number) => number} x @param {(value: number) => number} y
 */
function lines(values, n, kind, steps, x, y) {
  const places = values.flatMap((value, place) => (value === null ? [] : [[x(steps[place]).toFixed(1), y(value).toFixed(1)]]));
  if (places.length === 1) return [svg("circle", { class: `chart-dot series-${n % 8}`, cx: places[0][0], cy: places[0][1], r: 3 })];
  return [svg("polyline", { class: `${kind} series-${n % 8}`, points: places.map((place) => place.join(",")).join(" ") })];
}

/** The slider that reads all curves at one step, for keys as for a pointer. @param {number[]} steps @param {(place: number) => void} onChange */
function stepChoice(steps, onChange) {
  const slider = element("input", { type: "range", id: "curve-step", min: 0, max: Math.max(0, steps.length - 1), value: steps.length - 1, oninput: () => choose(Number(slider.value)) });
  const name = element("output", { class: "number", for: "curve-step" });
  const node = element("div", { class: "curve-step" }, element("label", { for: "curve-step" }, t("Read the curves at step")), slider, name);

  /** @param {number} place */
  function choose(place) {
    slider.value = String(place);
    name.textContent = whole(steps[place]);
    slider.setAttribute("aria-valuetext", t("Step {n}", { n: steps[place] }));
    onChange(place);
  }
  return { node, choose };
}
