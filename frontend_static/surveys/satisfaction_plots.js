/** A satisfaction survey's results: the score, histograms, and every image from the least liked to the most. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { section } from "../evaluation/section.js";
import { pictureCards } from "../pictures/cards.js";
import { barChart } from "../plots/bar_chart.js";
import { rangeChart } from "../plots/range_chart.js";
import { exactly, whole } from "../shell/formats.js";
import { pictureItem } from "./set_pictures.js";
import { headline } from "./headline.js";

/** @typedef {import("./results.js").Results} Results */
/** @typedef {{image: number, file_name: string, answers: number, mean: number, min: number, median: number, max: number}} ImageRow */

const SCORES = Array.from({ length: 11 }, (_, score) => String(score));
const SHOWN = 4;

/** @param {import("./survey_words.js").SurveyRow} survey @param {Results} told */
export function satisfactionPlots(survey, told) {
  const { score, histogram = [], people_histogram: people = [], agreement } = told;
  /** @type {ImageRow[]} */
  const images = told.by_image;
  return [
    section(
      "results",
      t("Results"),
      headline([
        [t("Mean score"), exactly(score.mean, 2), score.low === null ? t("one participant: no interval") : t("{low} to {high} (95 %, over participants)", { low: exactly(score.low, 2), high: exactly(score.high, 2) })],
        [t("Median"), exactly(score.median, 1), plural(told.counted_answers, "of {n} answer", "of {n} answers")],
        [t("Agreement"), agreement === null ? "–" : exactly(agreement, 2), t("Krippendorff’s α: 1 all agree, 0 as by chance")],
      ]),
      element(
        "div",
        { class: "plot-pair" },
        barChart({ title: t("Scores"), text: t("How often each score was given."), head: t("Score"), names: SCORES, series: [{ name: t("Answers"), values: histogram }], format: whole, label: t("Score") }),
        barChart({ title: t("Participants"), text: t("How many participants have which mean score, rounded."), head: t("Mean score"), names: SCORES, series: [{ name: t("Participants"), values: people }], format: whole, label: t("Mean score") }),
      ),
      rangeChart({
        title: t("Score of each image"), text: t("Minimum, median and maximum over participants, from the lowest median to the highest."), head: t("Image"),
        rows: images.map(({ file_name: name, min, median, max }) => ({ name, low: min, middle: median, high: max })),
        format: (value) => exactly(value, Number.isInteger(value) ? 0 : 1), from: 0, to: 10, label: t("Image"),
      }),
    ),
    pictured(survey, images),
  ];
}

/** Cards of one picture each. @type {typeof pictureCards} */
function narrowCards(items, shown) {
  const list = pictureCards(items, shown);
  list.classList.add("narrow");
  return list;
}

/** @param {import("./survey_words.js").SurveyRow} survey @param {ImageRow[]} images */
function pictured(survey, images) {
  const items = images.map((row) => pictureItem(survey, row, t("median {median}, {min} to {max}, {n} answers", { median: exactly(row.median, 1), min: row.min, max: row.max, n: row.answers })));
  const few = Math.min(SHOWN, Math.floor(items.length / 2));
  if (!few) return section("images", t("Images"), narrowCards(items));
  return section(
    "images",
    t("Images"),
    element("h3", {}, t("Least satisfying")),
    narrowCards(items, items.slice(0, few)),
    element("h3", { class: "group-name" }, t("Most satisfying")),
    narrowCards(items, items.slice(-few).reverse()),
  );
}
