/** Two reports beside each other: the verdict, every measure's difference with its interval, and the images that changed most. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { intervalPlot } from "../plots/interval_plot.js";
import { symmetricTicks } from "../plots/scales.js";
import { pictureCards } from "../pictures/cards.js";
import { fillOrFail } from "../shell/empty.js";
import { moment, percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData } from "../shell/page.js";
import { busyWhile } from "../shell/toast.js";
import { pointsName, toneOf } from "../training/difference_plot.js";
import { isKnown, points, signed } from "../training/figures.js";
import { figureTable } from "./figure_table.js";
import { comparedNames } from "./measures.js";
import { isOpen, reportAddress, workBadge } from "./report_row.js";
import { section } from "./section.js";

/** @typedef {import("./comparison_list.js").ComparisonRow} ComparisonRow */
/** @typedef {import("./comparison_list.js").ComparedMeasure} ComparedMeasure */
/** @typedef {import("./comparison_list.js").ChangedImage} ChangedImage */

const POLL_MS = 2000;
const { project, comparison: id, canCurate } = pageData();
const host = find("#comparison");

const load = latest((signal) => api.get(`evaluation-comparisons/${id}`, { signal }));

function refresh() {
  return fillOrFail(host, refresh, async () => {
    /** @type {ComparisonRow | undefined} */
    const comparison = await load();
    if (comparison) show(comparison);
  });
}

function again() {
  window.setTimeout(() => (document.hidden ? again() : refresh()), POLL_MS);
}

/** @param {ComparisonRow} comparison */
function show(comparison) {
  if (isOpen(comparison)) again();
  host.replaceChildren(head(comparison), ...(comparison.state === "succeeded" ? content(comparison) : [state(comparison)]));
}

/** @param {ComparisonRow} comparison */
function head(comparison) {
  const { first, second, state: where, images, created_by: by, created_at: created } = comparison;
  const remove = element("button", { type: "button", class: "button button-quiet" }, spriteIcon("trash"), t("Delete"));
  remove.addEventListener("click", () => busyWhile(remove, askDelete));
  return element(
    "header",
    { class: "report-head" },
    element(
      "div",
      {},
      element("h2", {}, t("Comparison of two reports"), workBadge(where)),
      element("p", { class: "soft small" }, [by && t("asked for by {name}", { name: by }), moment(created), images > 0 && plural(images, "{n} image that both measured against the same truth", "{n} images that both measured against the same truth")].filter(Boolean).join(" · ")),
      element("dl", { class: "compared" }, side("A", first), side("B", second)),
    ),
    canCurate && !isOpen(comparison) && element("div", { class: "actions" }, remove),
  );
}

async function askDelete() {
  const answer = await askChoice({
    title: t("Delete this comparison?"),
    body: [element("p", {}, t("Both reports stay; they can be compared again."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Delete"), value: "delete", kind: "danger" }],
  });
  if (answer !== "delete") return;
  await api.remove(`evaluation-comparisons/${id}`);
  location.assign(`/projects/${project}/evaluation`);
}

/** @param {string} letter @param {{id: number, name: string}} report */
const side = (letter, { id: report, name }) => element("div", {}, element("dt", {}, letter), element("dd", {}, element("a", { href: reportAddress({ project, id: report }) }, name)));

/** @param {ComparisonRow} comparison */
function state(comparison) {
  if (isOpen(comparison)) return element("div", { class: "card padded" }, element("p", { role: "status" }, t("Both are being compared by resampling their images.")), element("progress", { "aria-label": t("Comparing") }));
  return element("div", { class: "notice bad", role: "alert" }, spriteIcon("warning"), element("p", {}, comparison.error || t("The comparison could not be worked out.")));
}

/** @param {ComparisonRow} comparison */
function content({ figures, verdict, first, second }) {
  const names = comparedNames();
  const measures = Object.entries(figures.measures ?? {}).filter(([, { first: a, second: b }]) => isKnown(a) || isKnown(b));
  const tone = figures.measures?.AP ? toneOf(figures.measures.AP.low ?? 0, figures.measures.AP.high ?? 0) : "";
  const changed = figures.changed ?? [];
  return [
    verdict && element("div", { class: `card padded comparison-verdict ${tone}` }, element("h3", {}, t("Verdict")), element("p", {}, verdict)),
    section("differences", t("Differences"), element("p", { class: "soft" }, t("B less A. The bar holds 95 % of the resamples of the common images: where it leaves zero out, the difference is not chance.")), plot(measures, names), differenceTable(measures, names)),
    changed.length > 0 && section("changed", t("Images that changed most"), pictureCards(changed.map((row) => itemOf(row, first.id, second.id)))),
  ].filter((node) => node instanceof HTMLElement);
}

/** @param {[string, ComparedMeasure][]} measures @param {Record<string, string>} names */
function plot(measures, names) {
  const rows = measures.flatMap(([key, { difference, low, high }]) =>
    difference === null || low === null || high === null
      ? []
      : [{ name: names[key] ?? key, value: 100 * difference, low: 100 * low, high: 100 * high, tone: toneOf(low, high), about: t("{measure}: {difference}, from {low} to {high}", { measure: names[key] ?? key, difference: signed(difference), low: signed(low), high: signed(high) }) }],
  );
  if (!rows.length) return null;
  const label = rows.map(({ about }) => about).join("; ");
  return element("div", { class: "card padded" }, intervalPlot({ label, rows, format: pointsName, marks: symmetricTicks(rows.flatMap(({ low, high }) => [low, high])), sides: [t("A better"), t("B better")], hasNames: true }));
}

/** @param {[string, ComparedMeasure][]} measures @param {Record<string, string>} names */
function differenceTable(measures, names) {
  const columns = [{ name: "A" }, { name: "B" }, { name: t("Difference") }, { name: t("95 % interval") }, { name: t("B better"), about: t("in this share of the resamples") }];
  const rows = measures.map(([key, { first, second, difference, low, high, probability }]) => ({
    name: names[key] ?? key,
    cells: [points(first), points(second), differenceText(difference, low, high), low === null || high === null ? "–" : `${signed(low)} – ${signed(high)}`, probability === null ? "–" : percent(probability, 0)],
  }));
  return figureTable({ title: t("Differences"), corner: t("Measure"), columns, rows });
}

/** @param {number | null} difference @param {number | null} low @param {number | null} high */
function differenceText(difference, low, high) {
  if (difference === null) return "–";
  const tone = low === null || high === null ? "" : toneOf(low, high);
  return element("span", { class: `difference ${tone}` }, signed(difference));
}

/** @param {ChangedImage} row @param {number} first @param {number} second reports @returns {import("../pictures/cards.js").PictureItem} */
const itemOf = ({ image, file_name: name, first: before, second: after }, first, second) => ({
  title: name,
  href: `/images/${image}`,
  about: t("AP {before} → {after}", { before: points(before), after: points(after) }) + (isKnown(before) && isKnown(after) ? ` (${signed(after - before)})` : ""),
  pictures: [
    { label: t("True"), address: `/api/v1/evaluation-reports/${first}/images/${image}/truth.png` },
    { label: "A", address: `/api/v1/evaluation-reports/${first}/images/${image}/found.png` },
    { label: "B", address: `/api/v1/evaluation-reports/${second}/images/${image}/found.png` },
  ],
});

refresh();
