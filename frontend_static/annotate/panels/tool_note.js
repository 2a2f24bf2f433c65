/** What the tool in hand says of itself, over the canvas, for as long as it is true. */
import { element } from "../../shared/dom.js";

/** @param {HTMLElement} host @param {import("../editor_state.js").EditorStore} store */
export function createToolNote(host, store) {
  const note = element("div", { class: "tool-note", role: "status", "aria-live": "polite", hidden: true });
  host.append(note);
  store.watch(["note"], ({ note: sentence }) => {
    note.textContent = sentence;
    note.hidden = sentence === "";
  });
}
