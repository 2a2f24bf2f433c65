/** Short sentences over the canvas, and the banner that stays while nothing can be changed. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

const STAY_MS = 3200;

/**
 * @param {HTMLElement} host @param {import("../editor_state.js").EditorStore} store @param {() => void} takeOver
 */
export function createNotices(host, store, takeOver) {
  const note = element("div", { class: "canvas-note", role: "status", "aria-live": "polite", hidden: true });
  const reason = element("span");
  const button = element("button", { type: "button", class: "button button-small button-primary", onclick: takeOver }, t("Edit here instead"));
  const banner = element("div", { class: "read-only-banner", role: "alert", hidden: true }, reason, button);
  host.append(note, banner);
  let timer = 0;

  function show() {
    banner.hidden = !store.state.readOnly;
    reason.textContent = store.state.readOnly;
    button.hidden = !store.state.canTakeOver;
  }
  store.watch(["readOnly", "canTakeOver"], show);
  show();

  return {
    /** @param {string} sentence */
    say(sentence) {
      note.textContent = sentence;
      note.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(() => (note.hidden = true), STAY_MS);
    },
  };
}
