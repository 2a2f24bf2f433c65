/** Figures by term: searched by name, sorted by any column, a hundred rows at a time. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { whenQuiet } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { cellOf } from "./figure_table.js";
import { chosenTerms, pressed } from "./term_rows.js";

/** @typedef {import("./term_rows.js").NamedTerm} NamedTerm */
/** @typedef {import("./term_rows.js").SortKey} SortKey */

const ROWS = 100;
const SEARCH_FROM = 12;
const QUIET_MS = 120;

/** @type {() => [key: SortKey, name: string, about: string][]} */
const columns = () => [
  ["true", t("True"), t("true entities of this term")],
  ["found", t("Found"), t("found entities of this term")],
  ["AP", "AP", t("mean over IoU .50 to .95")],
  ["AP50", "AP50", t("at IoU .50: found at all")],
  ["PQ", "PQ", t("panoptic quality: SQ × RQ")],
  ["IoU", "IoU", t("of all its pixels together")],
];

/** @param {NamedTerm[]} terms @returns {HTMLElement} */
export function termTable(terms) {
  const shownColumns = columns().filter(([key]) => terms.some((row) => row[key] !== null && row[key] !== undefined));
  /** @type {import("./term_rows.js").Order} */
  let order = { key: "true", isDown: true };
  let most = 0;
  const search = element("input", { type: "search", placeholder: t("Search terms"), "aria-label": t("Search terms"), oninput: whenQuiet(show, QUIET_MS) });
  const count = element("p", { class: "soft small number", role: "status" });
  const head = element("tr", {});
  const body = element("tbody", {});
  const more = element("button", { type: "button", class: "button", onclick: () => showRows(most) });
  /** @type {NamedTerm[]} */
  let chosen = [];

  /** @param {SortKey} key */
  function sortBy(key) {
    order = pressed(order, key);
    show();
  }

  function show() {
    chosen = chosenTerms(terms, search.value, order);
    refill(head, heading("name", t("Term"), "", order, sortBy), ...shownColumns.map(([key, name, about]) => heading(key, name, about, order, sortBy)));
    body.replaceChildren();
    showRows(0);
    count.textContent = chosen.length === terms.length ? plural(terms.length, "{n} term", "{n} terms") : t("{n} of {total} terms", { n: chosen.length, total: terms.length });
  }

  /** @param {number} first of the next rows */
  function showRows(first) {
    most = first + ROWS;
    body.append(...chosen.slice(first, most).map((row) => line(row, shownColumns)));
    more.hidden = chosen.length <= most;
    more.textContent = plural(Math.min(ROWS, chosen.length - most), "Show {n} more", "Show {n} more");
  }

  show();
  return element(
    "div",
    { class: "term-table" },
    terms.length >= SEARCH_FROM && element("div", { class: "toolbar" }, element("div", { class: "search-field" }, spriteIcon("search"), search), count),
    element(
      "div",
      { class: "table-scroll", tabindex: "0", role: "group", "aria-label": t("Figures by term") },
      element("table", { class: "figure-table" }, element("caption", { class: "visually-hidden" }, t("Figures by term")), element("thead", {}, head), body),
    ),
    more,
  );
}

/** @param {SortKey} key @param {string} name @param {string} about @param {import("./term_rows.js").Order} order @param {(key: SortKey) => void} sortBy */
function heading(key, name, about, order, sortBy) {
  const isSorted = order.key === key;
  return element(
    "th",
    { scope: "col", class: key === "name" ? "" : "right", title: about || null, "aria-sort": isSorted && (order.isDown ? "descending" : "ascending") },
    element("button", { type: "button", class: "sort-button", data: { key: `sort-${key}` }, onclick: () => sortBy(key) }, name, element("span", { "aria-hidden": "true" }, isSorted ? (order.isDown ? "▾" : "▴") : "")),
  );
}

/** @param {NamedTerm} row @param {ReturnType<typeof columns>} shownColumns */
const line = (row, shownColumns) =>
  element("tr", {}, element("th", { scope: "row" }, row.name), ...shownColumns.map(([key]) => cellOf(key === "true" || key === "found" ? whole(row[key]) : { share: /** @type {number | null} */ (row[key]) })));
