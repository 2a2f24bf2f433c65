/** Options of which one is chosen, each with its sentence. */
import { element } from "../shared/dom.js";

/** @typedef {import("./option_choices.js").OptionChoice & {isOff?: boolean}} RadioChoice */

/** @param {string} name @param {string} legend @param {RadioChoice[]} choices @param {string} [chosen] the first, if not given */
export const optionRadios = (name, legend, choices, chosen = choices[0].value) =>
  element("fieldset", { class: "option-radios" }, element("legend", {}, legend), ...choices.map((option) => radio(name, option, option.value === chosen)));

/** @param {string} name @param {RadioChoice} option @param {boolean} isChosen */
function radio(name, { value, label, about, isOff = false }, isChosen) {
  const [labelId, aboutId] = [`${name}-${value}-label`, `${name}-${value}-about`];
  return element(
    "label",
    { class: `option-radio${isOff ? " off" : ""}` },
    element("input", { type: "radio", name, value, checked: isChosen, disabled: isOff, "aria-labelledby": labelId, "aria-describedby": aboutId }),
    element("span", {}, element("strong", { id: labelId }, label), element("small", { class: "soft", id: aboutId }, about)),
  );
}
