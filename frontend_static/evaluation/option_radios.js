/** Options of which one is chosen, each with its sentence. */
import { element } from "../shared/dom.js";

/** @typedef {import("./option_choices.js").OptionChoice & {isOff?: boolean}} RadioChoice */

/** @param {string} name @param {string} legend @param {RadioChoice[]} choices @param {string} [chosen] the first, if not given */
export const optionRadios = (name, legend, choices, chosen = choices[0].value) =>
  element(
    "fieldset",
    { class: "option-radios" },
    element("legend", {}, legend),
    ...choices.map(({ value, label, about, isOff }) =>
      element("label", { class: `option-radio${isOff ? " off" : ""}` }, element("input", { type: "radio", name, value, checked: value === chosen, disabled: Boolean(isOff) }), element("span", {}, element("strong", {}, label), element("small", { class: "soft" }, about))),
    ),
  );
