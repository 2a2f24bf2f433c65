/** The tools, one button each: a toolbar in which the arrow keys move. */
import { element, find, icon } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { whyFixed } from "../editor_state.js";
import { ariaKeys, keyLabel, titleOf } from "../keymap.js";

/** What fits in the corner of a button; the tooltip has it all. */
const MOST_SIGNS = 5;

/**
 * @param {HTMLElement} host @param {import("../tools/tool.js").Tool[]} tools
 * @param {import("../editor_state.js").EditorStore} store @param {(id: string) => void} choose
 * @param {import("../commands.js").Actions} actions  whose keys the buttons show
 */
export function createToolbar(host, tools, store, choose, actions) {
  const buttons = tools.map((tool) =>
    element(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-label": tool.label,
        data: { tool: tool.id },
        onclick: () => choose(tool.id),
      },
      icon(tool.icon, 21),
      element("span", { class: "tool-key", "aria-hidden": "true" }),
    ),
  );
  const bar = element("div", { role: "toolbar", class: "tool-bar", "aria-label": t("Tools"), "aria-orientation": "vertical" }, ...buttons);
  bar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const at = buttons.findIndex((button) => button === document.activeElement);
    if (step === 0 || at < 0) return;
    buttons[(at + step + buttons.length) % buttons.length].focus();
    event.preventDefault();
    event.stopPropagation();
  });
  host.append(bar);

  function show() {
    tools.forEach(({ id, edits }, i) => {
      const isChosen = id === store.state.tool;
      buttons[i].setAttribute("aria-pressed", String(isChosen));
      buttons[i].tabIndex = isChosen ? 0 : -1;
      buttons[i].disabled = edits === true && whyFixed(store.state) !== "";
      buttons[i].title = [titleOf(actions.get(`tool.${id}`)), (edits && whyFixed(store.state)) || tools[i].hint].join("\n");
    });
  }

  function showKeys() {
    tools.forEach((tool, i) => {
      const action = actions.get(`tool.${tool.id}`);
      const key = action?.keys[0] ?? "";
      if (key) buttons[i].setAttribute("aria-keyshortcuts", ariaKeys(key));
      else buttons[i].removeAttribute("aria-keyshortcuts");
      find(".tool-key", buttons[i]).textContent = keyLabel(key.replace("shift+", "⇧")).slice(0, MOST_SIGNS);
    });
    show();
  }
  store.watch(["tool", "readOnly", "lockedMap"], show);
  actions.onKeys(showKeys);
  showKeys();
}
