/** The figures a report is read by first, with their 95 % intervals. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { isKnown, points } from "../training/figures.js";
import { headlineMeasures } from "./measures.js";

/** @typedef {import("./figures.js").ReportFigures} ReportFigures */

/** @param {ReportFigures} figures */
export function headline(figures) {
  const values = headlineValues(figures);
  const shown = headlineMeasures(figures.is_disjoint).filter(({ key }) => isKnown(values[key]));
  return element(
    "dl",
    { class: "facts headline" },
    ...shown.map(({ key, name, about }) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, points(values[key]), interval(figures.intervals?.[key]), element("small", { class: "soft" }, about))),
    ),
  );
}

/** @param {ReportFigures} figures @returns {import("./measures.js").Figures} */
export const headlineValues = ({ ap, boundary, panoptic, f1, covering }) => ({
  AP: ap.AP,
  boundary_AP: boundary?.AP,
  PQ: panoptic?.agnostic?.pq,
  F1: f1?.["50"],
  "AR@100": ap["AR@100"],
  covering,
});

/** @param {[number, number] | null | undefined} ends */
function interval(ends) {
  if (!ends || !ends.every(isKnown)) return null;
  const [low, high] = ends.map(points);
  return element("span", { class: "headline-interval number", title: t("95 % interval over images") }, `${low} – ${high}`);
}
