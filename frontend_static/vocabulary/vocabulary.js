/** A project's terms: searching, adding, and for curators accepting and editing them. */
import { askForm } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { choice, field, textArea, textInput, textOf } from "../shell/fields.js";
import { whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData, query, whenQuiet } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { busyWhile, complain, note } from "../shell/toast.js";

/** @typedef {{id: number, name: string, kind: string, aliases: string[], parent: number | null, parent_name: string | null,
 *   definition: string, status: "accepted" | "pending", uses: number}} TermRow */

const PAGE_SIZE = 50;
const KINDS = /** @type {[string, string][]} */ ([
  ["thing", t("Thing")],
  ["stuff", t("Stuff")],
  ["undecided", t("Undecided")],
]);
const FILTERS = [
  { label: t("All"), status: "", kind: "" },
  { label: t("Waiting for the curator"), status: "pending", kind: "" },
  { label: t("Things"), status: "", kind: "thing" },
  { label: t("Stuff"), status: "", kind: "stuff" },
  { label: t("Undecided"), status: "", kind: "undecided" },
];
const { project, canCurate } = pageData();
const host = find("#terms");
const search = /** @type {HTMLInputElement} */ (find("#search"));
const view = { page: 1, filter: FILTERS[0] };
let pending = 0;

const load = latest((signal) =>
  Promise.all([
    api.get(
      `terms${query({ project, page: view.page, page_size: PAGE_SIZE, search: search.value.trim(), status: view.filter.status, kind: view.filter.kind })}`,
      { signal },
    ),
    api.get(`terms${query({ project, status: "pending", page_size: 1 })}`, { signal }),
  ]),
);

function refresh() {
  return fillOrFail(host, refresh, async () => {
    const answers = await load();
    if (answers) show(answers[0], answers[1].count);
  });
}

/** @param {{count: number, results: TermRow[]}} answer @param {number} waiting terms for the curator */
function show({ count, results }, waiting) {
  pending = waiting;
  renderFilters();
  find("#toolbar").hidden = false;
  refill(host, results.length ? table(results) : nothing());
  renderPager(find("#pager"), { count, page: view.page, pageSize: PAGE_SIZE, show: turnTo });
}

function nothing() {
  if (view.filter.status === "pending" && !search.value) {
    return emptyState({ title: t("Nothing waits for the curator"), text: t("New names that annotators type while they work appear here to be accepted or corrected."), picture: false });
  }
  return emptyState({ title: t("No term matches"), text: t("Names come into the vocabulary when an annotator types them, or when you add them here."), picture: false });
}

/** @param {TermRow[]} rows */
function table(rows) {
  const heads = [t("Name"), t("Kind"), t("Status"), t("Definition")].map((name) => element("th", { scope: "col" }, name));
  heads.push(element("th", { scope: "col", class: "right" }, t("Masks")));
  if (canCurate) heads.push(element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, t("Actions"))));
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "terms" },
      element("caption", { class: "visually-hidden" }, t("Terms of this project")),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows.map(line)),
    ),
  );
}

/** @param {TermRow} term */
function line(term) {
  return element(
    "tr",
    {},
    element(
      "th",
      { scope: "row" },
      element(
        "span",
        { class: "term-name" },
        term.name,
        origin(term) && element("span", { class: "aliases" }, origin(term)),
      ),
    ),
    element("td", {}, KINDS.find(([kind]) => kind === term.kind)?.[1] ?? term.kind),
    element("td", {}, statusBadge(term)),
    element("td", { class: "definition" }, term.definition || "–"),
    element("td", { class: "right" }, whole(term.uses)),
    canCurate && element("td", { class: "actions-cell" }, ...curatorActions(term)),
  );
}

/** "vehicle · also: auto, motorcar". @param {TermRow} term */
const origin = (term) => [term.parent_name, term.aliases.length > 0 && t("also: {names}", { names: term.aliases.join(", ") })].filter(Boolean).join(" · ");

/** @param {TermRow} term */
const statusBadge = (term) =>
  term.status === "pending"
    ? element("span", { class: "badge warn" }, t("Waiting"))
    : element("span", { class: "badge good" }, t("Accepted"));

/** Those that accept a term: after one comes the next. */
const waitingButtons = () => /** @type {HTMLElement[]} */ ([...host.querySelectorAll(".accept-term")]);

/** @param {TermRow} term */
function curatorActions(term) {
  const edit = element("button", { type: "button", class: "button button-small button-quiet", "aria-label": t("Edit {term}", { term: term.name }) }, spriteIcon("edit"), t("Edit"));
  edit.addEventListener("click", () => editTerm(term).catch(complain));
  if (term.status !== "pending") return [edit];
  const accept = element("button", { type: "button", class: "button button-small accept-term", "aria-label": t("Accept {term}", { term: term.name }) }, spriteIcon("check"), t("Accept"));
  accept.addEventListener("click", () =>
    busyWhile(accept, async () => {
      const place = waitingButtons().indexOf(accept);
      await api.patch(`terms/${term.id}`, { status: "accepted" });
      note(t("“{term}” is accepted.", { term: term.name }));
      await refresh();
      waitingButtons().at(Math.min(place, waitingButtons().length - 1))?.focus();
    }),
  );
  return [accept, edit];
}

/** @param {TermRow} term */
async function editTerm(term) {
  const changed = await askForm({
    title: t("Edit term"),
    body: [
      field(t("Name"), textInput("name", { value: term.name, required: true, maxlength: 100 }), t("Masks keep the words that were typed; they are shown under this name.")),
      field(t("Kind"), choice({ name: "kind" }, KINDS, term.kind), t("Things can be counted; stuff cannot.")),
      field(t("Under"), textInput("parent", { value: term.parent_name ?? "", maxlength: 100 }), t("The more general term, such as vehicle; empty if there is none.")),
      field(t("Aliases"), textInput("aliases", { value: term.aliases.join(", ") }), t("Separated by commas. Typing one of them finds this term.")),
      field(t("Definition"), textArea("definition", term.definition)),
    ],
    accept: t("Save"),
    async submit(data) {
      await api.patch(`terms/${term.id}`, {
        name: textOf(data, "name"),
        kind: data.get("kind"),
        parent: await termNamed(textOf(data, "parent")),
        aliases: splitAliases(textOf(data, "aliases")),
        definition: textOf(data, "definition"),
      });
    },
  });
  if (!changed) return;
  note(t("The term is saved."));
  await refresh();
}

/** The id of the term with exactly this name, null for no name. @param {string} name */
async function termNamed(name) {
  if (!name) return null;
  /** @type {{results: TermRow[]}} */
  const { results } = await api.get(`terms${query({ project, search: name, page_size: 20 })}`);
  const found = results.find((term) => term.name.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(t("There is no term “{name}”. Add it first, or leave the field empty.", { name }));
  return found.id;
}

/** @param {string} text */
const splitAliases = (text) => text.split(",").map((alias) => alias.trim()).filter(Boolean);

async function addTerm() {
  /** @type {TermRow & {near?: {name: string}[]} | undefined} */
  let term;
  await askForm({
    title: t("Add term"),
    body: [
      field(t("Name"), textInput("name", { required: true, maxlength: 100, autocomplete: "off" })),
      field(t("Kind"), choice({ name: "kind" }, KINDS, "undecided")),
    ],
    accept: t("Add term"),
    async submit(data) {
      term = await api.post("terms", { project, name: textOf(data, "name"), kind: data.get("kind") });
    },
  });
  if (!term) return;
  note(t("“{term}” is in the vocabulary.", { term: term.name }));
  if (term.near?.length) note(t("Nearly the same: {names}", { names: term.near.map(({ name }) => name).join(", ") }));
  search.value = term.name;
  view.filter = FILTERS[0];
  renderFilters();
  turnTo(1);
}

function renderFilters() {
  refill(
    find("#filters"),
    ...FILTERS.map((filter) =>
      element(
        "button",
        {
          type: "button",
          class: "chip",
          data: { key: filter.label },
          "aria-pressed": filter === view.filter ? "true" : "false",
          onclick() {
            view.filter = filter;
            renderFilters();
            turnTo(1);
          },
        },
        filter.label,
        filter.status === "pending" && pending > 0 && element("span", { class: "count" }, whole(pending)),
      ),
    ),
  );
}

/** @param {number} page */
function turnTo(page) {
  view.page = page;
  refresh();
}

search.addEventListener("input", whenQuiet(() => turnTo(1)));
find("#add-term").addEventListener("click", () => addTerm().catch(complain));
renderFilters();
refresh();
