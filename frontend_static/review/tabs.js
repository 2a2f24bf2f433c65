/** The side panel's tabs, after the ARIA pattern: arrow keys move, one panel is shown. */
import { element } from "../shared/dom.js";

/** @typedef {{id: string, label: string, panel: HTMLElement}} Tab */

/** @param {HTMLElement} host @param {string} label @param {Tab[]} tabs */
export function createTabs(host, label, tabs) {
  const counts = new Map(tabs.map(({ id }) => [id, element("span", { class: "count" })]));
  const buttons = new Map(
    tabs.map(({ id, label: text, panel }) => {
      const button = element("button", { type: "button", role: "tab", id: `tab-${id}`, class: "panel-tab", "aria-controls": panel.id, onclick: () => show(id) }, text, counts.get(id));
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      return [id, button];
    }),
  );
  const bar = element("div", { class: "panel-tabs", role: "tablist", "aria-label": label }, ...buttons.values());
  host.append(bar);

  /** @param {string} chosen */
  function show(chosen) {
    for (const { id, panel } of tabs) {
      panel.hidden = id !== chosen;
      buttons.get(id)?.setAttribute("aria-selected", String(id === chosen));
      buttons.get(id)?.setAttribute("tabindex", id === chosen ? "0" : "-1");
    }
  }

  bar.addEventListener("keydown", (event) => {
    const shown = tabs.filter(({ id }) => !buttons.get(id)?.hidden);
    const at = shown.findIndex(({ id }) => buttons.get(id) === document.activeElement);
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step || at < 0) return;
    const { id } = shown[(at + step + shown.length) % shown.length];
    show(id);
    buttons.get(id)?.focus();
  });
  show(tabs[0].id);

  return {
    show,
    /** @param {string} id @param {boolean} offered */
    offer(id, offered) {
      const button = buttons.get(id);
      if (button) button.hidden = !offered;
    },
    /** @param {string} id @param {number} count 0 shows nothing */
    count(id, count) {
      const node = counts.get(id);
      if (node) node.textContent = count > 0 ? String(count) : "";
    },
  };
}
