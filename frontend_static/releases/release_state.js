/** A release's state as a badge. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

const STATES = /** @type {Record<string, [label: string, tone: string]>} */ ({
  building: [t("Being built"), "info"],
  published: [t("Published"), "good"],
  failed: [t("Failed"), "bad"],
});

/** @param {string} state */
export function releaseBadge(state) {
  const [label, tone] = STATES[state] ?? [state, ""];
  return element("span", { class: `badge ${tone}` }, label);
}
