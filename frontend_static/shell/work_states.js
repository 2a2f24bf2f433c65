/** Where an image's work stands: one word, one badge, one colour of the progress bar. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { whole } from "./formats.js";

/** In the order work is done. */
export const WORK_STATES = [
  { state: "none", label: t("Not started"), badge: "" },
  { state: "predicted", label: t("Pre-annotated"), badge: "violet" },
  { state: "assigned", label: t("In work"), badge: "info" },
  { state: "submitted", label: t("Waiting for review"), badge: "warn" },
  { state: "returned", label: t("Returned"), badge: "bad" },
  { state: "accepted", label: t("Accepted"), badge: "good" },
];

/** @param {string} state */
export function stateBadge(state) {
  const known = WORK_STATES.find((entry) => entry.state === state);
  return element("span", { class: `badge ${known?.badge ?? ""}` }, known?.label ?? state);
}

/** @param {Record<string, number>} counts images by work state */
export const totalOf = (counts) => WORK_STATES.reduce((sum, { state }) => sum + (counts[state] ?? 0), 0);

/** One piece for each state, as wide as its share; finished work first. @param {Record<string, number>} counts */
export function mosaicBar(counts) {
  const pieces = [...WORK_STATES].reverse().filter(({ state }) => counts[state]);
  const summary = pieces.map(({ state, label }) => `${label}: ${whole(counts[state])}`).join(", ") || t("No images");
  const bar = element("div", { class: "mosaic-bar", role: "img", "aria-label": summary });
  for (const { state } of pieces) {
    const piece = element("i", { class: `tone-${state}` });
    piece.style.flexGrow = String(counts[state]);
    bar.append(piece);
  }
  if (!pieces.length) bar.append(element("i", { class: "tone-none" }));
  return bar;
}
