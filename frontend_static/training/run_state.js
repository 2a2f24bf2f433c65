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
