/** Which days a page shows: in the address, so that a reload and the back button keep them. */
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { query } from "../shell/page.js";
import { refill } from "../shell/refill.js";

/** @typedef {{first: string, last: string}} Span */

const DAY_MS = 86_400_000;
const PRESETS = [7, 30, 90, 365];

/** @param {Date} moment */
const asDay = (moment) => moment.toISOString().slice(0, 10);

/** @param {string} last @param {number} days @returns {Span} */
export const lastDays = (last, days) => ({ first: asDay(new Date(Date.parse(last) - (days - 1) * DAY_MS)), last });

/** @param {() => void} onChange @param {number} [days] shown at first */
export function createSpanChoice(onChange, days = 30) {
  const today = asDay(new Date());
  const first = /** @type {HTMLInputElement} */ (find("#first"));
  const last = /** @type {HTMLInputElement} */ (find("#last"));

  function read() {
    const given = new URLSearchParams(location.search);
    const usual = lastDays(today, days);
    return { first: given.get("first") ?? usual.first, last: given.get("last") ?? usual.last };
  }
  let span = read();

  function render() {
    first.value = span.first;
    last.value = span.last;
    refill(
      find("#presets"),
      ...PRESETS.map((length) => {
        const preset = lastDays(today, length);
        const isChosen = preset.first === span.first && preset.last === span.last;
        const label = length === 365 ? t("A year") : plural(length, "{n} day", "{n} days");
        return element("button", { type: "button", class: "chip", "aria-pressed": String(isChosen), data: { key: label }, onclick: () => choose(preset) }, label);
      }),
    );
  }

  /** @param {Span} wanted */
  function choose(wanted) {
    span = wanted;
    history.pushState(null, "", query({ ...Object.fromEntries(new URLSearchParams(location.search)), ...span }));
    render();
    onChange();
  }

  const typed = () => first.value && last.value && choose({ first: first.value, last: last.value });
  first.addEventListener("change", typed);
  last.addEventListener("change", typed);
  find("#span").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", () => {
    span = read();
    render();
    onChange();
  });
  render();
  return { span: () => span };
}
