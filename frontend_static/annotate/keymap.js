/** From key presses to actions. */
import { t } from "../shared/translate.js";

/** How long the second of two keys may take, ms. */
const SECOND_KEY_MS = 1500;

const NAMED = new Map([[" ", "space"], ["delete", "del"], ["escape", "esc"], ["arrowup", "up"], ["arrowdown", "down"], ["arrowleft", "left"], ["arrowright", "right"]]);

/**
 * The name of a key press: modifiers in a fixed order, then the key; shift only where it does not change the sign itself.
 * @param {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> & Partial<Pick<KeyboardEvent, "getModifierState">>} event
 */
export function comboOf(event) {
  let key = event.key.toLowerCase();
  // Many keyboards have [ and ] behind AltGr, which Windows reports as Ctrl and Alt.
  if (event.getModifierState?.("AltGraph") && key.length === 1) return NAMED.get(key) ?? key;
  // Alt and Shift change the sign that letter and digit keys produce; the place on the keyboard stays.
  if ((event.altKey || event.shiftKey) && /^(Key[A-Z]|Digit\d)$/.test(event.code)) key = event.code.replace(/^(Key|Digit)/, "").toLowerCase();
  const shifts = event.shiftKey && (key.length > 1 || /[a-z0-9]/.test(key));
  return [
    event.ctrlKey || event.metaKey ? "ctrl+" : "",
    event.altKey ? "alt+" : "",
    shifts ? "shift+" : "",
    NAMED.get(key) ?? key,
  ].join("");
}

/** @param {EventTarget | null} target */
function isTextField(target) {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type);
}

/** Keys that belong to what has the focus before they are shortcuts. @param {string} combo @param {EventTarget | null} target */
function isForTarget(combo, target) {
  if (!(target instanceof HTMLElement) || target === document.body) return false;
  // So do the arrows: sliders, menus and lists have their own use for them.
  if (/^(ctrl\+|shift\+)?(left|right|up|down)$/.test(combo)) return target.getAttribute("role") !== "application";
  return (combo === "enter" || combo === "space") && target.matches("button, input, a, summary");
}

/**
 * @param {import("./commands.js").Actions} actions
 * @param {{hold: {[key: string]: (down: boolean) => void}}} options hold: actions that last as long as their key is down
 * @returns {() => void} removes the listeners
 */
export function listenToKeys(actions, { hold }) {
  const control = new AbortController();
  const options = { signal: control.signal };
  let first = "";
  let forget = 0;

  /** The press together with the one before, if that one began something. @param {string} combo */
  function completed(combo) {
    const both = first ? `${first} ${combo}` : combo;
    clearTimeout(forget);
    first = "";
    return actions.forKey(both) ? both : combo;
  }

  /** @param {string} combo */
  function begin(combo) {
    first = combo;
    forget = setTimeout(() => (first = ""), SECOND_KEY_MS);
  }
  document.addEventListener(
    "keydown",
    (event) => {
      // An input method's keys are letters in the making; modifiers alone say nothing yet.
      if (event.isComposing || ["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(event.key)) return;
      const inText = isTextField(event.target);
      const combo = inText ? comboOf(event) : completed(comboOf(event));
      if (isForTarget(combo, event.target)) return;
      if (combo in hold && !inText) {
        hold[combo](true);
        event.preventDefault();
        return;
      }
      const action = actions.forKey(combo);
      if (!action && !inText && actions.begins(combo)) {
        begin(combo);
        event.preventDefault();
        return;
      }
      if (!action || (inText && !action.everywhere)) return;
      // What cannot be done now leaves the key to whatever has the focus, such as a slider.
      if (action.enabled && !action.enabled()) return;
      actions.perform(action);
      event.preventDefault();
    },
    options,
  );
  document.addEventListener("keyup", (event) => hold[comboOf(event)]?.(false), options);
  addEventListener("blur", () => Object.values(hold).forEach((set) => set(false)), options);
  return () => control.abort();
}

/** As they are printed on the reader's keyboard. */
const SHOWN = new Map([
  ["ctrl", t("Ctrl")], ["alt", "Alt"], ["shift", t("Shift")], ["esc", "Esc"], ["del", t("Del")], ["tab", "Tab"], ["enter", t("Enter")],
  ["space", t("Space")], ["backspace", t("Backspace")], ["pageup", t("Page Up")], ["pagedown", t("Page Down")],
  ["up", "↑"], ["down", "↓"], ["left", "←"], ["right", "→"],
]);

/** "ctrl+shift+z" as a person reads it; "t h" is T, then H. @param {string} combo */
export const keyLabel = (combo = "") =>
  combo
    .split(" ")
    .map((press) => press.split(/\+(?!$)/).map((part) => SHOWN.get(part) ?? part.toUpperCase()).join("+"))
    .join(" ");

const ARIA = new Map([["ctrl", "Control"], ["alt", "Alt"], ["shift", "Shift"], ["esc", "Escape"], ["del", "Delete"]]);

/** As aria-keyshortcuts wants it, in every language the same. @param {string} combo */
export const ariaKeys = (combo) =>
  combo
    .split(/\+(?!$)/)
    .map((part) => ARIA.get(part) ?? part.charAt(0).toUpperCase() + part.slice(1))
    .join("+");

/** "Undo (Ctrl+Z)", or the label alone where no key is in force. @param {{label: string, keys: string[]} | undefined} action */
export const titleOf = (action) => (action?.keys[0] ? `${action.label} (${keyLabel(action.keys[0])})` : (action?.label ?? ""));
