/** The project dashboard: progress, throughput, proposals, times, coverage and vocabulary over the days chosen. */
import { element, find } from "../shared/dom.js";
import { LANGUAGE, plural, t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { percent, whole } from "../shell/formats.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { totalOf } from "../shell/work_states.js";
import { barChart } from "../plots/bar_chart.js";
import { lineChart } from "../plots/line_chart.js";
import { acceptanceFigure } from "./acceptance.js";
import { columnsByName } from "./columns.js";
import { datasetFigure } from "./dataset.js";
import { duration, hours } from "./durations.js";
import { peopleFigure } from "./people.js";
import { createSpanChoice } from "./span.js";

/** @typedef {{median: number, p90: number} | null} Middle */
/** @typedef {{images: number, image: Middle, mask: Middle}} Times */
/** @typedef {{day: string, username: string, images: number, masks: number, active_ms: number}} ThroughputRow */
/** @typedef {{first: string, last: string, sees_people: boolean, by_state: Record<string, number>,
 *   burn_up: {day: string, images: number, begun: number, submitted: number, accepted: number}[], throughput: ThroughputRow[],
 *   people: import("./people.js").PersonRow[], acceptance: import("./acceptance.js").AcceptanceRow[], times: Times, own_times: Times,
 *   returned: {judged: number, returned: number}, coverage: {day: string, coverage: number}[], vocabulary: {day: string, terms: number}[]}} Figures */
/** @typedef {"masks" | "images" | "hours"} Measure */

const MOST_PEOPLE = 8;
const { project } = pageData();
const host = find("#dashboard");
const DAY = new Intl.DateTimeFormat(LANGUAGE, { month: "short", day: "numeric", timeZone: "UTC" });
/** @param {string} day */
const dayName = (day) => DAY.format(new Date(day));
/** @type {Measure} */
let measure = "masks";
/** @type {Figures | undefined} */
let figures;

const choice = createSpanChoice(() => refresh());
const load = latest((signal) => api.get(`projects/${project}/dashboard${query({ ...choice.span() })}`, { signal }));
/** @param {string} name */
const csv = (name) => `/api/v1/projects/${project}/dashboard/${name}.csv${query({ ...choice.span() })}`;

/** An axis of days. @param {string[]} days @returns {import("../plots/line_chart.js").Across} */
const overDays = (days) => ({ name: t("Day"), values: days.map((_, place) => place), format: (place) => dayName(days[place]) });

function refresh() {
  host.setAttribute("aria-busy", "true");
  return fillOrFail(host, refresh, async () => {
    const answer = await load();
    if (answer) show(answer);
  });
}

/** @param {Figures} answer */
function show(answer) {
  figures = answer;
  if (!totalOf(answer.by_state)) {
    const upload = element("a", { class: "button button-primary", href: `/projects/${project}` }, t("Go to the images"));
    host.replaceChildren(emptyState({ title: t("Nothing to count yet"), text: t("Upload images first. Progress, throughput and what becomes of proposals appear here as soon as people work."), actions: [upload] }));
    return;
  }
  host.replaceChildren(
    facts(answer),
    progress(answer),
    throughput(answer),
    peopleFigure(answer.people, answer.sees_people, csv("people")),
    acceptanceFigure(answer.acceptance, csv("acceptance")),
    datasetFigure(project),
    element("div", { class: "chart-pair" }, coverage(answer), vocabulary(answer)),
  );
}

/** @param {Figures} answer */
function facts({ by_state: states, people, returned, times, own_times: own, sees_people: seesPeople, vocabulary: terms }) {
  const total = totalOf(states);
  const masks = people.reduce((sum, row) => sum + row.masks, 0);
  /** @type {[string, string, string][]} */
  const rows = [
    [t("Accepted"), percent((states.accepted ?? 0) / total, 0), t("{done} of {total} images", { done: whole(states.accepted ?? 0), total: whole(total) })],
    [seesPeople ? t("Masks submitted") : t("Your masks"), whole(masks), t("in these days")],
    [t("Time per image"), times.image ? duration(times.image.median) : "–", spreadText(times.image, own.image, seesPeople)],
    [t("Time per mask"), times.mask ? duration(times.mask.median) : "–", spreadText(times.mask, own.mask, seesPeople)],
    [t("Returned"), returned.judged ? percent(returned.returned / returned.judged, 0) : "–", plural(returned.judged, "of {n} reviewed", "of {n} reviewed")],
    [t("Terms"), whole(terms.at(-1)?.terms ?? 0), t("in the vocabulary")],
  ];
  return element(
    "dl",
    { class: "facts dashboard-facts" },
    ...rows.map(([name, value, hint]) => element("div", {}, element("dt", {}, name), element("dd", {}, value, element("small", { class: "soft" }, hint)))),
  );
}

/** @param {Middle} all @param {Middle} own @param {boolean} seesPeople */
function spreadText(all, own, seesPeople) {
  if (!all) return t("median; nothing submitted yet");
  if (!seesPeople && own) return t("median; yours {time}", { time: duration(own.median) });
  return t("median; 90 % within {time}", { time: duration(all.p90) });
}

/** @param {Figures} answer */
function progress({ burn_up: rows }) {
  const chart = lineChart({
    title: t("Progress"),
    text: t("Images at the end of each day: how many there are, and how many are begun, submitted and accepted."),
    x: overDays(rows.map(({ day }) => day)),
    series: [
      { name: t("Images"), values: rows.map((row) => row.images) },
      { name: t("Begun"), values: rows.map((row) => row.begun) },
      { name: t("Submitted"), values: rows.map((row) => row.submitted) },
      { name: t("Accepted"), values: rows.map((row) => row.accepted) },
    ],
    y: { format: whole },
    csv: csv("progress"),
    empty: t("There were no images in these days."),
  });
  chart.id = "progress";
  return chart;
}

/** @param {Figures} answer */
function throughput(answer) {
  const days = answer.burn_up.map(({ day }) => day);
  const column = { masks: (/** @type {ThroughputRow} */ row) => row.masks, images: (/** @type {ThroughputRow} */ row) => row.images, hours: (/** @type {ThroughputRow} */ row) => hours(row.active_ms) }[measure];
  const chart = barChart({
    title: answer.sees_people ? t("Throughput by day and person") : t("Your throughput by day"),
    text: t("Masks and images count on the day they were first submitted."),
    head: t("Day"),
    names: days.map(dayName),
    series: columnsByName(days, answer.throughput, ({ username }) => username, column, { most: MOST_PEOPLE, rest: t("others") }),
    format: measure === "hours" ? (value) => t("{n} h", { n: value }) : whole,
    csv: csv("throughput"),
    empty: t("Nothing was submitted in these days."),
  });
  chart.querySelector("figcaption")?.append(measureChoice());
  chart.id = "throughput";
  return chart;
}

function measureChoice() {
  /** @type {[Measure, string][]} */
  const measures = [["masks", t("Masks")], ["images", t("Images")], ["hours", t("Active hours")]];
  return element(
    "div",
    { class: "filter-chips", role: "group", "aria-label": t("Show") },
    ...measures.map(([name, label]) =>
      element("button", { type: "button", class: "chip", "aria-pressed": String(name === measure), onclick: () => choose(name, label) }, label),
    ),
  );
}

/** @param {Measure} name @param {string} label */
function choose(name, label) {
  measure = name;
  if (!figures) return;
  const chart = throughput(figures);
  find("#throughput").replaceWith(chart);
  [.../** @type {NodeListOf<HTMLElement>} */ (chart.querySelectorAll(".chip"))].find((chip) => chip.textContent === label)?.focus();
}

/** @param {Figures} answer */
function coverage({ coverage: rows, burn_up: all }) {
  const days = all.map(({ day }) => day);
  const known = new Map(rows.map((row) => [row.day, row.coverage]));
  return lineChart({
    title: t("Coverage"),
    text: t("Share of the submitted pixels that belong to an entity, by day."),
    x: overDays(days),
    series: [{ name: t("Coverage"), values: days.map((day) => known.get(day) ?? null) }],
    y: { format: (value) => percent(value, value > 0.9 && value < 1 ? 1 : 0), most: 1 },
    csv: csv("coverage"),
    empty: t("Nothing was submitted in these days."),
  });
}

/** @param {Figures} answer */
const vocabulary = ({ vocabulary: rows }) =>
  lineChart({
    title: t("Vocabulary"),
    text: t("Terms at the end of each day."),
    x: overDays(rows.map(({ day }) => day)),
    series: [{ name: t("Terms"), values: rows.map((row) => row.terms) }],
    y: { format: whole },
    csv: csv("vocabulary"),
    empty: t("The vocabulary is empty."),
  });

refresh();
