/** The curves of a report: precision over recall, and whether scores mean what they say. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { lineChart } from "../plots/line_chart.js";
import { scatterChart } from "../plots/scatter_chart.js";
import { exactly } from "../shell/formats.js";
import { points } from "../training/figures.js";

/** @typedef {import("./figures.js").ReportFigures} ReportFigures */

/** @param {number} value */
const hundredths = (value) => exactly(value, 2);

/** @param {number} report @param {string} plot the server's name of it */
export const plotFiles = (report, plot) => ["PNG", "SVG"].map((kind) => ({ label: kind, href: `/api/v1/evaluation-reports/${report}/plots/${plot}.${kind.toLowerCase()}` }));

/** @param {number} report @param {ReportFigures} figures */
export function reportPlots(report, { curves, calibration }) {
  return element("div", { class: "chart-pair" }, curves && precisionRecall(report, curves), calibration && calibrationPlot(report, calibration));
}

/** @param {number} report @param {NonNullable<ReportFigures["curves"]>} curves */
function precisionRecall(report, { recall, precision }) {
  const names = /** @type {Record<string, string>} */ ({ 50: "IoU .50", 75: "IoU .75", mean: t("mean over IoU .50 to .95") });
  return lineChart({
    title: t("Precision and recall"),
    text: t("How many of the masks found are right when so many of the true ones are found."),
    x: { name: t("Recall"), label: t("Recall"), values: recall, format: hundredths, marks: [0, 0.25, 0.5, 0.75, 1] },
    y: { format: hundredths, most: 1, label: t("Precision") },
    series: Object.keys(names).filter((key) => precision[key]).map((key) => ({ name: names[key], values: precision[key] })),
    start: Math.floor(recall.length / 2),
    downloads: plotFiles(report, "precision_recall"),
    empty: t("Nothing true was found at any score."),
  });
}

/** @param {number} report @param {NonNullable<ReportFigures["calibration"]>} calibration */
function calibrationPlot(report, { bins, error }) {
  const filled = bins.filter(({ count }) => count > 0);
  const largest = Math.max(1, ...filled.map(({ count }) => count));
  return scatterChart({
    title: t("Calibration of scores"),
    text: t("On the diagonal a score is the share that is right (IoU at least .50). Expected error {error} points; larger dots hold more masks.", { error: points(error) }),
    head: t("Scores"),
    x: { name: t("Mean score"), format: hundredths, from: 0, to: 1 },
    y: { name: t("Share that is right"), format: hundredths, from: 0, to: 1 },
    points: filled.map((bin) => ({ x: bin.mean_score, y: bin.precision, size: bin.count / largest, name: `${hundredths(bin.low)}–${hundredths(bin.high)}, ${plural(bin.count, "{n} mask", "{n} masks")}` })),
    diagonal: true,
    isJoined: true,
    downloads: plotFiles(report, "calibration"),
    empty: t("There are no scores to look at."),
  });
}
