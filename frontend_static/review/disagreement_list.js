/** The disagreements of two maps: overall figures, filters by kind, and a list to walk through. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { percentText, pixelsText } from "../annotate/format.js";
import { KINDS } from "../segmentation/disagreements.js";
import { kindWords } from "./kinds.js";

/** @typedef {import("../segmentation/disagreements.js").Disagreement} Disagreement */
/** @typedef {import("../segmentation/disagreements.js").Figures} Figures */
/** @typedef {import("../segmentation/disagreements.js").Kind} Kind */
/** @typedef {import("./agreement.js").Agreement} Agreement */
/** @typedef {import("./decisions.js").Decision} Decision */

const ROW_HEIGHT = 52;
const SPARE_ROWS = 4;

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {(item: Disagreement) => void} parts.choose
 * @param {(key: string) => Decision | undefined} parts.decisionOn
 * @param {(item: Disagreement) => string} parts.nameOf
 */
export function createDisagreementList(host, { choose, decisionOn, nameOf }) {
  const words = kindWords();
  const figures = element("dl", { class: "figures", "aria-label": t("Agreement of the two maps shown") });
  const chips = new Map(KINDS.map((kind) => [kind, chipOf(kind)]));
  const open = element("input", { type: "checkbox", id: "only-undecided" });
  const sheet = element("div", { class: "disagreement-sheet", role: "presentation" });
  const list = element("div", { class: "disagreements", role: "listbox", tabindex: 0, "aria-label": t("Disagreements, the largest area first") }, sheet);
  const empty = element("p", { class: "entity-empty" }, t("Comparing…"));
  host.append(
    figures,
    element("div", { class: "kind-chips", role: "group", "aria-label": t("Kinds shown") }, ...chips.values()),
    element(
      "div",
      { class: "list-choice" },
      open, element("label", { for: "only-undecided" }, t("Undecided only")),
    ),
    empty,
    list,
  );
  /** @type {Disagreement[]} */
  let items = [];
  /** @type {Disagreement[]} */
  let shown = [];
  let current = "";
  let isReady = false;
  /** @type {Set<Kind>} */
  const hidden = new Set(["agree"]);

  /** @param {Kind} kind */
  function chipOf(kind) {
    return element("button", { type: "button", class: "chip", title: words[kind].hint, data: { kind }, onclick: () => toggle(kind) }, words[kind].label, element("span", { class: "count" }));
  }

  /** @param {Kind} kind */
  function toggle(kind) {
    if (hidden.has(kind)) hidden.delete(kind);
    else hidden.add(kind);
    collect();
  }

  function collect() {
    shown = items.filter(({ kind, key }) => !hidden.has(kind) && (!open.checked || key === current || !decisionOn(key)));
    for (const [kind, chip] of chips) {
      const count = items.filter((item) => item.kind === kind).length;
      chip.setAttribute("aria-pressed", String(!hidden.has(kind)));
      chip.hidden = count === 0;
      /** @type {Element} */ (chip.lastElementChild).textContent = ` ${count}`;
    }
    sheet.style.height = `${shown.length * ROW_HEIGHT}px`;
    empty.hidden = shown.length > 0;
    empty.textContent = !isReady ? t("Comparing…") : items.length === 0 ? t("Neither map has an entity.") : t("No disagreement of these kinds.");
    render();
  }

  function render() {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + SPARE_ROWS);
    sheet.replaceChildren(...shown.slice(first, last).map((item, i) => rowOf(item, first + i)));
    const at = shown.findIndex(({ key }) => key === current);
    if (at >= first && at < last) list.setAttribute("aria-activedescendant", `disagreement-${at}`);
    else list.removeAttribute("aria-activedescendant");
  }

  /** @param {Disagreement} item @param {number} index */
  function rowOf(item, index) {
    const decision = decisionOn(item.key);
    const row = element(
      "div",
      { role: "option", id: `disagreement-${index}`, class: "disagreement", "aria-selected": String(item.key === current), "aria-posinset": index + 1, "aria-setsize": shown.length, data: { index, kind: item.kind, key: item.key } },
      element("span", { class: `badge ${words[item.kind].tone}` }, words[item.kind].label),
      element("span", { class: "disagreement-name" }, nameOf(item)),
      element("span", { class: "disagreement-facts" }, `${pixelsText(item.area)}${item.a.length === 1 && item.b.length === 1 ? ` · IoU ${item.iou.toFixed(3)}` : ""}`),
      element("span", { class: `decision ${decision ? "decided" : ""}` }, decision ? decisionText(decision) : ""),
    );
    row.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
    return row;
  }

  /** @param {1 | -1} direction */
  function step(direction) {
    if (shown.length === 0) return null;
    const at = shown.findIndex(({ key }) => key === current);
    const next = at < 0 ? (direction > 0 ? 0 : shown.length - 1) : (at + direction + shown.length) % shown.length;
    return { item: shown[next], place: next + 1, count: shown.length };
  }

  /** @param {string} key */
  function select(key) {
    current = key;
    const index = shown.findIndex((item) => item.key === key);
    const top = index * ROW_HEIGHT;
    if (index >= 0 && top < list.scrollTop) list.scrollTop = top;
    else if (index >= 0 && top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
    render();
  }

  list.addEventListener("scroll", render);
  list.addEventListener("click", (event) => {
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".disagreement"));
    if (row) choose(shown[Number(row.dataset.index)]);
  });
  list.addEventListener("keydown", (event) => {
    const direction = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = direction && step(direction);
    if (!next) return;
    choose(next.item);
    event.preventDefault();
  });
  open.addEventListener("change", collect);
  new ResizeObserver(render).observe(list);

  return {
    step,
    select,
    refresh: collect,
    current: () => items.find(({ key }) => key === current),
    all: () => items,
    /** @param {Disagreement[]} found */
    show(found) {
      items = found;
      isReady = true;
      if (!items.some(({ key }) => key === current)) current = "";
      collect();
    },
    /** @param {Figures} found @param {Agreement | null} told what the server says of the same two maps */
    showFigures(found, told) {
      figures.replaceChildren(...figureRows(found, told));
    },
    wait() {
      isReady = false;
      items = [];
      collect();
    },
  };
}

/** @param {Decision} decision */
const decisionText = (decision) => (decision === "edit" ? t("edited") : decision);

/** @param {number | null | undefined} value */
const shareText = (value) => (typeof value === "number" ? value.toFixed(3) : "–");

/** @param {Figures} figures @param {Agreement | null} told */
function figureRows({ pq, f1, meanIou, matched, entitiesA, entitiesB, disputedPx, totalPx, bothNamed, sameName }, told) {
  /** @type {[string, string, string][]} */
  const rows = [
    [t("PQ"), shareText(told ? told.pq : pq), t("Panoptic quality without regard to names: the IoU of the matched entities over the mean number of entities")],
    [t("F1"), shareText(told ? told.f1 : f1), t("Matched entities, an IoU over 0.5, of all entities")],
    [t("AP"), shareText(told?.ap), t("Class-agnostic average precision over IoU 0.50 to 0.95, A as truth; of saved maps only")],
    [t("Covering"), shareText(told?.covering), t("The best IoU of each entity of A, weighted by its area; of saved maps only")],
    [t("Mean IoU"), matched > 0 ? meanIou.toFixed(3) : "–", t("Over the matched entities")],
    [t("Matched"), t("{n} of {a} | {b}", { n: matched, a: entitiesA, b: entitiesB }), t("Pairs with an IoU over 0.5, of the entities of A and of B")],
    [t("Disputed"), percentText(disputedPx, totalPx), pixelsText(disputedPx)],
    [t("Names equal"), bothNamed > 0 ? t("{n} of {all}", { n: sameName, all: bothNamed }) : "–", plural(bothNamed, "{n} pair named in both", "{n} pairs named in both")],
  ];
  return rows.map(([term, value, hint]) => element("div", { title: hint }, element("dt", {}, term), element("dd", {}, value)));
}
