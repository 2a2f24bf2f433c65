/** Everyone's figures in one table that can be sorted by any of them, with a sentence about each. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { percent } from "../shell/formats.js";
import { honeypotColumns, overseersColumns, qualityColumns, workColumns } from "./words.js";

/** @typedef {import("./quality.js").PersonRow} PersonRow */
/** @typedef {import("./quality.js").Overview} Overview */
/** @typedef {import("./words.js").Column} Column */
/** @typedef {{csv: string, daysCsv: string, chosen: string, choose: ((username: string) => void) | null}} Options choose: null where there is nobody else to see */

const FATES = /** @type {const} */ (["kept", "edited", "rejected"]);
/** Kept while the page is open. */
const order = { key: "name", isDescending: false };

/** @param {Overview} overview @param {Options} options */
export function peopleTable(overview, options) {
  const { sees_people: seesPeople, people, everyone } = overview;
  const tells = people.some((row) => row.honeypots !== undefined);
  const columns = [...workColumns(), ...qualityColumns(), ...(seesPeople ? overseersColumns() : tells ? honeypotColumns() : [])];
  const title = seesPeople ? t("People") : t("Your figures");
  const figure = element("section", { class: "card padded people", "aria-labelledby": "people-name" });

  /** @param {string} [focus] the column whose button keeps the keyboard's place */
  function fill(focus) {
    figure.replaceChildren(
      element("h3", { id: "people-name" }, title),
      people.length ? table() : element("p", { class: "soft" }, t("Nothing was submitted in these days.")),
      element(
        "div",
        { class: "chart-foot" },
        element("details", {}, element("summary", {}, t("What the figures mean")), meanings(columns)),
        element("span", { class: "chart-links" }, link(t("Download CSV"), options.csv), link(t("By day, as CSV"), options.daysCsv)),
      ),
    );
    if (focus) /** @type {HTMLElement | null} */ (figure.querySelector(`[data-key="sort-${focus}"]`))?.focus();
  }

  /** @param {string} key */
  function sortBy(key) {
    order.isDescending = order.key === key ? !order.isDescending : key !== "name";
    order.key = key;
    fill(key);
  }

  const table = () =>
    element(
      "div",
      { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("Table of figures") },
      element(
        "table",
        { class: "people-table" },
        element("caption", { class: "visually-hidden" }, title),
        element("thead", {}, element("tr", {}, head("name", t("Person"), "", sortBy), ...columns.map(({ key, label, about }) => head(key, label, about, sortBy)))),
        element("tbody", {}, ...sorted(people, columns).map((row) => line(row, columns, options))),
        everyone && people.length > 1 && element("tfoot", {}, line({ ...everyone, username: "", name: t("Everyone") }, columns, { ...options, choose: null })),
      ),
    );
  fill();
  return figure;
}

/** @param {PersonRow[]} people @param {Column[]} columns */
function sorted(people, columns) {
  const column = columns.find(({ key }) => key === order.key);
  const sign = order.isDescending ? -1 : 1;
  return [...people].sort((a, b) => {
    if (!column) return sign * nameOf(a).localeCompare(nameOf(b));
    const [first, second] = [column.value(a), column.value(b)];
    // Who has no such figure comes last, whichever way.
    if (typeof first !== "number" || typeof second !== "number") return Number(typeof second === "number") - Number(typeof first === "number");
    return sign * (first - second);
  });
}

/** @param {PersonRow} row */
const nameOf = (row) => row.name || row.username;

/** @param {string} key @param {string} label @param {string} about @param {(key: string) => void} sortBy */
function head(key, label, about, sortBy) {
  const direction = order.key !== key ? undefined : order.isDescending ? "descending" : "ascending";
  const mark = direction === "descending" ? " ▼" : direction ? " ▲" : "";
  return element(
    "th",
    { scope: "col", class: key === "name" ? "" : "right", "aria-sort": direction },
    element("button", { type: "button", class: "sort-head", title: about || undefined, data: { key: `sort-${key}` }, onclick: () => sortBy(key) }, label, mark && element("span", { "aria-hidden": "true" }, mark)),
  );
}

/** @param {PersonRow} row @param {Column[]} columns @param {Options} options */
function line(row, columns, { chosen, choose }) {
  const name = nameOf(row);
  return element(
    "tr",
    { class: row.username && row.username === chosen && choose ? "highlight" : "" },
    element("th", { scope: "row" }, choose ? element("button", { type: "button", class: "link", data: { key: `person-${row.username}` }, "aria-pressed": String(row.username === chosen), onclick: () => choose(row.username === chosen ? "" : row.username) }, name) : name),
    ...columns.map((column) => cell(column, row)),
  );
}

/** @param {Column} column @param {PersonRow} row */
function cell(column, row) {
  const { key, show, hint } = column;
  if (key === "open_alarms" && row.open_alarms) return element("td", { class: "right" }, element("span", { class: "badge bad" }, show(row)));
  if (key === "kept" && row.proposed) return element("td", {}, fates(row));
  return element("td", { class: "right" }, show(row), hint?.(row) ? element("small", { class: "soft" }, hint(row)) : null);
}

/** Kept, edited and rejected as one bar. @param {PersonRow} row */
function fates(row) {
  const names = { kept: t("Kept as proposed"), edited: t("Edited"), rejected: t("Rejected") };
  const label = FATES.map((fate) => `${names[fate]} ${percent(row[fate] ?? 0, 0)}`).join(", ");
  const bar = element("div", { class: "share-bar", role: "img", "aria-label": label, title: label });
  for (const fate of FATES.filter((name) => row[name])) {
    const piece = element("i", { class: `fate-${fate}` });
    piece.style.flexGrow = String(row[fate]);
    bar.append(piece);
  }
  return bar;
}

/** @param {Column[]} columns */
const meanings = (columns) => element("dl", { class: "meanings" }, ...columns.flatMap(({ label, about }) => [element("dt", {}, label), element("dd", {}, about)]));

/** @param {string} label @param {string} href */
const link = (label, href) => element("a", { class: "small", href, download: "" }, label);
