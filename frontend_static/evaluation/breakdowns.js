/** The figures of a report by size, by term, by confused names and by source. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";
import { confusion } from "./confusion.js";
import { figureTable } from "./figure_table.js";
import { plotFiles } from "./report_plots.js";
import { section } from "./section.js";
import { sizeName } from "./size_names.js";
import { namedTerms } from "./term_rows.js";
import { termTable } from "./term_table.js";

/** @typedef {import("./report.js").Report} Report */
/** @typedef {import("./figures.js").ReportFigures} ReportFigures */

/** @param {Report} report @param {(term: number) => string} nameOf @returns {(HTMLElement | false)[]} */
export const breakdowns = ({ id, figures, names }, nameOf) => [
  figures.by_size.length > 0 && section("sizes", t("By size"), sizeTable(figures), files(id, "sizes")),
  figures.by_term.length > 0 && section("terms", t("By term"), termTable(namedTerms(figures.by_term, names, t("without a name"))), files(id, "terms")),
  figures.confusion.length > 0 &&
    section("confusion", t("Confused names"), element("p", { class: "soft" }, t("Masks that match by at least half, under names that differ.")), ...confusion(figures.confusion, nameOf), files(id, "confusion")),
  figures.by_source.length > 1 && section("sources", t("By source"), sourceTable(figures)),
];

/** @param {number} report @param {string} plot */
const files = (report, plot) =>
  element("p", { class: "plot-files small" }, element("span", { class: "soft" }, t("As a plot:")), ...plotFiles(report, plot).map(({ label, href }) => element("a", { href, download: "" }, label)));

/** @param {Pick<ReportFigures, "by_size">} figures */
export const sizeTable = ({ by_size: rows }) =>
  figureTable({
    title: t("By size"),
    corner: t("Area of the true entity"),
    columns: [{ name: t("True") }, { name: t("Found") }, { name: "AP" }, { name: "AP50" }, { name: "AR" }, { name: "PQ" }],
    rows: rows.map((row) => ({ ...sizeName(row), cells: [whole(row.true), whole(row.found), { share: row.AP }, { share: row.AP50 }, { share: row.AR }, { share: row.PQ }] })),
  });

/** @param {ReportFigures} figures */
const sourceTable = ({ by_source: rows }) =>
  figureTable({
    title: t("By source"),
    corner: t("Source"),
    columns: [{ name: t("Images") }, { name: t("True") }, { name: "AP" }, { name: "AP50" }, { name: "PQ" }],
    rows: rows.map((row) => ({ name: row.source || t("unknown"), cells: [whole(row.images), whole(row.true), { share: row.AP }, { share: row.AP50 }, { share: row.PQ }] })),
  });
