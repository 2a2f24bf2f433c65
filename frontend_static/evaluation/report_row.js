/** A report as lists and pages show it: its state, what it compares, where it is. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";

/** @typedef {{kind: "accepted"} | {kind: "release", release: number} | {kind: "model", model_version: number} | {kind: "annotator", user: string} | {kind: "upload", upload: number}} SetSpec */
/** @typedef {{kind: string, count: number, examples: string[]}} Problem */
/** @typedef {"queued" | "running" | "succeeded" | "failed" | "cancelled"} WorkState */
/**
 * @typedef {object} ReportRow
 * @property {number} id
 * @property {number} project
 * @property {string} name
 * @property {WorkState} state
 * @property {number | null} request
 * @property {SetSpec} truth
 * @property {SetSpec} found
 * @property {string} truth_label
 * @property {string} found_label
 * @property {string} split  empty: all images
 * @property {{overlap?: string, void?: string, similarity?: string, boundary?: boolean}} options
 * @property {string} inputs_sha256
 * @property {number | null} same_as
 * @property {number} images
 * @property {Problem[]} left_out
 * @property {Record<string, number | null>} headline
 * @property {string} error
 * @property {string | null} created_by
 * @property {string} created_at
 * @property {string | null} finished_at
 */

/** @type {() => Record<WorkState, [label: string, tone: string]>} */
const states = () => ({
  queued: [t("Waiting for a worker"), ""],
  running: [t("Being worked out"), "info"],
  succeeded: [t("Ready"), "good"],
  failed: [t("Failed"), "bad"],
  cancelled: [t("Cancelled"), "warn"],
});

/** @param {WorkState} state */
export function workBadge(state) {
  const [label, tone] = states()[state] ?? [state, ""];
  return element("span", { class: `badge ${tone}` }, label);
}

/** Whether it still goes on. @param {{state: WorkState}} row */
export const isOpen = ({ state }) => state === "queued" || state === "running";

/** @param {{project: number, id: number}} report */
export const reportAddress = ({ project, id }) => `/projects/${project}/evaluation/${id}`;

/** @param {{project: number, id: number}} comparison */
export const comparisonAddress = ({ project, id }) => `/projects/${project}/evaluation/comparisons/${id}`;

/** "Model night 1 against Accepted annotations"; empty where that is its name. @param {ReportRow} report */
export function whatOf({ name, truth_label: truth, found_label: found }) {
  const what = t("{found} against {truth}", { found, truth });
  return what === name ? "" : what;
}

/** @param {ReportRow} report */
export const whichImages = ({ split, images }) => [split ? t("split {name}", { name: split }) : t("all splits"), images > 0 && plural(images, "{n} image", "{n} images")].filter(Boolean).join(" · ");
