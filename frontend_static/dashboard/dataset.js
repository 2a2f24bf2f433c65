/** What is accepted so far as a dataset: size and intricacy of its entities, beside public datasets. */
import { statisticsTable } from "../releases/statistics.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { failedState } from "../shell/empty.js";
import { whole } from "../shell/formats.js";
import { api } from "../shell/page.js";

/** @typedef {import("../releases/statistics.js").Figures} Figures */
/** @typedef {Figures & {images: number, masks: number, shaped: number, published: Record<string, Figures>}} Dataset shaped: masks whose shape is known */

/** Filled by itself: counting may take longer than the rest of the page. @param {number} project */
export function datasetFigure(project) {
  const body = element("div", { "aria-busy": "true" });
  const figure = element(
    "figure",
    { class: "card padded chart" },
    element(
      "figcaption",
      {},
      element("h3", {}, t("The dataset so far")),
      element("p", { class: "soft small" }, t("What is accepted now, beside the figures of public datasets (Qi et al., High-Quality Entity Segmentation, ICCV 2023, table 2). Lower convexity and simplicity mean more intricate shapes.")),
    ),
    body,
  );
  async function fill() {
    try {
      body.replaceChildren(...content(await api.get(`projects/${project}/statistics`)));
    } catch (problem) {
      body.replaceChildren(failedState(problem, fill));
    }
    body.removeAttribute("aria-busy");
  }
  fill();
  return figure;
}

/** @param {Dataset} dataset */
function content(dataset) {
  if (!dataset.images) return [element("p", { class: "chart-empty soft" }, t("Nothing is accepted yet."))];
  const missing = t("The shapes of {n} of {all} masks are known so far; the others follow by themselves.", { n: whole(dataset.shaped), all: whole(dataset.masks) });
  return [
    statisticsTable(t("This project"), dataset, t("This project and public datasets")),
    ...(dataset.shaped < dataset.masks ? [element("p", { class: "soft small" }, missing)] : []),
  ];
}
