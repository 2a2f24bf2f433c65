/** A release's state as a badge. */
import { element } from "../shared/dom.js";

const STATES = /** @type {Record<string, [label: string, tone: string]>} */ ({
  building: ["Being built", "info"],
  published: ["Published", "good"],
  failed: ["Failed", "bad"],
});

/** @param {string} state */
export function releaseBadge(state) {
  const [label, tone] = STATES[state] ?? [state, ""];
  return element("span", { class: `badge ${tone}` }, label);
}
