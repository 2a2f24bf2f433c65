/** What is asked of whoever draws: the instructions, open until they are closed, and whether only names are wanted. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

/** The text that was closed last; another one is shown open again. */
const CLOSED = "tessera.instructions.closed";

/** @param {HTMLElement} host @param {Record<string, any>} detail  GET annotations/{id} */
export function createTaskNote(host, { task: { instructions, locked_map: isLocked } }) {
  host.hidden = !instructions && !isLocked;
  if (isLocked) host.append(element("strong", {}, t("Give every mask a name")), element("p", {}, t("The masks are finished and stay as they are. Submit when each has a name.")));
  if (instructions) host.append(instructionsNote(instructions));
}

/** @param {string} text */
function instructionsNote(text) {
  const note = element("details", { open: localStorage.getItem(CLOSED) !== text }, element("summary", {}, t("Instructions")), element("p", { class: "task-text", tabindex: "0" }, text));
  note.addEventListener("toggle", () => (note.open ? localStorage.removeItem(CLOSED) : localStorage.setItem(CLOSED, text)));
  return note;
}
