/** What a study is and how far it is, in words: its state, its phases, the work that is done. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";

/** @typedef {"planned" | "drawing" | "naming" | "closed" | "cancelled"} StudyState */
/** @typedef {{waiting: number, open: number, done: number}} Parts pieces of work of one phase */
/**
 * @typedef {object} Protocol  what a study was planned with; it never changes
 * @property {Record<string, string | number>} population  the filter that accepted images had to pass
 * @property {number} population_images  how many passed it
 * @property {number} seed @property {number} size @property {number} annotators  further people for each image
 * @property {string[]} members  who may draw; empty: every member
 * @property {number} not_before_days @property {"as_first" | "empty"} start @property {number} [every]
 * @property {boolean} names_phase @property {string} instructions @property {string} vocabulary_revision
 */
/**
 * @typedef {object} StudyRow
 * @property {number} id @property {number} project @property {string} name @property {StudyState} state
 * @property {Protocol} protocol @property {number} images
 * @property {{masks: Parts, names: Parts}} parts
 * @property {{username: string, name?: string, masks: Parts, names: Parts}[]} [people]
 * @property {number} [too_few]  images that wait for more masks than people are left who know none of them
 * @property {string | null} [first_due]  when the first piece that waits may be given out
 * @property {string | null} created_by @property {string} created_at @property {string | null} opened_at @property {string | null} closed_at
 * @property {string} report_sha256 @property {number | null} request
 * @property {{id: number, name: string}[]} [releases]  those that carry its report
 */

/** @type {() => Record<StudyState, [label: string, tone: string]>} */
const states = () => ({
  planned: [t("Planned"), ""],
  drawing: [t("Masks are drawn"), "info"],
  naming: [t("Masks are named"), "violet"],
  closed: [t("Closed"), "good"],
  cancelled: [t("Cancelled"), ""],
});

/** @param {StudyState} state */
export function studyBadge(state) {
  const [label, tone] = states()[state] ?? [state, ""];
  return element("span", { class: `badge ${tone}` }, label);
}

/** @param {StudyState} state */
export const isRunning = (state) => state === "drawing" || state === "naming";

/** @param {Parts} parts */
export const allOf = ({ waiting, open, done }) => waiting + open + done;

/** "14 of 24 done, 3 in hand". @param {Parts} parts */
export function partsText(parts) {
  const done = t("{done} of {all} done", { done: parts.done, all: allOf(parts) });
  return parts.open ? `${done}, ${t("{n} in hand", { n: parts.open })}` : done;
}

/** @param {Parts} parts @param {string} label */
export const partsBar = (parts, label) => element("progress", { max: Math.max(1, allOf(parts)), value: parts.done, "aria-label": label });

/** The pieces of work of the phase a study is in. @param {StudyRow} study */
export const partsNow = ({ state, parts }) => (state === "naming" ? parts.names : parts.masks);

/** "12 images, each by 2 further annotators". @param {StudyRow} study */
export const sizeText = ({ images, protocol }) =>
  [plural(images, "{n} image", "{n} images"), plural(protocol.annotators, "each by {n} further annotator", "each by {n} further annotators")].join(", ");
