/** The settings and buttons that a tool declares, as controls of the options bar. */
import { element } from "../../shared/dom.js";

/** @typedef {import("../tool_settings.js").Setting} Setting */
/** @typedef {import("../tool_settings.js").ToolSettings} ToolSettings */

/** @param {string} id of a setting @returns {string} of its control */
const controlId = (id) => `setting-${id.replace(".", "-")}`;

/**
 * A control for one setting.
 * @param {Setting} setting @param {ToolSettings} settings
 * @returns {{node: HTMLElement, show: () => void}} show: put the present value in
 */
export function settingControl(setting, settings) {
  const made = { range: rangeControl, choice: choiceControl, check: checkControl }[setting.kind](setting, settings);
  return {
    node: made.node,
    show() {
      made.node.hidden = setting.isShown?.(settings.get) === false;
      made.show();
    },
  };
}

/** @param {Setting} setting @param {ToolSettings} settings */
function rangeControl({ id, label, title, min, max, step, text = String }, settings) {
  const input = element("input", { type: "range", id: controlId(id), min, max, step, title });
  const shown = element("output", { for: controlId(id), class: "option-value" });
  input.addEventListener("input", () => settings.set(id, Number(input.value)));
  return {
    node: element("div", { class: "option" }, element("label", { for: controlId(id) }, label), input, shown),
    show() {
      input.value = String(settings.number(id));
      shown.textContent = text(settings.number(id));
      input.setAttribute("aria-valuetext", shown.textContent);
    },
  };
}

/** @param {Setting} setting @param {ToolSettings} settings */
function choiceControl({ id, label, title, choices = [] }, settings) {
  const select = element("select", { id: controlId(id), title }, ...choices.map((choice) => element("option", { value: choice.value }, choice.label)));
  select.addEventListener("change", () => settings.set(id, select.value));
  return {
    node: element("div", { class: "option" }, element("label", { for: controlId(id) }, label), select),
    show: () => void (select.value = settings.text(id)),
  };
}

/** @param {Setting} setting @param {ToolSettings} settings */
function checkControl({ id, label, title }, settings) {
  const box = element("input", { type: "checkbox", id: controlId(id), title });
  box.addEventListener("change", () => settings.set(id, box.checked));
  return {
    node: element("div", { class: "option" }, box, element("label", { for: controlId(id), title }, label)),
    show: () => void (box.checked = settings.isOn(id)),
  };
}

/**
 * Controls for the tool in hand; those of each tool are made when it is first taken.
 * @param {{tools: import("../tools/tool.js").Tool[], settings: ToolSettings, actions: import("../commands.js").Actions}} parts
 */
export function createToolOptions({ tools, settings, actions }) {
  const host = element("div", { class: "tool-options" });
  /** @type {Map<string, {nodes: HTMLElement[], show: () => void}>} */
  const made = new Map();

  /** @param {import("../tools/tool.js").Tool} tool */
  function make(tool) {
    const controls = (tool.settings ?? []).map((setting) => settingControl(setting, settings));
    const buttons = (tool.buttons ?? []).map(({ label, run, action }) =>
      element("button", { type: "button", class: "button button-small button-primary", onclick: () => (action ? actions.run(action) : run?.()) }, label),
    );
    return { nodes: controls.map(({ node }) => node).concat(buttons), show: () => controls.forEach(({ show }) => show()) };
  }

  return {
    node: host,
    /** @param {string} id of the tool in hand, "" for none */
    show(id) {
      const tool = tools.find((one) => one.id === id);
      let options = made.get(id);
      if (tool && !options) made.set(id, (options = make(tool)));
      const nodes = options?.nodes ?? [];
      if (host.childElementCount !== nodes.length || [...host.children].some((child, i) => child !== nodes[i])) host.replaceChildren(...nodes);
      options?.show();
      host.hidden = nodes.length === 0;
    },
  };
}
