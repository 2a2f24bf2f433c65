/** The bar at the top: steps, undo and redo, submit, help. */
import { element, icon } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { keyLabel, titleOf } from "../keymap.js";

const UNDO = "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 0 10h-2";
const REDO = "M15 7l5 5-5 5M20 12H9a5 5 0 0 0 0 10h2";
const GIVE_BACK = "M4 13.5 6.5 5h11l2.500 8.500V19H4zM12 15V8m-3 3 3-3 3 3";
const HELP = "M9.2 9a2.9 2.9 0 1 1 4 2.7c-.8.3-1.2 1-1.2 1.8v.5M12 17.5v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z";

/** @param {HTMLElement} host @param {import("../editor.js").Editor} editor */
export function createHeader(host, { actions, store, drawing, stepTo }) {
  /** @param {string} id @param {string} path */
  const iconButton = (id, path) =>
    element("button", { type: "button", class: "icon-button", "aria-label": actions.get(id)?.label, data: { action: id }, onclick: () => actions.run(id) }, icon(path, 18));
  /** @param {"masks" | "names"} step @param {string} label */
  const stepButton = (step, label) =>
    element("button", { type: "button", class: "step", data: { action: `step.${step}` }, onclick: () => stepTo(step) }, label, element("kbd", {}));

  const masks = stepButton("masks", t("Masks"));
  const names = stepButton("names", t("Names"));
  const undo = iconButton("edit.undo", UNDO);
  const redo = iconButton("edit.redo", REDO);
  const submit = element("button", { type: "button", class: "button button-primary submit-button", data: { action: "work.submit" }, onclick: () => actions.run("work.submit") }, t("Submit"));
  const giveBack = iconButton("work.giveBack", GIVE_BACK);
  giveBack.hidden = !actions.get("work.giveBack")?.enabled?.();
  host.append(
    element("div", { class: "steps", role: "group", "aria-label": t("Step") }, masks, names),
    element("div", { class: "button-group", role: "group", "aria-label": t("History") }, undo, redo),
    giveBack,
    iconButton("work.help", HELP),
    submit,
  );

  function show() {
    const { step, readOnly } = store.state;
    const depth = drawing.history.depth();
    masks.setAttribute("aria-pressed", String(step === "masks"));
    names.setAttribute("aria-pressed", String(step === "names"));
    undo.disabled = depth.undo === 0 || Boolean(readOnly);
    redo.disabled = depth.redo === 0 || Boolean(readOnly);
    submit.disabled = Boolean(readOnly);
    giveBack.disabled = Boolean(readOnly);
  }

  function showKeys() {
    for (const button of host.querySelectorAll("button[data-action]")) {
      const action = actions.get(button.getAttribute("data-action") ?? "");
      button.setAttribute("title", titleOf(action));
      const key = button.querySelector("kbd");
      if (key) key.textContent = keyLabel(action?.keys[0] ?? "");
    }
  }
  actions.onKeys(showKeys);
  showKeys();
  store.watch(["step", "readOnly"], show);
  drawing.history.onChange(show);
  show();
}
