/** What narrows the grid now: a chip each, to be removed one by one. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";
import { refill } from "../shell/refill.js";
import { rangeNames, splitChoices } from "./filter_panel.js";
import { RANGES, widened } from "./filters.js";

/** @typedef {import("./filters.js").Filters} Filters */

/**
 * @param {HTMLElement} host is emptied and filled
 * @param {{filters: Filters, termName: (id: number) => string, change: (wanted: Partial<Filters>) => void}} options
 */
export function renderFilterChips(host, { filters, termName, change }) {
  const chips = [...chipsOf(filters, termName)];
  host.hidden = chips.length === 0;
  const buttons = chips.map(([label, without]) =>
    element(
      "button",
      { type: "button", class: "chip removable", "aria-label": t("Remove filter: {label}", { label }), onclick: () => change(without) },
      label,
      spriteIcon("close"),
    ),
  );
  if (chips.length > 1) {
    buttons.push(element("button", { type: "button", class: "button button-small button-quiet", onclick: () => change(widened(filters)) }, t("Remove all")));
  }
  refill(host, ...buttons);
}

/** @param {Filters} filters @param {(id: number) => string} termName @returns {Generator<[string, Partial<Filters>]>} */
function* chipsOf(filters, termName) {
  for (const id of filters.terms) yield [t("has {name}", { name: termName(id) }), { terms: filters.terms.filter((other) => other !== id) }];
  if (filters.annotator) yield [t("annotator: {name}", { name: filters.annotator }), { annotator: "" }];
  if (filters.reviewer) yield [t("reviewer: {name}", { name: filters.reviewer }), { reviewer: "" }];
  if (filters.split) yield [t("split: {name}", { name: splitChoices().find(([value]) => value === filters.split)?.[1] ?? filters.split }), { split: "" }];
  if (filters.comments) yield [t("open comments"), { comments: "" }];
  for (const { name } of RANGES) {
    const { min, max } = filters.ranges[name];
    if (min === null && max === null) continue;
    const label = rangeNames()[name];
    const text = min !== null && max !== null ? `${label}: ${min}–${max}` : min !== null ? `${label} ≥ ${min}` : `${label} ≤ ${max}`;
    yield [text, { ranges: { ...filters.ranges, [name]: { min: null, max: null } } }];
  }
}
