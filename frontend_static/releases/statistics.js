/** A release's figures: the table beside the public datasets, and the distributions behind it. */
import { element } from "../shared/dom.js";
import { counted, percent, whole } from "../shell/formats.js";

/** @typedef {{image_resolution: number, entities_mean: number, entities_max: number, convexity: number, simplicity: number,
 *   valid_area: number}} Figures */
/** @typedef {{edges: number[], counts: number[]}} Histogram counts of values from one edge to the next; the last bin is open */
/** @typedef {Figures & {images: number, masks: number, splits: Record<string, number>, terms: [string, number][],
 *   resolution_histogram: Histogram, entities_histogram: Histogram, published: Record<string, Figures>}} Statistics */

const MOST_TERMS = 12;
/** @param {number} value */
const oneDigit = (value) => value.toFixed(1);
/** @param {number} value */
const threeDigits = (value) => value.toFixed(3);

/** @type {{key: keyof Figures, label: string, hint: string, show: (value: number) => string}[]} */
const COLUMNS = [
  { key: "image_resolution", label: "Resolution", hint: "√(width · height) in pixels, mean over images", show: oneDigit },
  { key: "entities_mean", label: "Entities, mean", hint: "Entities of an image, mean over images", show: oneDigit },
  { key: "entities_max", label: "Entities, most", hint: "Entities of the image that has most", show: whole },
  { key: "convexity", label: "Convexity", hint: "Area over area of the convex hull, mean over entities; lower is more complex", show: threeDigits },
  { key: "simplicity", label: "Simplicity", hint: "√(4π · area) over perimeter, mean over entities; lower is more complex", show: threeDigits },
  { key: "valid_area", label: "Valid area", hint: "Share of pixels that belong to an entity", show: threeDigits },
];

/** @param {string} name of the release @param {Statistics} statistics */
export function statisticsTable(name, statistics) {
  const heads = COLUMNS.map(({ label, hint }) => element("th", { scope: "col", class: "right", title: hint }, label));
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "statistics" },
      element("caption", { class: "visually-hidden" }, "Statistics of this release and of public datasets"),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Dataset"), ...heads)),
      element("tbody", {}, line(name, statistics, "highlight"), ...Object.entries(statistics.published).map(([dataset, figures]) => line(dataset, figures))),
    ),
  );
}

/** @param {string} name @param {Figures} figures @param {string} [kind] */
const line = (name, figures, kind = "") =>
  element(
    "tr",
    { class: kind },
    element("th", { scope: "row" }, name),
    ...COLUMNS.map(({ key, show }) => element("td", { class: "right" }, show(figures[key]))),
  );

/** How many images each split has. @param {Statistics} statistics */
export const splitsText = ({ splits }) =>
  Object.entries(splits).map(([split, count]) => `${whole(count)} ${split || "without split"}`).join(" · ");

/** @param {Statistics} statistics */
export function distributions(statistics) {
  return element(
    "div",
    { class: "distributions" },
    histogram("Entities of an image", statistics.entities_histogram),
    histogram("Resolution, √(width · height) in pixels", statistics.resolution_histogram),
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
    return /** @type {[string, number]} */ ([to === undefined ? `${whole(from)} and more` : to - from === 1 ? whole(from) : `${whole(from)}–${whole(to - 1)}`, count]);
  });
  return bars(title, first < 0 ? [] : rows, "image");
}

/** @param {Statistics} statistics */
function termBars({ terms, masks }) {
  const shown = terms.slice(0, MOST_TERMS);
  const rest = terms.length - shown.length;
  const title = rest > 0 ? `Most frequent of ${counted(terms.length, "term")}` : "Terms";
  return bars(title, shown, "mask", masks);
}

/** @param {string} title @param {[string, number][]} rows @param {string} noun @param {number} [total] */
function bars(title, rows, noun, total = 0) {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return element(
    "figure",
    { class: "card padded bars" },
    element("figcaption", {}, title),
    rows.length
      ? element("dl", {}, ...rows.flatMap(([label, count]) => bar(label, count, count / most, total ? `${counted(count, noun)}, ${percent(count / total)}` : counted(count, noun))))
      : element("p", { class: "soft" }, "None."),
  );
}

/** @param {string} label @param {number} count @param {number} share of the longest bar @param {string} title */
function bar(label, count, share, title) {
  const fill = element("i", { "aria-hidden": "true" });
  fill.style.width = `${share * 100}%`;
  return [element("dt", {}, label), element("dd", { title }, element("span", { class: "track" }, fill), element("b", {}, whole(count)))];
}
