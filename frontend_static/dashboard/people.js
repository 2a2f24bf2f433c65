/** What each person submitted; annotators see their own line. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { percent, whole } from "../shell/formats.js";
import { duration } from "./durations.js";

/** @typedef {{username: string, name: string, images: number, masks: number, active_ms: number, judged: number, returned: number}} PersonRow */

/** @param {PersonRow[]} rows @param {boolean} seesPeople @param {string} csv */
export function peopleFigure(rows, seesPeople, csv) {
  const title = seesPeople ? t("People") : t("Your figures");
  return element(
    "figure",
    { class: "card padded chart" },
    element("figcaption", {}, element("h3", {}, title), element("p", { class: "soft small" }, t("Submitted in these days; active time counts pauses as one minute at most."))),
    rows.length ? table(rows, title) : element("p", { class: "chart-empty soft" }, t("Nothing was submitted in these days.")),
    element("div", { class: "chart-foot" }, element("span", {}), element("a", { class: "small", href: csv, download: "" }, t("Download CSV"))),
  );
}

/** @param {PersonRow[]} rows @param {string} title */
function table(rows, title) {
  const heads = [t("Person"), t("Images"), t("Masks"), t("Active time"), t("Time per mask"), t("Returned")];
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, title),
      element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n ? "right" : "" }, name)))),
      element("tbody", {}, ...rows.map(line)),
    ),
  );
}

/** @param {PersonRow} row */
const line = (row) =>
  element(
    "tr",
    {},
    element("th", { scope: "row" }, row.name || row.username),
    element("td", { class: "right" }, whole(row.images)),
    element("td", { class: "right" }, whole(row.masks)),
    element("td", { class: "right" }, duration(row.active_ms)),
    element("td", { class: "right" }, row.masks ? duration(row.active_ms / row.masks) : "–"),
    element("td", { class: "right" }, row.judged ? t("{share} of {n}", { share: percent(row.returned / row.judged, 0), n: whole(row.judged) }) : "–"),
  );
