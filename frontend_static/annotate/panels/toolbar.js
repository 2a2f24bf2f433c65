/** The tools, one button each: a toolbar in which the arrow keys move. */
import { element, icon } from "../../shared/dom.js";
import { keyLabel } from "../keymap.js";

/**
 * @param {HTMLElement} host @param {import("../tools/tool.js").Tool[]} tools
 * @param {import("../editor_state.js").EditorStore} store @param {(id: string) => void} choose
 */
export function createToolbar(host, tools, store, choose) {
  const buttons = tools.map((tool) =>
    element(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-label": tool.label,
        title: `${tool.label} (${keyLabel(tool.keys[0])})\n${tool.hint}`,
        "aria-keyshortcuts": keyLabel(tool.keys[0]),
        data: { tool: tool.id },
        onclick: () => choose(tool.id),
      },
      icon(tool.icon, 21),
      element("span", { class: "tool-key", "aria-hidden": "true" }, keyLabel(tool.keys[0])),
    ),
  );
  const bar = element("div", { role: "toolbar", class: "tool-bar", "aria-label": "Tools", "aria-orientation": "vertical" }, ...buttons);
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
    for (const button of buttons) {
      const isChosen = button.dataset.tool === store.state.tool;
      button.setAttribute("aria-pressed", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      button.disabled = Boolean(store.state.readOnly) && tools.find(({ id }) => id === button.dataset.tool)?.edits === true;
    }
  }
  store.watch(["tool", "readOnly"], show);
  show();
}
