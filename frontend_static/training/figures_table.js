/** What two models score on the same images, one line a figure, with the difference. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { isKnown, knownFigures, points, signed } from "./figures.js";

/** @typedef {import("./figures.js").Figures} Figures */

/** @param {Figures} champion @param {Figures} candidate @param {ReturnType<typeof knownFigures>} [shown] all that either knows, if not given */
export function figuresTable(champion, candidate, shown = knownFigures(champion, candidate)) {
  const heads = [t("Figure"), t("Champion"), t("Candidate"), t("Difference")];
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "figures-table" },
      element("caption", { class: "visually-hidden" }, t("Figures of both models")),
      element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n ? "right" : "" }, name)))),
      element("tbody", {}, ...shown.map((figure) => line(figure, champion[figure.key], candidate[figure.key]))),
    ),
  );
}

/** @param {{name: string, about: string}} figure @param {number | null | undefined} before @param {number | null | undefined} after */
function line({ name, about }, before, after) {
  const difference = isKnown(before) && isKnown(after) ? after - before : null;
  const tone = difference === null || signed(difference) === signed(0) ? "" : difference > 0 ? "gain" : "loss";
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name, element("small", { class: "soft" }, about)),
    element("td", { class: "right" }, points(before)),
    element("td", { class: "right" }, points(after)),
    element("td", { class: `right ${tone}` }, difference === null ? "–" : signed(difference)),
  );
}
