/** The gaps one by one: how large, who would get each; and giving the small ones away at once. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { pixelsText } from "../format.js";
import { gapSettings } from "../gaps.js";
import { keyLabel } from "../keymap.js";
import { settingControl } from "./tool_options.js";

/** @typedef {import("../gaps.js").Gap} Gap */

/** Rows on the page; the largest gaps come first. */
const LISTED = 100;

/**
 * @param {object} parts
 * @param {import("../gaps.js").Gaps} parts.gaps
 * @param {import("../entities.js").Entities} parts.entities
 * @param {import("../commands.js").Actions} parts.actions
 * @param {import("../tool_settings.js").ToolSettings} parts.settings
 * @param {{max_gap_px: number}} parts.policy
 */
export function createGapList({ gaps, entities, actions, settings, policy }) {
  const list = element("ul", { class: "gap-list" });
  const [rule] = gapSettings(policy).map((setting) => settingControl(setting, settings));
  const limit = element("input", { type: "number", id: "gap-limit", min: 1, max: 1e6 });
  limit.addEventListener("change", () => settings.set("gaps.limit", Number(limit.value) || 1));
  const smallAction = actions.get("gap.fill_small");
  const giveSmall = element(
    "button",
    { type: "button", class: "button button-small", title: smallAction && `${smallAction.label} (${keyLabel(smallAction.keys[0])})`, onclick: () => actions.run("gap.fill_small") },
    t("Give away"),
  );
  const node = element(
    "details",
    { class: "gap-details" },
    element("summary", {}, t("Each gap, and who would get it")),
    list,
    rule.node,
    element("div", { class: "option gap-small" }, element("label", { for: "gap-limit" }, t("Gaps under")), limit, element("span", {}, t("px")), giveSmall),
  );
  /** @type {Gap[]} */
  let shown = [];

  /** @param {Gap} gap */
  function rowOf(gap) {
    const { name } = entities.get(gap.suggested);
    const receiver = gap.suggested ? t("→ #{number} {name}", { number: gap.suggested, name: name || t("unnamed") }) : t("nobody near");
    /** @param {string} action */
    const then = (action) => () => {
      gaps.choose(gap);
      actions.run(action);
    };
    return element(
      "li",
      {},
      element("button", { type: "button", class: "gap-row", onclick: then("gap.show"), title: t("Show this gap") }, element("span", {}, pixelsText(gap.area)), element("span", { class: "gap-receiver" }, receiver)),
      gap.suggested > 0 &&
        element("button", { type: "button", class: "button button-small", "aria-label": t("Give {size} to #{number}", { size: pixelsText(gap.area), number: gap.suggested }), onclick: then("gap.accept") }, t("Give")),
    );
  }

  function fill() {
    if (!node.open) return;
    const more = shown.length - LISTED;
    list.replaceChildren(...shown.slice(0, LISTED).map(rowOf), ...(more > 0 ? [element("li", { class: "gap-more" }, t("… and {n} smaller ones", { n: more }))] : []));
  }

  function showSettings() {
    rule.show();
    limit.value = String(settings.number("gaps.limit"));
  }

  node.addEventListener("toggle", fill);
  settings.onChange(showSettings);
  showSettings();
  return {
    node,
    /** @param {Gap[]} found the largest first */
    show(found) {
      shown = found;
      node.hidden = found.length === 0;
      fill();
    },
  };
}
