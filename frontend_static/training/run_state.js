/** Where a training run stands: its badge, and the four steps it takes. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

/** @typedef {"gathering" | "training" | "evaluating" | "comparing" | "promoted" | "kept" | "failed" | "cancelled"} RunState */

/** @type {() => Record<RunState, [label: string, tone: string]>} */
const states = () => ({
  gathering: [t("Gathering examples"), "info"],
  training: [t("Training"), "info"],
  evaluating: [t("Evaluating"), "info"],
  comparing: [t("Comparing"), "info"],
  promoted: [t("Promoted"), "good"],
  kept: [t("Champion kept"), ""],
  failed: [t("Failed"), "bad"],
  cancelled: [t("Cancelled"), "warn"],
});

/** @type {RunState[]} */
const STEPS = ["gathering", "training", "evaluating", "comparing"];

/** Whether a run still goes on. @param {{state: string}} run */
export const isOpen = ({ state }) => STEPS.includes(/** @type {RunState} */ (state));

/** @param {string} state */
export function runBadge(state) {
  const [label, tone] = states()[/** @type {RunState} */ (state)] ?? [state, ""];
  return element("span", { class: `badge ${tone}` }, label);
}

/** The way of a run that goes on: done, current and coming steps. @param {string} state */
export function stepLine(state) {
  const at = STEPS.indexOf(/** @type {RunState} */ (state));
  return element(
    "ol",
    { class: "run-steps", "aria-label": t("Steps of this run") },
    ...STEPS.map((step, n) => element("li", { class: n < at ? "done" : "", "aria-current": n === at && "step" }, states()[step][0])),
  );
}

/** Where each step lies in the whole: [first, last] share, and how many jobs ended before it. */
const SHARES = /** @type {Record<string, [first: number, last: number, jobsBefore: number]>} */ ({
  gathering: [0, 0.05, 0],
  training: [0.05, 0.8, 1],
  evaluating: [0.8, 0.98, 3],
  comparing: [0.98, 1, 0],
});

/**
 * How much of a run is done, 0 to 1. Its request adds jobs as it goes, so that the request's own share would fall back. Pure.
 * @param {string} state @param {{progress: number, total: number} | null} request
 */
export function shareDone(state, request) {
  const [first, last, before] = SHARES[state] ?? [1, 1, 0];
  if (!request?.total || state === "comparing") return first;
  const jobs = state === "evaluating" ? request.total - before : 1;
  const within = (request.progress * request.total - before) / Math.max(1, jobs);
  return first + (last - first) * Math.min(1, Math.max(0, within));
}
