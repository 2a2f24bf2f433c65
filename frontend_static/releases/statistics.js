/** A release's statistics beside those of the public datasets. */
import { element } from "../shared/dom.js";
import { whole } from "../shell/formats.js";

/** @typedef {{image_resolution: number, entities_mean: number, entities_max: number, convexity: number, simplicity: number,
 *   valid_area: number}} Statistics */

/** @type {{key: keyof Statistics, label: string, hint: string, show: (value: number) => string}[]} */
const COLUMNS = [
  { key: "image_resolution", label: "Resolution", hint: "√(width · height), mean over images, in pixels", show: (value) => value.toFixed(1) },
  { key: "entities_mean", label: "Entities, mean", hint: "Entities of an image, mean", show: (value) => value.toFixed(1) },
  { key: "entities_max", label: "Entities, most", hint: "Entities of the image that has most", show: whole },
  { key: "convexity", label: "Convexity", hint: "Area over area of the convex hull, mean over entities; lower is more complex", show: (value) => value.toFixed(3) },
  { key: "simplicity", label: "Simplicity", hint: "√(4π · area) over perimeter, mean over entities; lower is more complex", show: (value) => value.toFixed(3) },
  { key: "valid_area", label: "Valid area", hint: "Share of pixels that belong to an entity", show: (value) => value.toFixed(3) },
];

// Qi et al., High-Quality Entity Segmentation, ICCV 2023, table 2.
/** @type {[string, Statistics][]} */
const PUBLISHED = [
  ["COCO", { image_resolution: 522.5, entities_mean: 11.2, entities_max: 95, convexity: 0.758, simplicity: 0.581, valid_area: 0.891 }],
  ["ADE20K", { image_resolution: 461.3, entities_mean: 13.6, entities_max: 255, convexity: 0.802, simplicity: 0.606, valid_area: 0.914 }],
  ["EntitySeg", { image_resolution: 2700.7, entities_mean: 18.1, entities_max: 236, convexity: 0.719, simplicity: 0.538, valid_area: 0.999 }],
];

/** @param {string} name of the release @param {Partial<Statistics>} statistics */
export function statisticsTable(name, statistics) {
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "statistics" },
      element("caption", { class: "visually-hidden" }, "Statistics of this release and of public datasets"),
      element(
        "thead",
        {},
        element("tr", {}, element("th", { scope: "col" }, "Dataset"), ...COLUMNS.map(({ label, hint }) => element("th", { scope: "col", class: "right", title: hint }, label))),
      ),
      element("tbody", {}, line(name, statistics, "highlight"), ...PUBLISHED.map(([dataset, figures]) => line(dataset, figures))),
    ),
  );
}

/** @param {string} name @param {Partial<Statistics>} statistics @param {string} [kind] */
const line = (name, statistics, kind = "") =>
  element(
    "tr",
    { class: kind },
    element("th", { scope: "row" }, name),
    ...COLUMNS.map(({ key, show }) => element("td", { class: "right" }, shown(statistics[key], show))),
  );

/** @param {number | null | undefined} value @param {(value: number) => string} show */
const shown = (value, show) => (typeof value === "number" ? show(value) : "–");
