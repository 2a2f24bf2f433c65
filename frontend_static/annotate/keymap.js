/** From key presses to actions. */

const NAMED = new Map([[" ", "space"], ["delete", "del"], ["escape", "esc"], ["arrowup", "up"], ["arrowdown", "down"], ["arrowleft", "left"], ["arrowright", "right"]]);

/**
 * The name of a key press: modifiers in a fixed order, then the key; shift only where it does not change the sign itself.
 * @param {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event
 */
export function comboOf(event) {
  let key = event.key.toLowerCase();
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
  if (combo === "enter" || combo === "space") return target instanceof HTMLButtonElement || target instanceof HTMLInputElement || target instanceof HTMLAnchorElement;
  // Tab walks the entities only from the canvas; everywhere else it moves the focus.
  return (combo === "tab" || combo === "shift+tab") && target.getAttribute("role") !== "application";
}

/**
 * @param {import("./commands.js").Actions} actions
 * @param {{hold: {[key: string]: (down: boolean) => void}}} options hold: actions that last as long as their key is down
 * @returns {() => void} removes the listeners
 */
export function listenToKeys(actions, { hold }) {
  const control = new AbortController();
  const options = { signal: control.signal };
  document.addEventListener(
    "keydown",
    (event) => {
      const combo = comboOf(event);
      const inText = isTextField(event.target);
      if (isForTarget(combo, event.target)) return;
      if (combo in hold && !inText) {
        hold[combo](true);
        event.preventDefault();
        return;
      }
      const action = actions.forKey(combo);
      if (!action || (inText && !action.everywhere)) return;
      actions.perform(action);
      event.preventDefault();
    },
    options,
  );
  document.addEventListener("keyup", (event) => hold[comboOf(event)]?.(false), options);
  addEventListener("blur", () => Object.values(hold).forEach((set) => set(false)), options);
  return () => control.abort();
}

const SHOWN = new Map([["ctrl", "Ctrl"], ["alt", "Alt"], ["shift", "Shift"], ["esc", "Esc"], ["del", "Del"], ["tab", "Tab"], ["enter", "Enter"], ["space", "Space"], ["backspace", "Backspace"], ["up", "↑"], ["down", "↓"], ["left", "←"], ["right", "→"]]);

/** "ctrl+shift+z" as a person reads it. @param {string} combo */
export const keyLabel = (combo) =>
  combo
    .split(/\+(?!$)/)
    .map((part) => SHOWN.get(part) ?? part.toUpperCase())
    .join("+");
