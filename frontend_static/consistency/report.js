/** What came of a study: agreement of masks and names, by size, kinds of disagreement, images, drift, downloads. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { sizeTable } from "../evaluation/breakdowns.js";
import { barChart } from "../plots/bar_chart.js";
import { lineChart } from "../plots/line_chart.js";
import { failedState } from "../shell/empty.js";
import { exactly, whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, query } from "../shell/page.js";
import { kindWords, KINDS } from "./kinds.js";
import { besideThePaper, maskAgreement, nameAgreement } from "./matrices.js";
import { driftSeries } from "./report_shape.js";
import { imagesByAgreement } from "./study_images.js";

/** @typedef {import("./report_shape.js").Report} Report */
/** @typedef {import("./study_words.js").StudyRow} StudyRow */

/** @param {HTMLElement} host @param {StudyRow} study with a report */
export async function showReport(host, study) {
  try {
    const [report, releases] = await Promise.all([api.get(`studies/${study.id}/report`), releasesOf(study)]);
    host.replaceChildren(...parts(report, study, releases));
  } catch (problem) {
    host.replaceChildren(failedState(problem, () => showReport(host, study)));
  }
}

/** Those that carry this study. @param {StudyRow} study @returns {Promise<{id: number, name: string}[]>} */
async function releasesOf({ id, project }) {
  const { results } = await api.get(`releases${query({ project, page_size: 100 })}`);
  return results.filter((/** @type {{studies?: {study: number}[]}} */ { studies }) => studies?.some(({ study }) => study === id));
}

/** @param {Report} report @param {StudyRow} study @param {{id: number, name: string}[]} releases */
function parts(report, study, releases) {
  return [
    filesLine(study, releases),
    part("masks", t("Agreement of masks"), ...maskAgreement(report)),
    part("names", t("Agreement of names"), ...nameAgreement(report)),
    part("paper", t("Beside the paper"), ...besideThePaper(report)),
    element("div", { class: "chart-pair" }, kindChart(report), driftChart(report)),
    part("images", t("Images with least agreement"), ...(study.state === "closed" ? imagesByAgreement(study.id) : [element("p", { class: "soft" }, t("Which images they are stays hidden until the study is closed."))])),
    part("sizes", t("By size"), sizeTable(report)),
  ];
}

/** @param {string} id @param {string} title @param {...Node} children */
const part = (id, title, ...children) => element("section", { class: "report-part", "aria-labelledby": `${id}-name` }, element("h3", { id: `${id}-name` }, title), ...children);

/** @param {StudyRow} study @param {{id: number, name: string}[]} releases */
function filesLine({ id, project, state, report_sha256: digest }, releases) {
  if (state !== "closed") return element("p", { class: "notice" }, t("A report so far: it can be downloaded, and comes with releases, when the study is closed and worked out again."));
  const link = (/** @type {string} */ format) => element("a", { class: "button button-small", href: `/api/v1/studies/${id}/report.${format}`, download: "" }, spriteIcon("download"), format.toUpperCase());
  const carried = releases.flatMap(({ id: release, name }, n) => [n ? ", " : "", element("a", { href: `/projects/${project}/releases/${release}` }, name)]);
  return element(
    "div",
    { class: "report-part" },
    element("p", { class: "report-links" }, link("json"), link("csv"), element("span", { class: "soft small" }, releases.length ? t("Carried by the release:") : t("Releases built from now on carry it."), " ", ...carried)),
    element("p", { class: "copyable small" }, element("span", { class: "soft" }, t("SHA-256")), element("code", {}, digest)),
  );
}

/** @param {Report} report */
function kindChart({ kinds, kinds_by_pair: byPair, places }) {
  const words = kindWords();
  const label = (/** @type {string} */ pair) => pair.split("-").map((place) => places.find((one) => String(one.place) === place)?.label ?? place).join(" · ");
  const pairs = Object.entries(byPair);
  const series = pairs.length ? pairs.map(([pair, counts]) => ({ name: label(pair), values: KINDS.map((kind) => counts[kind] ?? 0) })) : [{ name: t("Disagreements"), values: KINDS.map((kind) => kinds[kind] ?? 0) }];
  return barChart({
    title: t("Kinds of disagreement"),
    text: t("Entities cut differently count once, as granularity, not as missing and extra."),
    head: t("Kind"), names: KINDS.map((kind) => words[kind].label), series, format: whole, empty: t("Nobody disagreed on anything."),
  });
}

/** @param {Report} report */
function driftChart({ drift }) {
  const { batches, series } = driftSeries(drift);
  return lineChart({
    title: t("Drift"),
    text: t("Mean PQ of each person against the first annotators, by ten images in the order of their work."),
    x: { name: t("Batch"), values: batches, format: whole },
    y: { format: (value) => exactly(100 * value, 0), most: 1, label: "PQ, %" },
    series: series.map(({ annotator, values }) => ({ name: annotator, values })),
    empty: t("Nobody has drawn anything that could be compared."),
  });
}
