/** How much of the image belongs to an entity, exactly, and the way to what does not. */
import { element, icon } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { percentText, pixelsText } from "../format.js";
import { keyLabel } from "../keymap.js";
import { createGapList } from "./gap_list.js";

const UP = "M6 15l6-6 6 6";
const DOWN = "M6 9l6 6 6-6";
const DROP = "M12 3v11M7.5 10l4.5 4.5 4.5-4.5M4 20h16";

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../drawing.js").Drawing} parts.drawing
 * @param {import("../commands.js").Actions} parts.actions
 * @param {{min_coverage: number, max_gap_px: number}} parts.policy
 * @param {import("../gaps.js").Gaps} [parts.gaps] @param {import("../tool_settings.js").ToolSettings} [parts.settings]  where gaps can be given away
 */
export function createCoverage(host, { drawing, actions, policy, gaps, settings }) {
  const { map, entities } = drawing;
  const total = map.width * map.height;
  const percent = element("strong", { class: "coverage-percent" });
  const rest = element("span", { class: "coverage-rest" });
  const bar = element("meter", { min: 0, max: 1, "aria-label": t("Coverage"), class: "coverage-meter" });
  const gapText = element("span", { class: "coverage-gaps" }, t("counting gaps…"));
  const named = element("span", { class: "coverage-named" });
  const gapList = gaps && settings && createGapList({ gaps, settings, actions, policy, entities });

  /** @param {string} id @param {string} path @param {string} label */
  const button = (id, path, label) => {
    const action = actions.get(id);
    if (!action) return null;
    const title = `${label} (${keyLabel(action.keys[0])})`;
    return element("button", { type: "button", class: "icon-button", "aria-label": label, title, onclick: () => actions.run(id) }, icon(path, 16));
  };

  host.append(
    element("div", { class: "coverage-line" }, percent, rest),
    bar,
    element(
      "div",
      { class: "coverage-line" },
      gapText,
      element(
        "span",
        { class: "button-group" },
        button("gap.previous", UP, t("Previous gap")),
        button("gap.next", DOWN, t("Next gap")),
        button("gap.fill", DROP, t("Give this gap to its neighbour")),
      ),
    ),
    ...(gapList ? [gapList.node] : []),
    named,
  );

  let queued = 0;

  function show() {
    const covered = total - map.area[0];
    percent.textContent = percentText(covered, total);
    rest.textContent = map.area[0] > 0 ? t("covered, {pixels} left", { pixels: pixelsText(map.area[0]) }) : t("covered");
    bar.value = covered / total;
    bar.low = policy.min_coverage;
    bar.high = policy.min_coverage;
    bar.optimum = 1;
    bar.title = t("{share} needed to submit", { share: percentText(policy.min_coverage, 1) });
    const numbers = map.numbers();
    const withName = numbers.filter((number) => entities.get(number).name).length;
    named.textContent = plural(numbers.length, "{n} entity, {named} named", "{n} entities, {named} named", { named: withName });
  }

  /** With the next frame: the end of a stroke waits for no counting. */
  function showSoon() {
    if (queued) return;
    queued = requestAnimationFrame(() => {
      queued = 0;
      show();
    });
  }

  drawing.onChange(showSoon);
  show();
  return {
    refresh: show,
    /** @param {import("../gaps.js").Gap[]} found */
    showGaps(found) {
      gapList?.show(found);
      const large = found.filter(({ area }) => area > policy.max_gap_px).length;
      gapText.textContent = found.length === 0 ? t("No gaps") : plural(found.length, "{n} gap, {large} over {limit} px", "{n} gaps, {large} over {limit} px", { large, limit: policy.max_gap_px });
    },
  };
}
