/** Two ticked reports and the button that compares them. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { api } from "../shell/page.js";
import { busyWhile } from "../shell/toast.js";
import { comparisonAddress } from "./report_row.js";
import { BOTH, ticks } from "./ticked.js";

/** @typedef {import("./ticked.js").Named} Named */

/** @param {HTMLElement} host @param {number} project @param {() => void} changed called when ticks go that the list shows */
export function createCompareBar(host, project, changed) {
  /** @type {Named[]} */
  let ticked = [];

  /** @param {Named[]} wanted */
  function set(wanted) {
    ticked = wanted;
    render();
  }

  function render() {
    host.hidden = ticked.length === 0;
    const compare = element("button", { type: "button", class: "button button-primary", disabled: ticked.length < BOTH }, t("Compare"));
    compare.addEventListener("click", () => busyWhile(compare, start));
    const clear = element("button", { type: "button", class: "button button-quiet", onclick: () => (set([]), changed()) }, t("Clear"));
    const sentence = ticked.length < BOTH ? t("{name}: tick the report to compare it with.", { name: ticked[0]?.name ?? "" }) : t("{first} and {second}", { first: ticked[0].name, second: ticked[1].name });
    host.replaceChildren(element("p", { class: "grow", role: "status" }, sentence), clear, compare);
  }

  async function start() {
    const [first, second] = ticked;
    const { evaluation_comparison: row } = await api.post("evaluation-comparisons", { first: first.id, second: second.id });
    location.assign(comparisonAddress({ project, id: row.id }));
  }

  return {
    has: (/** @type {number} */ id) => ticked.some((report) => report.id === id),
    /** @param {Named} report @param {boolean} isTicked */
    tick(report, isTicked) {
      const before = ticked.length;
      set(ticks(ticked, report, isTicked));
      if (isTicked && before === BOTH) changed();
    },
  };
}
