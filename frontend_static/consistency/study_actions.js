/** What an admin does with a study: open, start the names, close, cancel, work out again, delete. */
import { askChoice } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { api } from "../shell/page.js";
import { busyWhile, note } from "../shell/toast.js";
import { allOf } from "./study_words.js";

/** @typedef {import("./study_words.js").StudyRow} StudyRow */
/** @typedef {{label: string, kind?: "primary" | "danger", text: string, question: string, done: string, send: () => Promise<unknown>, leaves?: boolean}} Step
 *   question, text: of the dialog that asks first */

/** What can be done with a study in its state, the usual way on first. @param {StudyRow} study @returns {Step[]} */
function stepsOf(study) {
  const { id, state, parts, protocol } = study;
  const send = (/** @type {string} */ verb) => () => api.post(`studies/${id}/${verb}`);
  const missing = parts.masks.waiting + parts.masks.open;
  const left = missing ? plural(missing, "{n} piece of work is not done and will be missing from the report.", "{n} pieces of work are not done and will be missing from the report.") : "";
  /** @type {Record<string, Step>} */
  const steps = {
    open: { label: t("Open the study"), kind: "primary", question: t("Open this study?"), text: t("Its images come into the queues of its annotators from now on, unseen. The vocabulary is frozen as it is now, and no image of it is trained on until it is closed."), done: t("The study is open."), send: send("open") },
    names: { label: t("Start names"), kind: "primary", question: t("Start the second phase?"), text: [left, t("No more masks are drawn. The annotators now name the first annotator's masks, without seeing the names given.")].filter(Boolean).join(" "), done: t("The second phase has begun."), send: send("start-names") },
    close: { label: t("Close the study"), kind: protocol.names_phase && state === "drawing" ? undefined : "primary", question: t("Close this study?"), text: [left, t("Nothing more comes into queues; the report is worked out, and the images are free for training again.")].filter(Boolean).join(" "), done: t("The study is closed; its report is being worked out."), send: send("close") },
    soFar: { label: t("Report so far"), question: t("Work out a report of what is done so far?"), text: t("Only admins see it, without the images. Who sees figures early may let them guide the work: close the study first where you can."), done: t("The report is being worked out."), send: send("work-out") },
    again: { label: t("Work out again"), question: t("Work the report out again?"), text: t("Annotations and vocabulary merges as they are now are compared again. The old report is replaced; releases keep theirs."), done: t("The report is being worked out."), send: send("work-out") },
    cancel: { label: t("Cancel the study"), kind: "danger", question: t("Cancel this study?"), text: t("Its work leaves the queues and there will be no report. What was drawn is kept, and stays out of releases."), done: t("The study is cancelled."), send: send("cancel") },
    remove: { label: t("Delete"), kind: "danger", question: t("Delete this study?"), text: t("Nobody has begun it. Its sample is forgotten."), done: t("The study is deleted."), send: () => api.remove(`studies/${id}`), leaves: true },
  };
  /** @type {Record<string, Step[]>} */
  const byState = {
    planned: [steps.open, steps.remove],
    drawing: [...(protocol.names_phase && allOf(parts.masks) > 0 ? [steps.names] : []), steps.close, steps.soFar, steps.cancel],
    naming: [steps.close, steps.soFar, steps.cancel],
    closed: [steps.again],
  };
  return byState[state] ?? [];
}

/** @param {StudyRow} study @param {(leaves: boolean) => void} changed @returns {HTMLElement[]} */
export const studyButtons = (study, changed) =>
  stepsOf(study).map((step) => {
    const button = element("button", { type: "button", class: `button ${step.kind === "primary" ? "button-primary" : ""}` }, step.label);
    button.addEventListener("click", () => busyWhile(button, () => take(step, study.name, changed)));
    return button;
  });

/** @param {Step} step @param {string} name @param {(leaves: boolean) => void} changed */
async function take({ label, kind = "primary", question, text, done, send, leaves = false }, name, changed) {
  const answer = await askChoice({
    title: question,
    body: [element("p", {}, element("strong", {}, name)), element("p", {}, text)],
    choices: [{ label: t("Back"), value: "" }, { label, value: "yes", kind }],
  });
  if (answer !== "yes") return;
  await send();
  note(done);
  changed(leaves);
}
