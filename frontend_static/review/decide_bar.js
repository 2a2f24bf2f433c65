/** Buttons for what 1, 2, 3, J and K do, and which map the left pane shows. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { keyLabel, titleOf } from "../annotate/keymap.js";

/** @param {HTMLElement} host @param {import("../annotate/commands.js").Actions} actions */
export function createDecideBar(host, actions) {
  /** @param {string} id @param {string} label */
  function button(id, label) {
    const action = actions.get(id);
    const key = action?.keys[0];
    return element(
      "button",
      { type: "button", class: "button button-small", title: titleOf(action), "aria-label": action?.label, data: { action: id }, onclick: () => actions.run(id) },
      element("span", {}, label),
      key && element("kbd", {}, keyLabel(key)),
    );
  }
  const bar = element("div", { class: "decide-bar", role: "group", "aria-label": t("Decide") });
  host.append(bar);

  function fill() {
    bar.replaceChildren(
      button("disagreement.previous", "↑"),
      button("disagreement.next", "↓"),
      element("span", { class: "spacer" }),
      button("decide.a", t("Take A")),
      button("decide.b", t("Take B")),
      button("decide.edit", t("Edit")),
    );
  }
  fill();
  actions.onKeys(fill);
}
