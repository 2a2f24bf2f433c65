/** The curves of a training run: losses and learning rate over its steps, read at one step for all of them. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { readableChart } from "../plots/line_chart.js";
import { nearest, ticks } from "../plots/scales.js";
import { whole } from "../shell/formats.js";
import { smoothed, reachFor } from "./smoothing.js";
import { lossName, termsOf } from "./loss_names.js";

/** @typedef {{step: number, loss: number, learning_rate?: number, seconds_per_step?: number, [term: string]: number | undefined}} MetricRow */
/** @typedef {{title: string, text: string, curves: import("../plots/line_chart.js").Series[], format: (value: number) => string}} Plot */

const HEIGHT = 230;
const LABEL_WIDTH = 95;

/**
 * Curves that can be shown again with more rows: the step read, open tables and the keyboard's place stay.
 * @param {HTMLElement} host
 */
export function createCurves(host) {
  /** @type {number | null} the step somebody chose; null: the last one */
  let read = null;
  return {
    /** @param {MetricRow[]} rows at least one */
    show(rows) {
      const steps = rows.map(({ step }) => step);
      const isOpen = [...host.querySelectorAll("details")].map(({ open }) => open);
      const hadFocus = document.activeElement instanceof HTMLInputElement && host.contains(document.activeElement);
      /** @type {((place: number) => void)[]} */
      const markers = [];
      const slider = stepChoice(steps, (place) => {
        read = place === steps.length - 1 ? null : steps[place];
        markers.forEach((mark) => mark(place));
      });
      host.replaceChildren(...figures(rows, steps, slider.choose, markers), ...(steps.length > 1 ? [slider.node] : []));
      host.querySelectorAll("details").forEach((table, n) => (table.open = isOpen[n] ?? false));
      slider.choose(read === null ? steps.length - 1 : nearest(steps, read));
      if (hadFocus) slider.node.querySelector("input")?.focus();
    },
  };
}

/**
 * @param {MetricRow[]} rows @param {number[]} steps
 * @param {(place: number) => void} choose @param {((place: number) => void)[]} markers is filled
 */
function figures(rows, steps, choose, markers) {
  const [total, terms, rate] = plotsOf(rows);
  const draw = (/** @type {Plot} */ plot) => {
    const { node, read } = readableChart({ title: plot.title, text: plot.text, x: stepAxis(steps), y: { format: plot.format }, series: plot.curves, height: HEIGHT }, choose);
    markers.push(read);
    return node;
  };
  const pair = [terms.curves.length > 0 && draw(terms), rate && draw(rate)];
  return [draw(total), element("div", { class: "chart-pair" }, ...pair)];
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

/** @param {number[]} steps @returns {import("../plots/line_chart.js").Across} */
function stepAxis(steps) {
  const last = steps[steps.length - 1];
  const marks = (/** @type {number} */ width) => ticks(last, Math.max(2, Math.floor(width / LABEL_WIDTH))).filter((step) => step <= last && Number.isInteger(step));
  return { name: t("Step"), values: steps, format: whole, from: 0, marks };
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
