/** The comparisons of a project's reports, newest first. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { ago } from "../shell/formats.js";
import { signed } from "../training/figures.js";
import { comparisonAddress, workBadge } from "./report_row.js";
import { section } from "./section.js";

/** @typedef {{first: number | null, second: number | null, difference: number | null, low: number | null, high: number | null, probability: number | null}} ComparedMeasure */
/**
 * @typedef {object} ComparisonRow
 * @property {number} id
 * @property {number} project
 * @property {{id: number, name: string}} first
 * @property {{id: number, name: string}} second
 * @property {import("./report_row.js").WorkState} state
 * @property {number | null} request
 * @property {number} images
 * @property {{images?: number, measures?: Record<string, ComparedMeasure>, changed?: ChangedImage[]}} figures
 * @property {string} verdict
 * @property {string} error
 * @property {string | null} created_by
 * @property {string} created_at
 * @property {string | null} finished_at
 */
/** @typedef {{image: number, file_name: string, first: number | null, second: number | null}} ChangedImage of AP */

/** @param {ComparisonRow[]} comparisons */
export const comparisonList = (comparisons) => (comparisons.length ? [section("comparisons-list", t("Comparisons"), element("ul", { class: "comparison-list" }, ...comparisons.map(line)))] : []);

/** @param {ComparisonRow} comparison */
function line(comparison) {
  const { first, second, state, figures, created_at: created } = comparison;
  const difference = figures.measures?.AP?.difference;
  return element(
    "li",
    { class: "card comparison-row" },
    element("a", { class: "grow", href: comparisonAddress(comparison) }, t("{first} and {second}", { first: first.name, second: second.name })),
    state === "succeeded" ? typeof difference === "number" && element("span", { class: "number" }, `AP ${signed(difference)}`) : workBadge(state),
    element("span", { class: "soft small" }, ago(created)),
  );
}
