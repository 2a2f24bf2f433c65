/** What became of each model version's proposals: one bar of shares, and the counts in a table. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { percent, whole } from "../shell/formats.js";

/** @typedef {{model_version: number | null, name: string, images: number, proposed: number, kept: number, edited: number,
 *   rejected: number, drawn: number}} AcceptanceRow */

/** @type {("kept" | "edited" | "rejected")[]} */
const FATES = ["kept", "edited", "rejected"];

/** @type {() => Record<string, string>} */
const names = () => ({ kept: t("Kept as proposed"), edited: t("Edited"), rejected: t("Rejected"), drawn: t("Drawn by people") });

/** @param {AcceptanceRow[]} rows @param {string} csv */
export function acceptanceFigure(rows, csv) {
  const title = t("Proposals by model version");
  return element(
    "figure",
    { class: "card padded chart" },
    element(
      "figcaption",
      {},
      element("h3", {}, title),
      element("p", { class: "soft small" }, t("Shares of the masks proposed for the images submitted in these days.")),
    ),
    rows.length ? table(rows, title) : element("p", { class: "chart-empty soft" }, t("Nothing was submitted in these days.")),
    rows.length > 0 && element("ul", { class: "chart-legend" }, ...FATES.map((fate) => element("li", {}, element("i", { class: `fate fate-${fate}`, "aria-hidden": "true" }), names()[fate]))),
    element("div", { class: "chart-foot" }, element("span", {}), element("a", { class: "small", href: csv, download: "" }, t("Download CSV"))),
  );
}

/** @param {AcceptanceRow[]} rows @param {string} title */
function table(rows, title) {
  const heads = [t("Model version"), t("Shares"), t("Images"), t("Proposed"), names().kept, names().edited, names().rejected, names().drawn];
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "acceptance" },
      element("caption", { class: "visually-hidden" }, title),
      element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n > 1 ? "right" : "" }, name)))),
      element("tbody", {}, ...rows.map(line)),
    ),
  );
}

/** @param {AcceptanceRow} row */
const line = (row) =>
  element(
    "tr",
    {},
    element("th", { scope: "row" }, row.name || t("Without a proposal")),
    element("td", {}, row.proposed > 0 && shares(row)),
    element("td", { class: "right" }, whole(row.images)),
    element("td", { class: "right" }, whole(row.proposed)),
    ...FATES.map((fate) => element("td", { class: "right" }, row.proposed ? `${whole(row[fate])} (${percent(row[fate] / row.proposed, 0)})` : "–")),
    element("td", { class: "right" }, whole(row.drawn)),
  );

/** @param {AcceptanceRow} row */
function shares(row) {
  const label = FATES.map((fate) => `${names()[fate]} ${percent(row[fate] / row.proposed, 0)}`).join(", ");
  const bar = element("div", { class: "share-bar", role: "img", "aria-label": label });
  for (const fate of FATES.filter((name) => row[name] > 0)) {
    const piece = element("i", { class: `fate fate-${fate}` });
    piece.style.flexGrow = String(row[fate]);
    bar.append(piece);
  }
  return bar;
}
