/** Labelled form controls. */
import { element } from "../shared/dom.js";

let counter = 0;

/**
 * @param {string} label @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control gets an id and its hint
 * @param {string} [hint]
 */
export function field(label, control, hint = "") {
  counter += 1;
  control.id = `field-${counter}`;
  if (hint) control.setAttribute("aria-describedby", `hint-${counter}`);
  return element(
    "div",
    { class: "field" },
    element("label", { for: control.id }, label),
    control,
    hint && element("p", { class: "hint", id: `hint-${counter}` }, hint),
  );
}

/** @param {string} name @param {Record<string, string | number | boolean | undefined>} [attributes] */
export const textInput = (name, attributes = {}) => element("input", { type: "text", name, ...attributes });

/** @param {string} name @param {string} [value] @param {Record<string, string | number | boolean>} [attributes] */
export function textArea(name, value = "", attributes = {}) {
  return element("textarea", { name, ...attributes }, value);
}

/** @param {Record<string, string | boolean>} attributes @param {[value: string, label: string][]} options @param {string} [chosen] */
export const choice = (attributes, options, chosen = "") =>
  element(
    "select",
    attributes,
    ...options.map(([value, label]) => element("option", { value, selected: value === chosen }, label)),
  );

/** @param {string} label @param {string} name @param {boolean} checked */
export const checkbox = (label, name, checked) =>
  element("label", { class: "check" }, element("input", { type: "checkbox", name, checked }), element("span", {}, label));

/** @param {FormData} data @param {string} name */
export const textOf = (data, name) => String(data.get(name) ?? "").trim();
