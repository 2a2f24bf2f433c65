/** One person over time: what they did by day, their control charts and the honeypots they met. */
import { barChart } from "../plots/bar_chart.js";
import { controlChart } from "../plots/control_chart.js";
import { element } from "../shared/dom.js";
import { LANGUAGE, plural, t } from "../shared/translate.js";
import { day, percent, whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { CHARTS, orDash, RULES, twoDigits } from "./words.js";

/** @typedef {{at: string, size: number, raw: number, value: number, low: number | null, high: number | null, rules: string[]}} ChartPoint */
/** @typedef {{measure: string, chart: string, side: number, least_points: number, enough: number,
 *   usual: {centre: number, sigma: number, points: number, left_out: number} | null, centre: number | null, points: ChartPoint[]}} Chart */
/** @typedef {{honeypot: number, image: number, file_name: string, state: string, annotation: number | null, trusted: number | null, scored_at: string,
 *   pq: number, boundary: number | null, missing: number, extra: number, found: number, passed: boolean}} Result */
/** @typedef {{username: string, name: string, figures: import("./quality.js").PersonRow | null, days: ({day: string, masks: number})[],
 *   charts: Chart[], honeypots?: Result[]}} Person */

const SHORT_DAY = new Intl.DateTimeFormat(LANGUAGE, { month: "short", day: "numeric", timeZone: "UTC" });
/** @param {string} moment */
const shortDay = (moment) => SHORT_DAY.format(new Date(moment));

/** @param {Person} person @param {(() => void) | null} close */
export function personView(person, close) {
  const days = person.days.filter((row) => row.masks > 0);
  return element(
    "section",
    { class: "person", "aria-labelledby": "person-name" },
    element(
      "header",
      { class: "person-head" },
      element("h3", { id: "person-name", tabindex: "-1" }, person.name),
      close && element("button", { type: "button", class: "button button-small", onclick: close }, spriteIcon("close"), t("Close")),
    ),
    barChart({
      title: t("Masks by day"),
      text: t("On the day they were first submitted, UTC."),
      names: days.map((row) => shortDay(row.day)),
      head: t("Day"),
      series: [{ name: t("Masks"), values: days.map((row) => row.masks) }],
      format: whole,
      height: 170,
      empty: t("Nothing was submitted in these days."),
    }),
    element("div", { class: "chart-pair" }, ...person.charts.map(chartOf)),
    person.honeypots && resultsTable(person.honeypots),
  );
}

/** @param {Chart} chart */
function chartOf(chart) {
  const words = CHARTS[chart.measure];
  return controlChart({
    title: words.name(),
    text: `${words.about()} ${limitsText(chart)}`,
    points: chart.points.map(({ at, value, low, high, rules }) => ({ name: shortDay(at), value, low, high, alarm: rules.map((rule) => RULES[rule]()).join(", ") || undefined })),
    center: chart.centre,
    format: words.format,
    head: t("Until"),
    valueName: words.valueName(),
    to: words.to,
    empty: chart.measure === "honeypots" ? t("No honeypot was met in these days.") : plural(chart.enough, "There is no point yet: one needs {n}.", "There is no point yet: one needs {n}."),
  });
}

/** @param {Chart} chart */
function limitsText({ usual, least_points: least }) {
  if (!usual) return plural(least, "Limits are drawn as soon as the project has {n} point.", "Limits are drawn as soon as the project has {n} points.");
  const from = plural(usual.points, "Limits come from {n} point of everybody's last year", "Limits come from {n} points of everybody's last year");
  return usual.left_out ? `${from}; ${plural(usual.left_out, "{n} beyond them was left out.", "{n} beyond them were left out.")}` : `${from}.`;
}

/** @param {Result[]} results */
function resultsTable(results) {
  const title = t("Honeypots met");
  if (!results.length) return element("p", { class: "soft small" }, t("No honeypot has been scored yet."));
  const heads = [t("Image"), t("Day"), "PQ", t("Found"), t("Missing"), t("Extra"), t("Boundaries"), t("Result")];
  return element(
    "figure",
    { class: "card padded chart" },
    element("figcaption", {}, element("h3", {}, title), element("p", { class: "soft small" }, t("Found, missing and extra are entities against the trusted map; boundaries is the share of those found whose outline agrees too (boundary IoU above .5)."))),
    element(
      "div",
      { class: "table-scroll", tabindex: "0", role: "region", "aria-label": title },
      element(
        "table",
        {},
        element("caption", { class: "visually-hidden" }, title),
        element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n > 1 && n < 7 ? "right" : "" }, name)))),
        element("tbody", {}, ...results.map(resultLine)),
      ),
    ),
  );
}

/** @param {Result} result */
function resultLine(result) {
  const tone = result.state === "doubtful" ? "" : result.passed ? "good" : "bad";
  const verdict = result.state === "doubtful" ? t("Not counted: doubtful") : result.passed ? t("Passed") : t("Failed");
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("a", { href: result.annotation ? `/annotate/${result.annotation}` : `/images/${result.image}` }, result.file_name)),
    element("td", {}, day(result.scored_at)),
    ...[twoDigits(result.pq), whole(result.found), whole(result.missing), whole(result.extra), orDash(result.boundary, (value) => percent(value, 0))].map((text) => element("td", { class: "right" }, text)),
    element("td", {}, element("span", { class: `badge ${tone}` }, verdict)),
  );
}
