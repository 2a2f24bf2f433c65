/** A preference survey's results: shares of votes, strengths with their intervals, votes on every image. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { section } from "../evaluation/section.js";
import { pictureCards } from "../pictures/cards.js";
import { barChart } from "../plots/bar_chart.js";
import { intervalPlot } from "../plots/interval_plot.js";
import { chartFigure } from "../plots/figure.js";
import { exactly, percent, whole } from "../shell/formats.js";
import { headline } from "./headline.js";
import { pictureItem } from "./set_pictures.js";

/** @typedef {import("./results.js").Results} Results */
/** @typedef {import("./results.js").Votes} Votes */
/** @typedef {import("./results.js").Interval} Interval */
/** @typedef {import("./survey_words.js").SurveyRow} SurveyRow */
/** @typedef {{first: number, second: number, votes: Votes, preferred: number | null, fisher: Interval, bootstrap: Interval, sign_test: number | null}} PairRow */
/** @typedef {{set: number, wins: number, losses: number, ties: number, win_rate: number | null, log_strength: number | null, fisher: Interval, bootstrap: Interval}} SetRow */
/** @typedef {{image: number, file_name: string, first: number, second: number, votes: Votes}} ImageRow */

const SHOWN = 2;
const LONGEST_NAME = 26;

/** @param {SurveyRow} survey @param {Results} told */
export function preferencePlots(survey, told) {
  const pairs = /** @type {PairRow[]} */ (told.pairs).filter(({ votes }) => sum(votes) > 0);
  const names = told.set_labels;
  return [
    section(
      "results",
      t("Results"),
      headline(figures(told, pairs)),
      told.is_bounded === false && element("p", { class: "notice warn" }, t("One set never lost, never won, or every vote saw no difference: the votes alone would put a strength to infinity. Half a vote of each kind was added to every pair.")),
      names.length > 2 && strengthChart(/** @type {SetRow[]} */ (told.sets), names),
      setTable(/** @type {SetRow[]} */ (told.sets), names),
    ),
    ...pairs.map((pair) => ofPair(survey, told, pair)),
  ];
}

/** @param {Votes} votes */
const sum = ({ first, second, same }) => first + second + same;

/** @param {Results} told @param {PairRow[]} pairs @returns {[string, string, string][]} */
function figures({ agreement, same_answers: same, left, set_labels: names, counted_answers: votes }, pairs) {
  const [pair] = pairs;
  /** @type {[string, string, string][]} */
  const rows = [];
  if (pairs.length === 1 && pair.preferred !== null) {
    const isFirst = pair.preferred >= 0.5;
    const interval = pair.bootstrap ?? pair.fisher;
    const shown = interval && (isFirst ? interval : [1 - interval[1], 1 - interval[0]]);
    rows.push([t("{set} preferred", { set: names[isFirst ? pair.first : pair.second] }), percent(isFirst ? pair.preferred : 1 - pair.preferred), shown ? t("{low} to {high} (95 %) of votes that saw a difference", { low: percent(shown[0]), high: percent(shown[1]) }) : t("of votes that saw a difference")]);
    rows.push([t("No difference"), percent(pair.votes.same / sum(pair.votes)), plural(sum(pair.votes), "of {n} vote", "of {n} votes")]);
    rows.push([t("Chance of such votes"), pair.sign_test === null ? "–" : pair.sign_test < 0.001 ? `< ${exactly(0.001, 3)}` : exactly(pair.sign_test, 3), t("without any preference (sign test)")]);
  } else rows.push([t("Votes"), whole(votes), t("of those who count")]);
  if (typeof same === "number") rows.push([t("Two people say the same"), percent(same), agreement === null ? t("of one image") : t("of one image; Krippendorff’s α {alpha}: 1 all agree, 0 as by chance", { alpha: exactly(agreement, 2) })]);
  if (left && left.share !== null && left.interval) rows.push([t("Left side chosen"), percent(left.share), t("{low} to {high}; 50 % if sides do not matter", { low: percent(left.interval[0]), high: percent(left.interval[1]) })]);
  return rows;
}

/** How far from even a pair is. @param {PairRow} pair @param {string[]} names */
function pairChart({ first, second, preferred, bootstrap, fisher }, names) {
  if (preferred === null) return null;
  const [low, high] = bootstrap ?? fisher ?? [preferred, preferred];
  const title = t("Which is preferred");
  return chartFigure(
    { title, text: t("Share of {first} among votes that saw a difference, by the Bradley–Terry model with ties; 95 % intervals by resampling participants.", { first: names[first] }) },
    {
      drawing: intervalPlot({
        label: title, rows: [{ name: names[first], value: preferred - 0.5, low: low - 0.5, high: high - 0.5 }],
        format: (value) => percent(value + 0.5, 0), marks: [-0.5, -0.25, 0, 0.25, 0.5], sides: [shortened(names[second]), shortened(names[first])],
      }),
      table: { heads: ["", t("Preferred"), t("95 % by resampling"), t("95 % by Fisher")], rows: [[names[first], percent(preferred), range(bootstrap, percent), range(fisher, percent)]] },
    },
  );
}

/** @param {SetRow[]} sets @param {string[]} names */
function strengthChart(sets, names) {
  const rows = sets.filter(({ log_strength: strength }) => strength !== null).map((row) => {
    const [low, high] = row.bootstrap ?? row.fisher ?? [row.log_strength, row.log_strength];
    return { name: shortened(names[row.set]), value: /** @type {number} */ (row.log_strength), low: /** @type {number} */ (low), high: /** @type {number} */ (high) };
  });
  if (!rows.length) return null;
  return chartFigure(
    { title: t("Strengths"), text: t("Log strengths, their mean 0; a difference of 1.1 is three votes to one.") },
    { drawing: intervalPlot({ label: t("Strengths"), rows: rows.sort((a, b) => b.value - a.value), format: (value) => exactly(value, 1) }) },
  );
}

/** As much of a name as fits beside a plot. @param {string} name */
const shortened = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

/** @param {Interval} interval @param {(value: number) => string} format */
const range = (interval, format) => (interval ? `${format(interval[0])} – ${format(interval[1])}` : "–");

/** @param {SetRow[]} sets @param {string[]} names */
function setTable(sets, names) {
  const heads = [t("Set"), t("Preferred"), t("No difference"), t("Not preferred"), t("Win rate"), t("Log strength"), t("95 % by resampling"), t("95 % by Fisher")];
  const number = (/** @type {number} */ value) => exactly(value, 2);
  return element(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("Table of sets") },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n ? "right" : "" }, name)))),
      element("tbody", {}, ...sets.map((row) =>
        element("tr", {}, element("th", { scope: "row" }, names[row.set]), ...[whole(row.wins), whole(row.ties), whole(row.losses), row.win_rate === null ? "–" : percent(row.win_rate), row.log_strength === null ? "–" : number(row.log_strength), range(row.bootstrap, number), range(row.fisher, number)].map((text) => element("td", { class: "right" }, text))),
      )),
    ),
  );
}

/** Votes of one pair on every image. @param {SurveyRow} survey @param {Results} told @param {PairRow} pair */
function ofPair(survey, told, pair) {
  const { first, second } = pair;
  /** @type {ImageRow[]} */
  const images = told.by_image.filter((row) => row.first === first && row.second === second);
  const names = told.set_labels;
  const shares = (/** @type {keyof Votes} */ side) => images.map(({ votes }) => votes[side] / sum(votes));
  const items = images.map((row) => pictureItem(survey, row, t("{first} to {second}, {same} no difference", { first: row.votes.first, second: row.votes.second, same: row.votes.same }), [first, second]));
  const few = Math.min(SHOWN, Math.floor(items.length / 2));
  return section(
    `pair-${first}-${second}`,
    t("{first} and {second}", { first: names[first], second: names[second] }),
    pairChart(pair, names),
    element("div", { class: "votes-chart" }, barChart({
      title: t("Share of votes on each image"), text: t("From where {second} is preferred most to where {first} is.", { first: names[first], second: names[second] }), head: t("Image"),
      names: images.map(({ file_name: name }) => name),
      series: [{ name: names[first], values: shares("first") }, { name: t("No difference"), values: shares("same") }, { name: names[second], values: shares("second") }],
      format: (value) => percent(value, 0), most: 1,
    })),
    few > 0 && element("h3", { class: "group-name" }, t("Where {set} is preferred most", { set: names[first] })),
    few > 0 && pictureCards(items, items.slice(-few).reverse()),
    few > 0 && element("h3", { class: "group-name" }, t("Where {set} is preferred most", { set: names[second] })),
    few > 0 && pictureCards(items, items.slice(0, few)),
  );
}
