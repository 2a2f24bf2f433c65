/** The list of reports: what each compares, its headline figures or its progress; two can be ticked to be compared. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { ago, percent } from "../shell/formats.js";
import { isKnown, points } from "../training/figures.js";
import { isOpen, reportAddress, whatOf, whichImages, workBadge } from "./report_row.js";

/** @typedef {import("./report_row.js").ReportRow} ReportRow */
/** @typedef {import("../long_work/long_work.js").RequestRow} RequestRow */
/** @typedef {{work: Map<number, RequestRow>, mayCompare: boolean, isTicked: (id: number) => boolean, tick: (report: ReportRow, ticked: boolean) => void, mayCancel: (report: ReportRow) => boolean, cancel: (report: ReportRow) => void}} CardOptions */

/** @type {() => [key: string, name: string][]} */
const shownFigures = () => [["AP", "AP"], ["AP50", "AP50"], ["boundary_AP", t("Boundary")], ["PQ", "PQ"], ["F1", "F1"]];

/** @param {ReportRow[]} reports @param {CardOptions} options */
export const reportCards = (reports, options) => element("ul", { class: "report-list" }, ...reports.map((report) => card(report, options)));

/** @param {ReportRow} report @param {CardOptions} options */
function card(report, options) {
  const isReady = report.state === "succeeded";
  const about = [whatOf(report), whichImages(report), ago(report.created_at), report.created_by && t("by {person}", { person: report.created_by })];
  return element(
    "li",
    { class: "card report-row" },
    isReady && options.mayCompare ? tick(report, options) : element("span", {}),
    element(
      "div",
      { class: "report-main" },
      element("h3", {}, element("a", { href: reportAddress(report) }, report.name), !isReady && workBadge(report.state)),
      element("p", { class: "soft small number" }, about.filter(Boolean).join(" · ")),
      report.state === "failed" && element("p", { class: "small report-error" }, report.error),
    ),
    isReady && scores(report),
    isOpen(report) && progress(report, options),
  );
}

/** @param {ReportRow} report @param {CardOptions} options */
const tick = (report, { isTicked, tick: change }) =>
  element("label", { class: "report-tick", title: t("Compare this report") }, element("input", { type: "checkbox", checked: isTicked(report.id), "aria-label": t("Compare {name}", { name: report.name }), onchange: (/** @type {Event} */ event) => change(report, /** @type {HTMLInputElement} */ (event.target).checked) }));

/** @param {ReportRow} report */
const scores = ({ headline }) =>
  element("dl", { class: "report-scores number" }, ...shownFigures().filter(([key]) => isKnown(headline[key])).map(([key, name]) => element("div", {}, element("dt", {}, name), element("dd", {}, points(headline[key])))));

/** @param {ReportRow} report @param {CardOptions} options */
function progress(report, { work, mayCancel, cancel }) {
  const row = work.get(report.request ?? 0);
  return element(
    "div",
    { class: "report-work" },
    element("progress", { max: 1, value: row?.progress ?? 0, "aria-label": t("{title}: {share}", { title: report.name, share: percent(row?.progress ?? 0, 0) }) }),
    element("span", { class: "soft small number" }, [percent(row?.progress ?? 0, 0), row?.state === "queued" ? t("Waiting for a worker") : row?.message].filter(Boolean).join(" · ")),
    mayCancel(report) && element("button", { type: "button", class: "button button-small", data: { key: `cancel-${report.id}` }, onclick: () => cancel(report) }, t("Cancel")),
  );
}
