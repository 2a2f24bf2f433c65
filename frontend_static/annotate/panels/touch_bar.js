/** What fingers need within reach: whether one finger works or moves the view, undo and redo; shown where there is a touch screen. */
import { element, icon } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

const FINGER = "M9 11V5.5a1.5 1.5 0 0 1 3 0V11m0-1a1.5 1.5 0 0 1 3 0v1.5m0-.5a1.5 1.5 0 0 1 3 0V15c0 3.5-2 6-5.5 6S8 19.5 6.5 17L4.6 13.8a1.5 1.5 0 0 1 2.5-1.6L9 14.5";
const UNDO = "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 0 10h-2";
const REDO = "M15 7l5 5-5 5M20 12H9a5 5 0 0 0 0 10h2";

/** @param {HTMLElement} host @param {import("../editor_state.js").EditorStore} store @param {import("../commands.js").Actions} actions */
export function createTouchBar(host, store, actions) {
  /** @param {string} id @param {string} path @param {string} label */
  const button = (id, path, label) => element("button", { type: "button", class: "touch-button", "aria-label": label, title: label, onclick: () => actions.run(id) }, icon(path, 22));
  const finger = button("touch.finger", FINGER, t("One finger moves the view"));
  host.append(element("div", { class: "touch-bar", role: "group", "aria-label": t("Touch") }, finger, button("edit.undo", UNDO, t("Undo")), button("edit.redo", REDO, t("Redo"))));

  const show = () => finger.setAttribute("aria-pressed", String(store.state.fingerPans));
  store.watch(["fingerPans"], show);
  show();
}
