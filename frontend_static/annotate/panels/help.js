/** F1: every key, from the same registry that answers to them. */
import { createDialog, shown } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { openSettings } from "../../shell/settings.js";
import { complain } from "../../shell/toast.js";
import { keyLabel } from "../keymap.js";

/** @type {[string, string][]} */
const POINTER = [
  [t("Wheel"), t("Zoom at the cursor")],
  [t("Space or middle button, drag"), t("Move the view")],
  [t("Shift + wheel"), t("Brush size")],
  [t("Alt + right button, drag"), t("Brush size")],
  [t("Alt + click"), t("Pick the entity under the brush")],
  [t("Shift + click"), t("Straight line from the last stroke's end")],
  [t("Shift + click with the bucket"), t("Give a gap to its neighbour")],
];

/** @param {import("../commands.js").Actions} actions @param {[string, string][]} [pointer] what the pointer does */
export async function showHelp(actions, pointer = POINTER) {
  if (document.querySelector(".help-dialog")) return;
  const dialog = createDialog(t("Keys"));
  dialog.classList.add("help-dialog");
  const groups = new Map();
  for (const action of actions.all()) {
    if (action.keys.length === 0 || action.unlisted) continue;
    groups.set(action.group, [...(groups.get(action.group) ?? []), [action.keys.map(keyLabel), action.label]]);
  }
  groups.set(t("Pointer"), pointer.map(([key, label]) => [[key], label]));
  const close = element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("Close"));
  const change = element("button", { type: "button", class: "button", onclick: () => dialog.close("change") }, t("Change keys"));
  dialog.append(
    element("div", { class: "help-scroll", tabindex: 0, role: "region", "aria-label": t("Keys") }, element("div", { class: "help-groups" }, ...[...groups].map(([name, rows]) => groupOf(name, rows)))),
    element("div", { class: "dialog-actions" }, change, close),
  );
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "F1") return;
    event.preventDefault();
    dialog.close();
  });
  if ((await shown(dialog)) === "change") openSettings("keys").catch(complain);
}

/** @param {string} name @param {[string[], string][]} rows */
const groupOf = (name, rows) =>
  element(
    "section",
    { class: "help-group" },
    element("h3", {}, name),
    element(
      "dl",
      {},
      ...rows.map(([keys, label]) =>
        element("div", { class: "help-row" }, element("dt", {}, ...keys.map((key) => element("kbd", {}, key))), element("dd", {}, label)),
      ),
    ),
  );
