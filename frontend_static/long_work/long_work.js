/** A project's long work: what goes on with its progress, what went before, and calling it off. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { duration } from "../dashboard/durations.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { ago, percent, whole } from "../shell/formats.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { complain, note } from "../shell/toast.js";

/** @typedef {{id: number, kind: string, state: "queued" | "running" | "succeeded" | "failed" | "cancelled", progress: number, done: number,
 *   total: number, message: string, error: string, result_url: string, created_by: string | null, created_at: string,
 *   finished_at: string | null}} RequestRow */

const PAGE_SIZE = 25;
const POLL_MS = 2000;
const { project, user, canCurate } = pageData();
const host = find("#long-work");
const given = new URLSearchParams(location.search);
const view = { page: Number(given.get("page")) || 1, state: given.get("state") ?? "" };
let timer = 0;

/** @type {() => Record<string, [label: string, tone: string]>} */
const states = () => ({
  queued: [t("Waiting for a worker"), ""],
  running: [t("Running"), "info"],
  succeeded: [t("Done"), "good"],
  failed: [t("Failed"), "bad"],
  cancelled: [t("Cancelled"), "warn"],
});

/** @type {() => Record<string, string>} */
const kinds = () => ({
  tile: t("Preparing images"),
  predict: t("Pre-annotating images"),
  release: t("Building a release"),
  train: t("Training the model"),
  import: t("Importing a checkpoint"),
  embed: t("Looking at masks again, for the new champion"),
  evaluate: t("Working out the figures of a report"),
  study: t("Working out the study's report"),
  survey: t("Painting the pictures"),
});

const load = latest((signal) =>
  api.get(`requests${query({ project, state: view.state, page: view.page, page_size: PAGE_SIZE })}`, { signal }),
);

function refresh() {
  clearTimeout(timer);
  return fillOrFail(host, refresh, async () => {
    const answer = await load();
    if (answer) show(answer);
  });
}

/** @param {{count: number, results: RequestRow[]}} answer */
function show({ count, results }) {
  renderFilters();
  refill(host, results.length ? element("ul", { class: "work-list" }, ...results.map(line)) : nothing());
  renderPager(find("#pager"), { count, page: view.page, pageSize: PAGE_SIZE, show: turnTo });
  if (results.some(isOpen)) timer = window.setTimeout(() => (document.hidden ? again() : refresh()), POLL_MS);
}

function again() {
  timer = window.setTimeout(() => (document.hidden ? again() : refresh()), POLL_MS);
}

/** @param {RequestRow} row */
const isOpen = (row) => row.state === "queued" || row.state === "running";

/** @param {RequestRow} row */
function line(row) {
  const [label, tone] = states()[row.state] ?? [row.state, ""];
  const title = kinds()[row.kind] ?? row.kind;
  const about = [
    row.created_by ? t("asked for by {name}", { name: row.created_by }) : t("started by itself"),
    ago(row.created_at),
    row.finished_at && t("took {time}", { time: duration(Date.parse(row.finished_at) - Date.parse(row.created_at)) }),
    row.message,
  ];
  return element(
    "li",
    { class: "card work-row" },
    element(
      "div",
      { class: "work-head" },
      element("strong", {}, title),
      element("span", { class: `badge ${tone}` }, label),
      element("span", { class: "soft small number grow" }, row.total > 1 && t("{done} of {total}", { done: whole(row.done), total: whole(row.total) })),
      row.result_url && element("a", { class: "button button-small", href: row.result_url }, t("Look at it")),
      isOpen(row) && (canCurate || row.created_by === user) && cancelButton(row, title),
    ),
    isOpen(row) && element("progress", { max: 1, value: row.progress, "aria-label": t("{title}: {share}", { title, share: percent(row.progress, 0) }) }),
    row.error && element("p", { class: "work-error" }, row.error),
    element("p", { class: "soft small" }, about.filter(Boolean).join(" · ")),
  );
}

/** @param {RequestRow} row @param {string} title */
const cancelButton = (row, title) =>
  element("button", { type: "button", class: "button button-small", data: { key: `cancel-${row.id}` }, onclick: () => cancel(row, title).catch(complain) }, t("Cancel"));

/** @param {RequestRow} row @param {string} title */
async function cancel(row, title) {
  const left = row.total - row.done;
  const answer = await askChoice({
    title: t("Call this off?"),
    body: [element("p", {}, plural(left, "{n} piece of it is not done yet. What is done stays.", "{n} pieces of it are not done yet. What is done stays."))],
    choices: [{ label: t("Go on"), value: "" }, { label: t("Call off"), value: "cancel", kind: "danger" }],
  });
  if (answer !== "cancel") return;
  await api.post(`requests/${row.id}/cancel`);
  note(t("{title}: called off.", { title }));
  await refresh();
}

function nothing() {
  const text = t("Preparing uploaded images, pre-annotation, training and releases appear here while they run and after.");
  return emptyState({ title: view.state ? t("Nothing in this state") : t("No long work yet"), text, picture: false });
}

function renderFilters() {
  const chips = [["", t("All")], ...Object.entries(states()).map(([state, [label]]) => [state, label])];
  refill(
    find("#filters"),
    ...chips.map(([state, label]) =>
      element("button", { type: "button", class: "chip", "aria-pressed": String(state === view.state), data: { key: label }, onclick: () => choose(state) }, label),
    ),
  );
}

/** @param {string} state */
function choose(state) {
  view.state = state;
  turnTo(1);
}

/** @param {number} page */
function turnTo(page) {
  view.page = page;
  history.replaceState(null, "", query({ page: page > 1 ? page : "", state: view.state }));
  refresh();
}

refresh();
