/** The saved states of an annotation: a slider over all of them, who saved each, when and what; any can be opened. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";

/** @typedef {{number: number, kind: string, author: string | null, created_at: string, ops: Record<string, number>, tiles: number, masks: number[], map_sha256: string}} Revision */

/** Rows listed around the one shown, and fetched at once. */
const ROWS = 60;
/** A hand that still moves the slider opens nothing. */
const SETTLE_MS = 120;

/** What people call the tools that revisions name. @returns {Record<string, string>} */
const tools = () => ({
  brush: t("brush"), eraser: t("eraser"), lasso: t("lasso"), lasso_subtract: t("lasso"), bucket: t("bucket"), fill_gap: t("fill gap"),
  split: t("split"), merge: t("merge"), delete: t("delete"), name: t("name"), pick: t("decision"), restore: t("restored"), accept: t("accept proposal"),
});

/** @param {string} at ISO */
const whenText = (at) => new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

/** What was done, in words: "3 × brush, name". @param {Revision} revision */
export function summaryOf({ kind, ops, tiles, masks }) {
  if (kind === "start") return t("start");
  const words = tools();
  const done = Object.entries(ops).map(([tool, count]) => `${count > 1 ? `${count} × ` : ""}${words[tool] ?? tool}`);
  return [
    done.join(", ") || (kind === "restore" ? t("restored") : t("saved")),
    tiles > 0 && plural(tiles, "{n} tile", "{n} tiles"),
    masks.length > 0 && plural(masks.length, "{n} entity", "{n} entities"),
  ].filter(Boolean).join(" · ");
}

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {number} parts.latest  number of the newest revision
 * @param {(revision: number, isLatest: boolean) => Promise<void>} parts.show
 * @param {(revision: number) => void} parts.compareWith
 * @param {((revision: number) => void) | null} parts.restore  null: this person may not
 * @param {(sentence: string) => void} parts.say
 */
export function createHistorySlider(host, { api, annotation, latest, show, compareWith, restore, say }) {
  const slider = element("input", { type: "range", min: 1, max: latest, value: latest, class: "revision-slider", "aria-label": t("Revision"), disabled: latest < 2 });
  const caption = element("p", { class: "revision-caption", role: "status", "aria-live": "polite" });
  const compare = element("button", { type: "button", class: "button button-small", onclick: () => compareWith(shown) }, t("Compare with this"));
  const back = element("button", { type: "button", class: "button button-small", onclick: () => restore?.(shown) }, t("Restore…"));
  const list = element("ol", { class: "history-list" });
  const count = element("span", { class: "soft" }, plural(latest, "{n} revision", "{n} revisions"));
  host.append(element("div", { class: "history-head" }, element("h2", {}, t("History")), count), slider, caption, element("div", { class: "revision-actions" }, compare, back), list);
  /** @type {Map<number, Revision>} */
  const known = new Map();
  let shown = latest;
  let onScreen = latest;
  let timer = 0;
  let asked = 0;

  function draw() {
    const row = known.get(shown);
    slider.value = String(shown);
    const facts = row ? [row.author ?? t("model"), whenText(row.created_at), summaryOf(row)].join(" · ") : "";
    caption.textContent = facts;
    slider.setAttribute("aria-valuetext", `${t("Revision {n} of {all}", { n: shown, all: latest })} ${facts}`);
    count.textContent = t("Revision {n} of {all}", { n: shown, all: latest });
    compare.disabled = back.disabled = shown === latest;
    back.hidden = !restore;
    const [first, last] = windowAround(shown);
    const rows = [...known.values()].filter(({ number }) => number >= first && number <= last).sort((p, q) => q.number - p.number);
    list.replaceChildren(...rows.map((revision) => element("li", {}, rowOf(revision))));
    list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} number */
  function windowAround(number) {
    const last = Math.min(latest, Math.max(ROWS, number + ROWS / 2));
    return [Math.max(1, last - ROWS + 1), last];
  }

  /** @param {Revision} revision */
  const rowOf = (revision) =>
    element(
      "button",
      { type: "button", class: "revision", "aria-current": revision.number === shown ? "true" : null, data: { revision: revision.number }, onclick: () => void open(revision.number) },
      element("span", { class: "revision-number" }, revision.number),
      element("span", {}, revision.author ?? t("model")),
      element("time", { datetime: revision.created_at }, whenText(revision.created_at)),
      element("small", {}, summaryOf(revision)),
    );

  /** The rows around a revision, from the server where they are not known yet. @param {number} number */
  async function know(number) {
    const [first, last] = windowAround(number);
    for (let n = first; n <= last; n++) {
      if (known.has(n)) continue;
      const { results } = await api.get(`annotations/${annotation}/revisions?until=${last}&page_size=${ROWS}`);
      for (const revision of results) known.set(revision.number, revision);
      return;
    }
  }

  /** @param {number} number */
  async function open(number) {
    clearTimeout(timer);
    if (number === shown || number < 1 || number > latest) return;
    shown = number;
    draw();
    const mine = ++asked;
    try {
      await Promise.all([know(number), show(number, number === latest)]);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) say(error instanceof Error ? error.message : String(error));
    }
    if (mine !== asked) return;
    onScreen = number;
    draw();
  }

  slider.addEventListener("input", () => {
    clearTimeout(timer);
    const number = Number(slider.value);
    caption.textContent = t("Revision {n} of {all}", { n: number, all: latest });
    timer = setTimeout(() => void open(number), SETTLE_MS);
  });
  draw();
  const ready = know(latest).then(draw);

  return {
    ready,
    open,
    /** Older or newer than the one shown. @param {1 | -1} direction 1 is older */
    step: (direction) => void open(shown - direction),
    /** The revision on the screen; another may be on its way. */
    shown: () => onScreen,
  };
}
