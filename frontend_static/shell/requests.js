/** Long work while it goes on: a card for each request with its progress, and a way to cancel it. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "./icons.js";
import { api, query } from "./page.js";
import { busyWhile } from "./toast.js";

/** @typedef {{id: number, kind: string, state: "queued" | "running" | "succeeded" | "failed" | "cancelled",
 *   progress: number, done: number, total: number, message: string, error: string}} WorkRequest */

const TITLES = /** @type {Record<string, string>} */ ({
  tile: t("Preparing images for the editor"),
  predict: t("Pre-annotating images"),
  release: t("Building the release"),
  train: t("Training the model"),
  import: t("Importing a checkpoint"),
  evaluate: t("Working out the figures of a report"),
  study: t("Working out the study's report"),
  survey: t("Painting the pictures"),
});
const POLL_MS = 1500;
const IDLE_POLL_MS = 8000;

/**
 * Keep showing a project's running requests in `host`, one card for each kind of work.
 * @param {HTMLElement} host
 * @param {{project: number, kinds: string[], onChange: (finished: WorkRequest[]) => void}} options
 *   onChange: called after each poll in which work advanced, with the requests that ended since the last one
 */
export function watchRequests(host, { project, kinds, onChange }) {
  /** @type {Map<number, WorkRequest>} */
  let open = new Map();
  const cards = new Map(kinds.map((kind) => [kind, workCard(kind)]));
  let newest = Infinity; // what was there before the first look has not ended since
  let timer = 0;
  host.append(...[...cards.values()].map(({ node }) => node));

  async function poll() {
    clearTimeout(timer);
    if (!document.hidden) await look().catch(() => undefined); // the next poll tries again
    timer = window.setTimeout(poll, open.size ? POLL_MS : IDLE_POLL_MS);
  }

  async function look() {
    /** @type {{results: WorkRequest[]}} */
    const answer = await api.get(`requests${query({ project, page_size: 50 })}`);
    const rows = answer.results.filter(({ kind }) => cards.has(kind));
    const before = open;
    open = new Map(rows.filter(isOpen).map((row) => [row.id, row]));
    const finished = rows.filter((row) => !isOpen(row) && (before.has(row.id) || row.id > newest));
    newest = Math.max(0, ...rows.map(({ id }) => id));
    const advanced = [...open.values()].some((row) => before.get(row.id)?.done !== row.done);
    for (const [kind, card] of cards) card.update([...open.values()].filter((row) => row.kind === kind));
    host.append(...finished.filter(({ state }) => state === "failed").map(failureNotice));
    if (finished.length || advanced) onChange(finished);
  }

  poll();
  return { look: poll };
}

/** @param {WorkRequest} row */
const isOpen = (row) => row.state === "queued" || row.state === "running";

/** A failure stays until it is closed. @param {WorkRequest} row */
function failureNotice(row) {
  const close = element("button", { type: "button", class: "button button-small" }, t("Close"));
  const sentence = t("{work} failed: {reason}", { work: TITLES[row.kind] ?? row.kind, reason: row.error || row.message });
  const notice = element("div", { class: "notice bad", role: "alert" }, spriteIcon("warning"), element("p", { class: "grow" }, sentence), close);
  close.addEventListener("click", () => notice.remove());
  return notice;
}

/** The progress of all open requests of one kind. @param {string} kind */
function workCard(kind) {
  const label = TITLES[kind] ?? kind;
  /** @type {WorkRequest[]} */
  let shown = [];
  const bar = element("progress", { max: 1, value: 0, "aria-label": label });
  const detail = element("span", { class: "soft small number" });
  const cancel = element("button", { type: "button", class: "button button-small" }, t("Cancel"));
  cancel.addEventListener("click", () => busyWhile(cancel, () => Promise.all(shown.map(({ id }) => api.post(`requests/${id}/cancel`)))));
  const node = element(
    "div",
    { class: "card request-card", hidden: true },
    element("div", { class: "request-line" }, element("strong", {}, label), detail, cancel),
    bar,
  );
  return {
    node,
    /** @param {WorkRequest[]} rows */
    update(rows) {
      shown = rows;
      node.hidden = rows.length === 0;
      if (node.hidden) return;
      const total = sum(rows.map((row) => row.total));
      const running = rows.find(({ state }) => state === "running");
      bar.value = total ? sum(rows.map((row) => row.progress * row.total)) / total : 0;
      const count = total > 1 ? t("{done} of {total}", { done: sum(rows.map((row) => row.done)), total }) : "";
      detail.textContent = [running ? count : t("Waiting for a worker"), running?.message].filter(Boolean).join(" · ");
    },
  };
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
