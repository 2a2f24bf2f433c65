/** Modal dialogs as promises: open one, await what the person chose. */
import { element } from "./dom.js";
import { t } from "./translate.js";

/** isFirst: Enter takes it at once. @typedef {{label: string, value: string, kind?: "primary" | "danger" | "plain", isFirst?: boolean}} Choice */

/**
 * Ask for one of several choices; closing the dialog chooses nothing.
 * @param {{title: string, body?: import("./dom.js").Child[], choices: Choice[], dismissible?: boolean}} options
 * @returns {Promise<string>} the chosen value, "" if none
 */
export function askChoice({ title, body = [], choices, dismissible = true }) {
  const dialog = createDialog(title, dismissible);
  const buttons = choices.map(({ label, value, kind = "plain", isFirst = false }) =>
    element("button", { type: "button", class: buttonClass(kind), autofocus: isFirst, onclick: () => dialog.close(value) }, label),
  );
  dialog.append(element("div", { class: "dialog-body" }, ...body), element("div", { class: "dialog-actions" }, ...buttons));
  return shown(dialog);
}

/**
 * Ask with a form. `submit` may throw: the dialog then shows the sentence and stays open.
 * @param {{title: string, body: import("./dom.js").Child[], accept: string, kind?: "primary" | "danger",
 *   submit: (data: FormData) => unknown, dismissible?: boolean, closed?: () => void}} options
 *   closed: called whenever the dialog goes, also while `submit` is under way
 * @returns {Promise<boolean>} whether it was accepted
 */
export async function askForm({ title, body, accept, kind = "primary", submit, dismissible = true, closed }) {
  const dialog = createDialog(title, dismissible);
  const problem = element("p", { class: "form-error", role: "alert", hidden: true });
  const button = element("button", { type: "submit", class: buttonClass(kind) }, accept);
  const cancel = element("button", { type: "button", class: buttonClass("plain"), onclick: () => dialog.close("") }, t("Cancel"));
  const form = element(
    "form",
    {
      class: "dialog-body",
      async onsubmit(/** @type {SubmitEvent} */ event) {
        event.preventDefault();
        const focused = document.activeElement;
        button.disabled = true;
        try {
          await submit(new FormData(form));
          dialog.close("accepted");
        } catch (error) {
          problem.textContent = error instanceof Error ? error.message : String(error);
          problem.hidden = false;
        }
        button.disabled = false;
        if (dialog.open && focused instanceof HTMLElement) focused.focus();
      },
    },
    ...body,
    problem,
    element("div", { class: "dialog-actions" }, dismissible && cancel, button),
  );
  dialog.append(form);
  if (closed) dialog.addEventListener("close", closed);
  return (await shown(dialog)) === "accepted";
}

/** @param {string} title @param {boolean} dismissible */
export function createDialog(title, dismissible = true) {
  const dialog = element("dialog", { class: "dialog", "aria-label": title }, element("h2", { class: "dialog-title" }, title));
  dialog.addEventListener("cancel", (event) => {
    if (!dismissible) event.preventDefault();
  });
  // A dialog's keys are its own: none of them reaches the page's shortcuts.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  return dialog;
}

/** @param {HTMLDialogElement} dialog @returns {Promise<string>} its value when closed; it is then removed */
export function shown(dialog) {
  const focused = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (focused instanceof HTMLElement) focused.focus();
      resolve(dialog.returnValue);
    });
  });
}

/** @param {"primary" | "danger" | "plain"} kind */
const buttonClass = (kind) => (kind === "plain" ? "button" : `button button-${kind}`);
