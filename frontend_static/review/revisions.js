/** The saved states of an annotation, newest first; any of them can be put on the screen. */
import { element } from "../shared/dom.js";
import { LANGUAGE, plural, t } from "../shared/translate.js";

const PAGE_SIZE = 100;

/** @typedef {{number: number, kind: string, author: string | null, created_at: string, ops: Record<string, number>, tiles: number, masks: number[], map_sha256: string}} Revision */

/** @type {Record<string, string>} */
const TOOLS = { fill_gap: t("fill gap"), lasso_subtract: t("lasso"), name: t("name") };
const whenText = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });

/** What was done, in words: "3 × brush, name". @param {Revision} revision */
function summaryOf({ kind, ops, tiles, masks }) {
  if (kind === "start") return t("start");
  const done = Object.entries(ops).map(([tool, count]) => `${count > 1 ? `${count} × ` : ""}${TOOLS[tool] ?? tool}`);
  return [done.join(", ") || kind, tiles > 0 && plural(tiles, "{n} tile", "{n} tiles"), masks.length > 0 && plural(masks.length, "{n} entity", "{n} entities")]
    .filter(Boolean)
    .join(" · ");
}

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {(revision: number, isLatest: boolean) => Promise<void>} parts.show
 */
export async function createRevisions(host, { api, annotation, show }) {
  const list = element("ol", { class: "history-list" });
  const count = element("span", { class: "soft" });
  const more = element("button", { type: "button", class: "button button-small button-quiet", hidden: true }, t("Older…"));
  host.append(element("div", { class: "history-head" }, element("h2", {}, t("History")), count), list, more);
  /** @type {Revision[]} */
  let revisions = [];
  let shown = 0;
  let page = 0;
  let isLoading = false;

  async function loadMore() {
    const answer = await api.get(`annotations/${annotation}/revisions?page=${++page}&page_size=${PAGE_SIZE}`);
    revisions = [...revisions, ...answer.results];
    count.textContent = plural(answer.count, "{n} revision", "{n} revisions");
    more.hidden = !answer.next;
    draw();
  }

  function draw() {
    list.replaceChildren(...revisions.map((revision) => element("li", {}, rowOf(revision))));
  }

  /** @param {Revision} revision */
  const rowOf = (revision) =>
    element(
      "button",
      { type: "button", class: "revision", "aria-current": revision.number === shown ? "true" : null, data: { revision: revision.number }, onclick: () => open(revision.number) },
      element("span", { class: "revision-number" }, revision.number),
      element("span", {}, revision.author ?? t("model")),
      element("time", { datetime: revision.created_at }, whenText.format(new Date(revision.created_at))),
      element("small", {}, summaryOf(revision)),
    );

  /** @param {number} number */
  async function open(number) {
    if (isLoading || number === shown) return;
    isLoading = true;
    try {
      await show(number, number === revisions[0].number);
      shown = number;
      draw();
      list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    } finally {
      isLoading = false;
    }
  }

  more.addEventListener("click", () => void loadMore());
  await loadMore();
  shown = revisions[0]?.number ?? 0;
  draw();

  return {
    /** Older or newer than the one shown. @param {1 | -1} direction */
    step(direction) {
      const at = revisions.findIndex(({ number }) => number === shown);
      const next = revisions[at + direction];
      if (next) void open(next.number);
    },
    shown: () => shown,
  };
}
