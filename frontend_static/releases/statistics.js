/** A release's figures: the table beside the public datasets, and the distributions behind it. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { exactly, percent, whole } from "../shell/formats.js";

/** @typedef {{image_resolution: number | null, entities_mean: number | null, entities_max: number | null, convexity: number | null,
 *   simplicity: number | null, valid_area: number | null}} Figures null: not known yet */
/** @typedef {{edges: number[], counts: number[]}} Histogram counts of values from one edge to the next; the last bin is open */
/** @typedef {Figures & {images: number, masks: number, splits: Record<string, number>, terms: [string, number][],
 *   resolution_histogram: Histogram, entities_histogram: Histogram, published: Record<string, Figures>}} Statistics */

const MOST_TERMS = 12;
/** @param {number} value */
const oneDigit = (value) => exactly(value, 1);
/** @param {number} value */
const threeDigits = (value) => exactly(value, 3);

/** @type {{key: keyof Figures, label: string, hint: string, show: (value: number) => string}[]} */
const COLUMNS = [
  { key: "image_resolution", label: t("Resolution"), hint: t("√(width · height) in pixels, mean over images"), show: oneDigit },
  { key: "entities_mean", label: t("Entities, mean"), hint: t("Entities of an image, mean over images"), show: oneDigit },
  { key: "entities_max", label: t("Entities, most"), hint: t("Entities of the image that has most"), show: whole },
  { key: "convexity", label: t("Convexity"), hint: t("Area over area of the convex hull, mean over entities; lower is more complex"), show: threeDigits },
  { key: "simplicity", label: t("Simplicity"), hint: t("√(4π · area) over perimeter, mean over entities; lower is more complex"), show: threeDigits },
  { key: "valid_area", label: t("Valid area"), hint: t("Share of pixels that belong to an entity"), show: threeDigits },
];

/** @param {string} name of the first line @param {Figures & {published: Record<string, Figures>}} statistics @param {string} caption */
export function statisticsTable(name, statistics, caption) {
  const heads = COLUMNS.map(({ label, hint }) => element("th", { scope: "col", class: "right", title: hint }, label));
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "statistics" },
      element("caption", { class: "visually-hidden" }, caption),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t("Dataset")), ...heads)),
      element("tbody", {}, line(name, statistics, "highlight"), ...Object.entries(statistics.published).map(([dataset, figures]) => line(dataset, figures))),
    ),
  );
}

/** @param {number | null} value @param {(value: number) => string} show */
const shown = (value, show) => (value === null ? "–" : show(value));

/** @param {string} name @param {Figures} figures @param {string} [kind] */
const line = (name, figures, kind = "") =>
  element(
    "tr",
    { class: kind },
    element("th", { scope: "row" }, name),
    ...COLUMNS.map(({ key, show }) => element("td", { class: "right" }, shown(figures[key], show))),
  );

/** How many images each split has. @param {Statistics} statistics */
export const splitsText = ({ splits }) =>
  Object.entries(splits).map(([split, count]) => `${whole(count)} ${split || t("without split")}`).join(" · ");

/** @param {Statistics} statistics */
export function distributions(statistics) {
  return element(
    "div",
    { class: "distributions" },
    histogram(t("Entities of an image"), statistics.entities_histogram),
    histogram(t("Resolution, √(width · height) in pixels"), statistics.resolution_histogram),
    termBars(statistics),
  );
}

/** @param {string} title @param {Histogram} histogram */
function histogram(title, { edges, counts }) {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const rows = counts.slice(first, last + 1).map((count, index) => {
    const from = edges[first + index];
    const to = edges[first + index + 1];
    return /** @type {[string, number]} */ ([to === undefined ? t("{n} and more", { n: from }) : to - from === 1 ? whole(from) : `${whole(from)}–${whole(to - 1)}`, count]);
  });
  return bars(title, first < 0 ? [] : rows, (/** @type {number} */ n) => plural(n, "{n} image", "{n} images"));
}

/** @param {Statistics} statistics */
function termBars({ terms, masks }) {
  const shown = terms.slice(0, MOST_TERMS);
  const rest = terms.length - shown.length;
  const title = rest > 0 ? plural(terms.length, "Most frequent of {n} term", "Most frequent of {n} terms") : t("Terms");
  return bars(title, shown, (/** @type {number} */ n) => plural(n, "{n} mask", "{n} masks"), masks);
}

/** @param {string} title @param {[string, number][]} rows @param {(n: number) => string} counted @param {number} [total] */
function bars(title, rows, counted, total = 0) {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return element(
    "figure",
    { class: "card padded bars" },
    element("figcaption", {}, title),
    rows.length
      ? element("dl", {}, ...rows.flatMap(([label, count]) => bar(label, count, count / most, [counted(count), total && percent(count / total)].filter(Boolean).join(", "))))
      : element("p", { class: "soft" }, t("None.")),
  );
}

/** @param {string} label @param {number} count @param {number} share of the longest bar @param {string} title */
function bar(label, count, share, title) {
  const fill = element("i", { "aria-hidden": "true" });
  fill.style.width = `${share * 100}%`;
  return [element("dt", {}, label), element("dd", { title }, element("span", { class: "track" }, fill), element("b", {}, whole(count)))];
}
