/** What to do with changes that the server will not take, and where a full disk is said. */
import { askChoice } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

/**
 * 422 and the like: sending the same again would be refused again, so a person chooses.
 * @param {string} sentence the server's
 * @returns {Promise<"retry" | "download" | "aside" | "">}
 */
export async function askRefused(sentence) {
  const choice = await askChoice({
    title: t("The server refused this save"),
    body: [
      element("p", {}, sentence),
      element("p", { class: "soft" }, t("Your changes are kept on this computer. Download them before you set them aside: Ctrl+Alt+R restores the file here later.")),
    ],
    choices: [
      { label: t("Later"), value: "" },
      { label: t("Set aside and reload"), value: "aside", kind: "danger" },
      { label: t("Download them"), value: "download" },
      { label: t("Try again"), value: "retry", kind: "primary" },
    ],
  });
  return /** @type {"retry" | "download" | "aside" | ""} */ (choice);
}

/** The journal cannot be written. @param {boolean} isFull @returns {Promise<string>} */
export const sayDiskRefuses = (isFull) =>
  askChoice({
    title: isFull ? t("This computer's disk is full") : t("This browser keeps nothing on its disk"),
    body: [
      element("p", {}, t("Every stroke now goes straight to the server. Until the bar says that all changes are saved, do not close this page.")),
      element("p", { class: "soft" }, isFull ? t("Free some space to have unsaved strokes kept here again.") : t("This is so in private windows; in an ordinary window unsaved strokes survive a crash.")),
    ],
    choices: [{ label: t("Go on"), value: "ok", kind: "primary" }],
  });

/** Give the person a file. @param {string} name @param {string} text */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = element("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Ask for a file. @returns {Promise<string | null>} its text */
export function askForFile() {
  const input = element("input", { type: "file", accept: ".json,application/json", hidden: true, id: "unsaved-file" });
  document.body.append(input);
  return new Promise((resolve) => {
    const done = async () => {
      const [file] = input.files ?? [];
      input.remove();
      resolve(file ? await file.text() : null);
    };
    input.addEventListener("change", done);
    input.addEventListener("cancel", done);
    input.click();
  });
}
