/** Settings: language, appearance, motion and keys of one person; reached from every page. */
import { createDialog, shown } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { choice, field } from "./fields.js";
import { prefer, preferences } from "./preferences.js";
import { complain, note } from "./toast.js";

/** @typedef {() => HTMLElement} Section */

/** Languages under their own names, as their speakers look for them. @type {[string, string][]} */
export const LANGUAGES = [["en", "English"], ["de", "Deutsch"], ["zh-hans", "简体中文"]];

/** What a page adds to the settings. @type {Section | null} */
let keySection = null;

/** The page with the keys shows them in the settings. @param {Section} section */
export function showKeysWith(section) {
  keySection = section;
}

/** @param {"general" | "keys"} [part] where to begin */
export async function openSettings(part = "general") {
  if (document.querySelector(".settings-dialog")) return;
  const dialog = createDialog(t("Settings"));
  dialog.classList.add("settings-dialog");
  const { keys: before, language: spoken } = preferences();
  const keys = keySection?.() ?? elsewhere();
  const tabs = tabList([
    { id: "general", label: t("Language and appearance"), panel: general() },
    { id: "keys", label: t("Keys"), panel: keys },
  ], part);
  dialog.append(
    tabs,
    element("div", { class: "dialog-actions" }, element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("Close"))),
  );
  await shown(dialog);
  if (preferences().language !== spoken) location.reload();
  else if (preferences().keys !== before) note(t("Your keys are kept with your account."));
}

function general() {
  const { language, theme, motion } = preferences();
  const panel = element(
    "div",
    { class: "settings-panel" },
    field(t("Language"), choice({ name: "language" }, [["", t("As the browser asks")], ...LANGUAGES], language), t("The page is loaded again when you close the settings.")),
    field(t("Appearance"), choice({ name: "theme" }, [
      ["dark", t("Dark")], ["light", t("Light")], ["contrast", t("High contrast")], ["system", t("As the system")],
    ], theme)),
    field(t("Motion"), choice({ name: "motion" }, [["system", t("As the system")], ["reduced", t("As little as possible")]], motion)),
  );
  panel.addEventListener("change", (event) => {
    const { target } = event;
    if (target instanceof HTMLSelectElement) prefer({ [target.name]: target.value }).catch(complain);
  });
  return panel;
}

/** Pages without an editor have no keys to show. */
const elsewhere = () =>
  element("div", { class: "settings-panel" }, element("p", {}, t("Keys are changed where they can be tried: open an image in the editor, press F1 and choose “Change keys”.")));

/**
 * Tabs after the ARIA pattern: arrow keys move, one panel is shown.
 * @param {{id: string, label: string, panel: HTMLElement}[]} parts @param {string} first
 */
function tabList(parts, first) {
  const buttons = parts.map(({ id, label }) =>
    element("button", { type: "button", role: "tab", id: `tab-${id}`, class: "settings-tab", "aria-controls": `panel-${id}`, onclick: () => show(id) }, label),
  );
  for (const { id, panel } of parts) {
    panel.id = `panel-${id}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${id}`);
  }
  const bar = element("div", { role: "tablist", class: "settings-tabs", "aria-label": t("Settings") }, ...buttons);
  bar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const at = buttons.findIndex((button) => button === document.activeElement);
    if (!step || at < 0) return;
    const next = (at + step + parts.length) % parts.length;
    show(parts[next].id);
    buttons[next].focus();
  });

  /** @param {string} chosen */
  function show(chosen) {
    parts.forEach(({ id, panel }, i) => {
      panel.hidden = id !== chosen;
      buttons[i].setAttribute("aria-selected", String(id === chosen));
      buttons[i].tabIndex = id === chosen ? 0 : -1;
    });
  }
  show(first);
  return element("div", { class: "settings-body" }, bar, ...parts.map(({ panel }) => panel));
}
