/** Whether what was answered has arrived: a quiet word in the bar, a plain one when it has not. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { complain } from "../shell/toast.js";

const QUIET_MS = 400;

/** @param {HTMLElement} host */
export function createSavingNote(host) {
  const note = element("p", { class: "saving-note", role: "status" });
  host.append(note);
  let told = "";
  let timer = 0;
  return {
    /** @param {import("./answer_keeper.js").Keeping} state */
    show({ waiting, isSending, isOffline, refusal }) {
      clearTimeout(timer);
      if (refusal && refusal !== told) complain(refusal);
      told = refusal;
      note.classList.toggle("bad", isOffline);
      if (isOffline) note.textContent = plural(waiting, "No connection: {n} answer waits on this device and is sent by itself.", "No connection: {n} answers wait on this device and are sent by themselves.");
      else if (isSending && waiting) timer = window.setTimeout(() => (note.textContent = t("Saving …")), QUIET_MS);
      else if (!waiting) note.textContent = t("Saved");
    },
  };
}
