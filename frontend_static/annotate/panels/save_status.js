/** Where the work is: saved, on its way, or kept on this computer. Spoken by screen readers when it changes. */
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";

/** @typedef {import("../autosave.js").SaveStatus} SaveStatus */

/** @type {Record<import("../autosave.js").SaveState, {tone: string, text: (status: SaveStatus) => string, action?: () => string}>} */
const STATES = {
  saved: { tone: "good", text: () => t("All changes saved") },
  waiting: { tone: "busy", text: savingText },
  saving: { tone: "busy", text: savingText },
  offline: { tone: "warn", text: ({ isAtRisk }) => (isAtRisk ? t("Offline: stay on this page") : t("Offline: kept on this computer")), action: () => t("Try now") },
  conflict: { tone: "bad", text: () => t("Changed elsewhere"), action: () => t("Resolve") },
  refused: { tone: "bad", text: () => t("The server refused this save; it is kept on this computer"), action: () => t("Resolve") },
  lease_lost: { tone: "bad", text: () => t("Taken over elsewhere; your last changes are kept here") },
  logged_out: { tone: "warn", text: () => t("Logged out: kept on this computer"), action: () => t("Log in") },
  frozen: { tone: "warn", text: () => t("Submitted: no longer editable") },
  differs: { tone: "bad", text: () => t("Screen and server differ"), action: () => t("Compare") },
};

/** @param {SaveStatus} status */
function savingText({ tiles }) {
  return tiles > 0 ? plural(tiles, "Saving {n} tile…", "Saving {n} tiles…") : t("Saving names…");
}

/** Saving lasts tenths of a second; saying so each time would flicker and chatter. */
const CALM_MS = 250;

/**
 * @param {HTMLElement} host @param {import("../autosave.js").Autosave} autosave
 * @param {import("../editor_state.js").EditorStore} store
 * @param {(state: import("../autosave.js").SaveState) => void} act what the button beside the text does
 */
export function createSaveStatus(host, autosave, store, act) {
  const text = element("span", { role: "status", "aria-live": "polite", class: "save-text" });
  const button = element("button", { type: "button", class: "button button-small", hidden: true });
  const dot = element("span", { class: "save-dot", "aria-hidden": "true" });
  host.append(dot, text, button);
  let timer = 0;

  button.addEventListener("click", () => act(autosave.status().state));

  function show() {
    const status = autosave.status();
    const { tone, text: sentence, action } = STATES[status.state];
    host.dataset.tone = tone;
    host.dataset.state = status.state;
    host.title = status.sentence;
    text.textContent = store.state.readOnly && status.state === "saved" ? t("View only") : sentence(status);
    button.hidden = !action;
    button.textContent = action?.() ?? "";
  }

  function update() {
    clearTimeout(timer);
    if (STATES[autosave.status().state].tone === "busy") timer = setTimeout(show, CALM_MS);
    else show();
  }

  autosave.onStatus(update);
  store.watch(["readOnly"], update);
  show();
}
