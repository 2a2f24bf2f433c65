/** F1: every key, from the same registry that answers to them. */
import { createDialog, shown } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { keyLabel } from "../keymap.js";

/** @type {[string, string][]} */
const POINTER = [
  ["Wheel", "Zoom at the cursor"],
  ["Space or middle button, drag", "Move the view"],
  ["Shift + wheel", "Brush size"],
  ["Alt + right button, drag", "Brush size"],
  ["Alt + click", "Pick the entity under the brush"],
  ["Shift + click", "Straight line from the last stroke's end"],
  ["Shift + click with the bucket", "Give a gap to its neighbour"],
];

/** @param {import("../commands.js").Actions} actions @param {[string, string][]} [pointer] what the pointer does */
export async function showHelp(actions, pointer = POINTER) {
  if (document.querySelector(".help-dialog")) return;
  const dialog = createDialog("Keys");
  dialog.classList.add("help-dialog");
  const groups = new Map();
  for (const action of actions.all()) {
    if (action.keys.length === 0 || action.unlisted) continue;
    groups.set(action.group, [...(groups.get(action.group) ?? []), [action.keys.map(keyLabel), action.label]]);
  }
  groups.set("Pointer", pointer.map(([key, label]) => [[key], label]));
  const close = element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, "Close");
  dialog.append(
    element("div", { class: "help-scroll", tabindex: 0 }, element("div", { class: "help-groups" }, ...[...groups].map(([name, rows]) => groupOf(name, rows)))),
    element("div", { class: "dialog-actions" }, close),
  );
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "F1") return;
    event.preventDefault();
    dialog.close();
  });
  await shown(dialog);
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
