/** All figures of a report as tables: the family of AP, panoptic quality, names, and what needs no scores. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";
import { isKnown, points } from "../training/figures.js";
import { figureTable } from "./figure_table.js";
import { apMeasures, apName } from "./measures.js";

/** @typedef {import("./figures.js").ReportFigures} ReportFigures */

/** @param {ReportFigures} figures */
export const figureTables = (figures) => [apTable(figures), panopticTable(figures), otherFigures(figures)].filter((node) => node !== null);

/** @param {ReportFigures} figures */
function apTable({ is_disjoint: isDisjoint, ap, boundary, class_aware: classAware }) {
  const variants = [
    { name: t("Masks"), about: isDisjoint ? t("whatever the name; nothing overlaps ({name})", { name: apName(true) }) : t("whatever the name"), figures: ap },
    { name: t("Borders"), about: t("IoU of bands along the borders"), figures: boundary },
    { name: t("Masks and names"), about: t("mean over terms; the name must be right"), figures: classAware },
  ];
  const columns = apMeasures().filter(({ key }) => variants.some(({ figures }) => isKnown(figures?.[key])));
  const rows = variants.flatMap(({ name, about, figures }) => (figures ? [{ name, about, cells: columns.map(({ key }) => ({ share: figures[key] })) }] : []));
  return titled(t("Average precision and recall"), figureTable({ title: t("Average precision and recall"), corner: t("Measured by"), columns, rows }));
}

/** @param {ReportFigures} figures */
function panopticTable({ panoptic }) {
  if (!panoptic) return null;
  const variants = /** @type {const} */ ([["agnostic", t("Whatever the name")], ["all", t("All terms")], ["things", t("Things")], ["stuff", t("Stuff")]]);
  const columns = [
    { name: "PQ", about: t("panoptic quality: SQ × RQ") },
    { name: "SQ", about: t("how well the matched are drawn") },
    { name: "RQ", about: t("how many are matched") },
    { name: t("Matched") },
    { name: t("Not there"), about: t("found, but nothing true matches") },
    { name: t("Missed"), about: t("true, but nothing found matches") },
    ...(panoptic.all ? [{ name: t("Terms") }] : []),
  ];
  const rows = variants.flatMap(([key, name]) => {
    const row = panoptic[key];
    if (!row) return [];
    const counts = [row.hits, row.false_alarms, row.misses].map((count) => whole(count));
    return [{ name, cells: [{ share: row.pq }, { share: row.sq }, { share: row.rq }, ...counts, ...(panoptic.all ? [key === "agnostic" ? "–" : whole(row.categories)] : [])] }];
  });
  return titled(t("Panoptic quality"), figureTable({ title: t("Panoptic quality"), corner: t("Of"), columns, rows }));
}

/** @param {ReportFigures} figures */
function otherFigures({ f1, covering, coverage, semantic, open }) {
  /** @type {[string, string, number | null | undefined][]} */
  const rows = [
    [t("F1 at IoU .50"), t("needs no scores"), f1?.["50"]],
    [t("F1 at IoU .75"), t("needs no scores"), f1?.["75"]],
    [t("F1, mean"), t("over IoU .50 to .95"), f1?.mean],
    [t("Covering"), t("best overlap of each true entity, weighted by its area"), covering],
    [t("Coverage"), t("share of the true pixels that something found lies on"), coverage],
    ["mIoU", t("mean over terms, by pixel"), semantic?.miou],
    [t("IoU weighted by frequency"), t("by pixel"), semantic?.frequency_weighted_iou],
    [t("Pixel accuracy"), t("share of pixels with the right term"), semantic?.pixel_accuracy],
    ...openRows(open),
  ];
  const shown = rows.filter(([, , value]) => isKnown(value));
  if (!shown.length) return null;
  const items = shown.map(([name, about, value]) => element("div", {}, element("dt", {}, name, element("small", { class: "soft" }, about)), element("dd", {}, points(value))));
  return titled(t("Further figures"), element("dl", { class: "card figure-list" }, ...items));
}

/** @param {ReportFigures["open"]} open @returns {[string, string, number | null | undefined][]} */
function openRows(open) {
  if (!open) return [];
  const about = open.similarity === "identity" ? t("only the same name counts") : t("near names count in part");
  return ["AP", "AP50", "PQ", "SQ", "RQ", "mIoU"].map((key) => [t("Open {measure}", { measure: key }), about, open[key]]);
}

/** @param {string} title @param {Node} node */
const titled = (title, node) => element("div", { class: "figure-block" }, element("h3", {}, title), node);
