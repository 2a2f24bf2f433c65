/** Long work while it goes on: a card for each request with its progress, and a way to cancel it. */
import { element } from "../shared/dom.js";
import { whole } from "./formats.js";
import { spriteIcon } from "./icons.js";
import { api, query } from "./page.js";
import { busyWhile } from "./toast.js";

/** @typedef {{id: number, kind: string, state: "queued" | "running" | "succeeded" | "failed" | "cancelled",
 *   progress: number, done: number, total: number, message: string, error: string}} WorkRequest */

const TITLES = /** @type {Record<string, string>} */ ({
  tile: "Preparing images for the editor",
  predict: "Pre-annotating images",
  release: "Building the release",
});
const POLL_MS = 1500;
const IDLE_POLL_MS = 8000;

/**
 * Keep showing a project's running requests in `host`.
 * @param {HTMLElement} host
 * @param {{project: number, kinds?: string[], onChange: (finished: WorkRequest[]) => void}} options
 *   onChange: called after each poll in which work advanced, with the requests that ended since the last one
 */
export function watchRequests(host, { project, kinds, onChange }) {
  /** @type {Map<number, WorkRequest>} */
  let open = new Map();
  /** @type {Map<number, ReturnType<typeof requestCard>>} */
  const cards = new Map();
  let timer = 0;

  async function poll() {
    clearTimeout(timer);
    if (!document.hidden) await look().catch(() => undefined); // the next poll tries again
    timer = window.setTimeout(poll, open.size ? POLL_MS : IDLE_POLL_MS);
  }

  async function look() {
    /** @type {{results: WorkRequest[]}} */
    const answer = await api.get(`requests${query({ project, page_size: 20 })}`);
    const rows = answer.results.filter(({ kind }) => !kinds || kinds.includes(kind));
    const before = open;
    open = new Map(rows.filter(isOpen).map((row) => [row.id, row]));
    const finished = rows.filter((row) => before.has(row.id) && !isOpen(row));
    const advanced = [...open.values()].some((row) => before.get(row.id)?.done !== row.done);
    for (const row of open.values()) show(row);
    for (const row of finished) finish(row);
    if (finished.length || advanced) onChange(finished);
  }

  /** @param {WorkRequest} row */
  function show(row) {
    let card = cards.get(row.id);
    if (!card) {
      card = requestCard(row);
      cards.set(row.id, card);
      host.append(card.node);
    }
    card.update(row);
  }

  /** Failures stay until they are closed; the rest just leaves. @param {WorkRequest} row */
  function finish(row) {
    cards.get(row.id)?.node.remove();
    cards.delete(row.id);
    if (row.state !== "failed") return;
    const close = element("button", { type: "button", class: "button button-small" }, "Close");
    const notice = element(
      "div",
      { class: "notice bad", role: "alert" },
      spriteIcon("warning"),
      element("p", { class: "grow" }, `${TITLES[row.kind] ?? row.kind} failed: ${row.error || row.message}`),
      close,
    );
    close.addEventListener("click", () => notice.remove());
    host.append(notice);
  }

  poll();
  return { look: poll };
}

/** @param {WorkRequest} row */
const isOpen = (row) => row.state === "queued" || row.state === "running";

/** @param {WorkRequest} row */
function requestCard(row) {
  const label = TITLES[row.kind] ?? row.kind;
  const bar = element("progress", { max: 1, value: 0, "aria-label": label });
  const detail = element("span", { class: "soft small number" });
  const cancel = element("button", { type: "button", class: "button button-small" }, "Cancel");
  cancel.addEventListener("click", () => busyWhile(cancel, () => api.post(`requests/${row.id}/cancel`)));
  const node = element(
    "div",
    { class: "card request-card" },
    element("div", { class: "request-line" }, element("strong", {}, label), detail, cancel),
    bar,
  );
  return {
    node,
    /** @param {WorkRequest} next */
    update(next) {
      bar.value = next.progress;
      const count = next.total ? `${whole(next.done)} of ${whole(next.total)}` : "";
      detail.textContent = [next.state === "queued" ? "Waiting for a worker" : count, next.message].filter(Boolean).join(" · ");
    },
  };
}
