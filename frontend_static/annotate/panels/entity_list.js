/** The entities as a grid of rows; only those in sight are in the page. */
import { element, icon } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { pixelsText } from "../format.js";
import { cssOf } from "../palette.js";
import { comparing } from "../walk_order.js";

const ROW_HEIGHT = 56;
const SPARE_ROWS = 4;
const SETTLE_MS = 200;
const PICTURES_KEPT = 240;
const LOCKED = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3";
const UNLOCKED = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2";

/** @typedef {import("../entities.js").Entity} Entity */
/** content: all that the row shows besides the picture, as one text. @typedef {{node: HTMLElement, picture: HTMLCanvasElement, content: string}} Row */

/** Where a mask came from; a score belongs to what the model drew, not to what became of it. @param {Entity} entity */
function originOf({ provenance, score }) {
  if (provenance === "edited") return t("edited");
  if (provenance !== "model") return "";
  return score === null ? t("model") : `${t("model")} ${Math.round(100 * score)} %`;
}

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../drawing.js").Drawing} parts.drawing
 * @param {import("../editor_state.js").EditorStore} parts.store
 * @param {ReturnType<typeof import("./thumbnails.js").createThumbnails>} parts.thumbnails
 * @param {(number: number, fit: boolean) => void} parts.choose
 * @param {import("../chosen.js").Chosen} [parts.chosen]  where several can be chosen
 */
export function createEntityList(host, { drawing, store, thumbnails, choose, chosen }) {
  const { map, entities } = drawing;
  const search = element("input", { type: "search", placeholder: t("Filter by name or #number"), "aria-label": t("Filter entities") });
  const order = element(
    "select",
    { "aria-label": t("Order") },
    element("option", { value: "area" }, t("Largest first")),
    element("option", { value: "number" }, t("By number")),
    element("option", { value: "space" }, t("As one reads")),
    element("option", { value: "unnamed" }, t("Unnamed first")),
    element("option", { value: "score" }, t("Lowest score first")),
  );
  const sheet = element("div", { class: "entity-sheet", role: "rowgroup" });
  const grid = element("div", { class: "entity-grid", role: "grid", tabindex: 0, "aria-label": t("Entities"), "aria-multiselectable": chosen ? "true" : null }, sheet);
  const empty = element("p", { class: "entity-empty", hidden: true });
  host.append(element("div", { class: "entity-tools" }, search, order), empty, grid);
  /** @type {Entity[]} */
  let shown = [];
  /** @type {Map<number, number>} area when the thumbnail was drawn */
  const pictured = new Map();
  /** @type {Map<number, HTMLCanvasElement>} */
  const pictures = new Map();
  /** What is in the page, so that only rows that say something else are made anew. @type {Map<number, Row>} */
  let rows = new Map();
  let timer = 0;
  let isPressed = false;

  /** @type {Record<string, (a: Entity, b: Entity) => number>} */
  const orders = {
    area: (a, b) => map.area[b.number] - map.area[a.number],
    space: (a, b) => bySpace(a.number, b.number),
    number: (a, b) => a.number - b.number,
    unnamed: (a, b) => Number(Boolean(a.name)) - Number(Boolean(b.name)) || map.area[b.number] - map.area[a.number],
    score: (a, b) => (a.score ?? 2) - (b.score ?? 2),
  };

  let bySpace = comparing(map, "space");

  function collect() {
    if (order.value === "space") bySpace = comparing(map, "space");
    const wanted = search.value.trim().toLowerCase();
    const numbers = new Set(map.numbers());
    if (store.state.selected) numbers.add(store.state.selected);
    shown = [...numbers]
      .map((number) => entities.get(number))
      .filter(({ name, number }) => !wanted || name.toLowerCase().includes(wanted) || `#${number}` === wanted || String(number) === wanted)
      .sort(orders[order.value]);
    sheet.style.height = `${shown.length * ROW_HEIGHT}px`;
    grid.setAttribute("aria-rowcount", String(shown.length));
    empty.hidden = shown.length > 0;
    empty.textContent = wanted ? t("No entity matches.") : t("No entities yet. Press N and paint the first one.");
    render();
  }

  function render() {
    const first = Math.max(0, Math.floor(grid.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(shown.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW_HEIGHT) + SPARE_ROWS);
    const inSight = shown.slice(first, last);
    rows = new Map(inSight.map((entity, i) => [entity.number, rowOf(entity, first + i)]));
    place([...rows.values()].map(({ node }) => node));
    const { selected } = store.state;
    if (inSight.some(({ number }) => number === selected)) grid.setAttribute("aria-activedescendant", `entity-${selected}`);
    else grid.removeAttribute("aria-activedescendant");
  }

  /** Rows that are in their place already stay in the page. @param {HTMLElement[]} nodes */
  function place(nodes) {
    const there = [...sheet.children];
    const isAligned = there.length === nodes.length && nodes.every((node, i) => node.id === there[i].id);
    if (!isAligned) sheet.replaceChildren(...nodes);
    else nodes.forEach((node, i) => node !== there[i] && there[i].replaceWith(node));
  }

  /** @param {Entity} entity @param {number} index @returns {Row} */
  function rowOf(entity, index) {
    const { number, name, locked, colour } = entity;
    const facts = [`#${number}`, pixelsText(map.area[number]), originOf(entity)].filter(Boolean).join(" · ");
    const picture = pictureOf(number);
    const isActive = number === store.state.selected;
    const content = [index, name, locked, colour, facts, isChosen(number), isActive].join("\n");
    const known = rows.get(number);
    if (known?.content === content && known.picture === picture) return known;
    const swatch = element("span", { class: "entity-swatch" });
    swatch.style.background = cssOf(colour);
    const lock = element(
      "button",
      { type: "button", class: "icon-button entity-lock", tabindex: -1, "aria-pressed": String(locked), "aria-label": locked ? t("Unlock #{number}", { number }) : t("Lock #{number}", { number }), title: t("Lock or unlock") },
      icon(locked ? LOCKED : UNLOCKED, 15),
    );
    const node = element(
      "div",
      {
        role: "row", id: `entity-${number}`, "aria-rowindex": index + 1,
        "aria-selected": String(isChosen(number)), class: isActive ? "entity-row active" : "entity-row", data: { number },
      },
      element("div", { role: "gridcell", class: "entity-picture" }, swatch, picture),
      element(
        "div",
        { role: "gridcell", class: "entity-text" },
        element("span", { class: name ? "entity-name" : "entity-name unnamed" }, name || t("unnamed")),
        element("span", { class: "entity-facts" }, facts),
      ),
      element("div", { role: "gridcell" }, lock),
    );
    node.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
    return { node, picture, content };
  }

  /** @param {number} number */
  const isChosen = (number) => (chosen ? chosen.has(number) : number === store.state.selected);

  /** @param {number} number */
  function pictureOf(number) {
    let canvas = pictures.get(number);
    if (!canvas) {
      canvas = element("canvas", { class: "entity-thumbnail", width: 88, height: 88, "aria-hidden": "true" });
      pictures.set(number, canvas);
      forgetOldest();
    }
    if (pictured.get(number) !== map.area[number] && !map.isEditing()) {
      pictured.set(number, map.area[number]);
      thumbnails.draw(number, canvas).catch(console.error);
    }
    return canvas;
  }

  function forgetOldest() {
    const [oldest] = pictures.keys();
    if (pictures.size <= PICTURES_KEPT) return;
    pictures.delete(oldest);
    pictured.delete(oldest);
  }

  /** Once painting pauses: areas and pictures need not follow every stroke. */
  function refreshSoon() {
    clearTimeout(timer);
    // A row replaced between press and release never gets its click.
    timer = setTimeout(() => (isPressed ? refreshSoon() : collect()), SETTLE_MS);
  }

  /** @param {number} number */
  function reveal(number) {
    const index = shown.findIndex((entity) => entity.number === number);
    if (index < 0) return;
    const top = index * ROW_HEIGHT;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + ROW_HEIGHT > grid.scrollTop + grid.clientHeight) grid.scrollTop = top + ROW_HEIGHT - grid.clientHeight;
  }

  /** The entity before or after the selected one, in the order shown. @param {1 | -1} direction */
  function neighbour(direction) {
    if (shown.length === 0) return 0;
    const at = shown.findIndex(({ number }) => number === store.state.selected);
    const next = at < 0 ? (direction > 0 ? 0 : shown.length - 1) : (at + direction + shown.length) % shown.length;
    return shown[next].number;
  }

  grid.addEventListener("scroll", render);
  grid.addEventListener("pointerdown", () => (isPressed = true));
  for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => (isPressed = false));
  // One listener for all rows: a click replaces them, so the second click of two lands on another element.
  grid.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const number = Number(/** @type {HTMLElement | null} */ (target.closest(".entity-row"))?.dataset.number);
    if (!number) return;
    if (target.closest(".entity-lock")) entities.update(number, { locked: !entities.get(number).locked });
    else if (chosen && event.shiftKey) chosen.extendTo(number);
    else if (chosen && (event.ctrlKey || event.metaKey)) chosen.toggle(number);
    else choose(number, event.detail === 2);
  });
  grid.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = step === 0 ? 0 : neighbour(/** @type {1 | -1} */ (step));
    if (next > 0 && chosen && event.shiftKey) chosen.extendTo(next);
    else if (next > 0) choose(next, false);
    else if (chosen && event.key === "a" && (event.ctrlKey || event.metaKey)) chosen.all();
    else if (event.key === "Enter") choose(store.state.selected, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  search.addEventListener("input", collect);
  order.addEventListener("change", collect);
  drawing.onChange(refreshSoon);
  entities.onChange(refreshSoon);
  store.watch(["selected", "chosen"], () => {
    collect();
    reveal(store.state.selected);
  });
  new ResizeObserver(render).observe(grid);
  collect();

  return {
    neighbour,
    /** Their numbers, as they are shown. */
    shown: () => shown.map(({ number }) => number),
  };
}
