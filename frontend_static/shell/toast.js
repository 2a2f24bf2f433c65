/** Short notes in the corner: good ones leave by themselves, bad ones stay until they are read. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "./icons.js";

const STAY_MS = 5000;

/** @param {string} sentence */
export function note(sentence) {
  const toast = show(sentence, "");
  setTimeout(() => toast.remove(), STAY_MS);
}

/** @param {unknown} problem an error, or a sentence */
export function complain(problem) {
  show(problem instanceof Error ? problem.message : String(problem), "bad");
}

/** @param {string} sentence @param {string} tone */
function show(sentence, tone) {
  const close = element("button", { type: "button", class: "button button-quiet button-icon-only button-small", "aria-label": t("Close") });
  close.append(spriteIcon("close"));
  const toast = element("div", { class: `toast ${tone}` }, element("p", {}, sentence), close);
  close.addEventListener("click", () => toast.remove());
  find("#toasts").append(toast);
  return toast;
}

/**
 * Run what a button asks for: busy meanwhile, its problem shown as a note. The keyboard, which a disabled button loses, comes back.
 * @param {HTMLButtonElement} button @param {() => Promise<unknown>} act
 */
export async function busyWhile(button, act) {
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (problem) {
    complain(problem);
  }
  button.disabled = false;
  button.removeAttribute("aria-busy");
  if (hadFocus && isNowhere(document.activeElement)) button.focus();
}

/** @param {Element | null} focused */
const isNowhere = (focused) => focused === null || focused === document.body;
