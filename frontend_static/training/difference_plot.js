/** A difference of APᵉ with its 95 % interval, drawn beside the line of no difference. */
import { t } from "../shared/translate.js";
import { intervalPlot } from "../plots/interval_plot.js";
import { symmetricTicks } from "../plots/scales.js";
import { exactly } from "../shell/formats.js";
import { signed } from "./figures.js";

/**
 * @param {{difference: number, interval: [number, number]}} verdict shares: candidate less champion
 * @param {[left: string, right: string]} sides
 */
export function differencePlot({ difference, interval: [low, high] }, sides) {
  const label = t("Difference of APᵉ {difference}, 95 % interval from {low} to {high}", { difference: signed(difference), low: signed(low), high: signed(high) });
  const row = { name: "", value: 100 * difference, low: 100 * low, high: 100 * high, about: label, tone: toneOf(low, high) };
  return intervalPlot({ label, rows: [row], format: pointsName, marks: symmetricTicks([row.value, row.low, row.high]), sides, caption: label });
}

/** @param {number} low @param {number} high @returns {"better" | "worse" | ""} */
export const toneOf = (low, high) => (low > 0 ? "better" : high < 0 ? "worse" : "");

/** "+2", "−0.5": points of 100. @param {number} value */
export const pointsName = (value) => (value === 0 ? "0" : `${value > 0 ? "+" : "−"}${exactly(Math.abs(value), Number.isInteger(value) ? 0 : 1)}`);
