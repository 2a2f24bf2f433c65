/** The bar at the top: steps, undo and redo, submit, help. */
import { element, icon } from "../../shared/dom.js";
import { keyLabel } from "../keymap.js";

const UNDO = "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 0 10h-2";
const REDO = "M15 7l5 5-5 5M20 12H9a5 5 0 0 0 0 10h2";
const HELP = "M9.2 9a2.9 2.9 0 1 1 4 2.7c-.8.3-1.2 1-1.2 1.8v.5M12 17.5v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z";

/** @param {HTMLElement} host @param {import("../editor.js").Editor} editor */
export function createHeader(host, { actions, store, drawing, stepTo }) {
  /** @param {string} id */
  const titleOf = (id) => {
    const action = actions.get(id);
    return `${action?.label} (${keyLabel(action?.keys[0] ?? "")})`;
  };
  /** @param {string} id @param {string} path */
  const iconButton = (id, path) =>
    element("button", { type: "button", class: "icon-button", "aria-label": actions.get(id)?.label, title: titleOf(id), onclick: () => actions.run(id) }, icon(path, 18));
  /** @param {"masks" | "names"} step @param {string} label @param {string} key */
  const stepButton = (step, label, key) =>
    element("button", { type: "button", class: "step", title: key, onclick: () => stepTo(step) }, label, element("kbd", {}, key));

  const masks = stepButton("masks", "Masks", "F2");
  const names = stepButton("names", "Names", "F3");
  const undo = iconButton("edit.undo", UNDO);
  const redo = iconButton("edit.redo", REDO);
  const submit = element("button", { type: "button", class: "button button-primary submit-button", title: titleOf("work.submit"), onclick: () => actions.run("work.submit") }, "Submit");
  host.append(
    element("div", { class: "steps", role: "group", "aria-label": "Step" }, masks, names),
    element("div", { class: "button-group", role: "group", "aria-label": "History" }, undo, redo),
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
  }
  store.watch(["step", "readOnly"], show);
  drawing.history.onChange(show);
  show();
}
