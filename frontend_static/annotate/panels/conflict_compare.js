/** Two versions beside each other: every place where they differ is listed, shown on the canvas and decided by itself. */
import { createDialog, shown } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { composed } from "../conflict.js";
import { pixelsText } from "../format.js";
import { createGroupOverlay } from "./conflict_overlay.js";

/** @typedef {import("../conflict.js").Side} Side */
/** @typedef {import("../conflict.js").Group} Group */
/** @typedef {import("../reconciling.js").Conflict} Conflict */
/** @typedef {import("../reconciling.js").Decision} Decision */
/**
 * What the comparison needs of the canvas.
 * @typedef {object} Canvas
 * @property {import("../../segmentation/label_map.js").LabelMap} map
 * @property {import("../viewer.js").Viewer} viewer
 * @property {HTMLElement} stage
 * @property {(number: number) => string} nameOf
 * @property {(box: import("../../segmentation/label_map.js").Box) => void} show
 */

/** Beyond so many places the smallest are decided together. */
const MOST_LISTED = 200;

/**
 * @param {Conflict} conflict @param {Canvas} canvas
 * @returns {Promise<Decision | null>} null: back without a decision
 */
export async function compareSides({ tiles, groups, rows }, canvas) {
  const { map, viewer } = canvas;
  const listed = groups.slice(0, MOST_LISTED);
  const rest = groups.slice(MOST_LISTED);
  /** @type {Map<Group, Side>} */
  const sides = new Map(groups.map((group) => [group, "mine"]));
  /** @type {Map<number, Side>} */
  const rowSides = new Map(rows.map(({ number }) => [number, "mine"]));
  const sideOf = (/** @type {Group} */ group) => sides.get(group) ?? "mine";
  let current = 0;
  const overlay = createGroupOverlay(canvas, listed);
  const dialog = createDialog(t("Compare the two versions"));
  dialog.classList.add("conflict-compare");

  /** Put on the canvas what the decisions make of the map; nothing is recorded. @param {(group: Group) => Side} [choose] */
  function preview(choose = sideOf) {
    for (const [tile, state] of composed(map, tiles, groups, choose)) map.install(tile, state);
    viewer.requestDraw();
  }

  /** Show the other side of the current place for as long as a key or button is held. @param {boolean} isHeld */
  function blink(isHeld) {
    const group = listed[current];
    if (!group) return;
    preview((one) => (one === group && isHeld ? other(sideOf(one)) : sideOf(one)));
    blinkButton.setAttribute("aria-pressed", String(isHeld));
    seen.textContent = (sideOf(group) === "mine") === isHeld ? t("Shown: theirs") : t("Shown: mine");
  }

  /** @param {Group[]} chosen @param {Side} side */
  function decide(chosen, side) {
    for (const group of chosen) sides.set(group, side);
    refresh();
    preview();
  }

  /** @param {number} place */
  function walkTo(place) {
    if (listed.length === 0) return;
    current = (place + listed.length) % listed.length;
    canvas.show(listed[current].box);
    refresh();
  }

  const groupRows = listed.map((group, i) => sideRow(`${i + 1} · ${pixelsText(group.area)}`, `${t("mine: {what}", { what: most(group.mine) })} · ${t("theirs: {what}", { what: most(group.theirs) })}`, (side) => decide([group], side), () => walkTo(i)));
  const restRow = rest.length > 0 ? sideRow(plural(rest.length, "{n} smaller place", "{n} smaller places"), "", (side) => decide(rest, side)) : null;
  const nameRows = rows.map(({ number, mine, theirs }) =>
    sideRow(`#${number}`, `${t("mine: {what}", { what: described(mine) })} · ${t("theirs: {what}", { what: described(theirs) })}`, (side) => {
      rowSides.set(number, side);
      refresh();
    }),
  );

  /** The largest part of a place, by name. @param {Map<number, number>} numbers */
  function most(numbers) {
    const [[largest]] = [...numbers].sort((a, b) => b[1] - a[1]);
    return canvas.nameOf(largest) + (numbers.size > 1 ? " …" : "");
  }

  const blinkButton = element("button", { type: "button", class: "button button-small", "aria-pressed": "false", title: t("Hold to see the other side (B)") }, t("Blink"));
  const seen = element("span", { class: "soft", role: "status", "aria-live": "polite" });
  const holdSignal = { onpointerdown: () => blink(true), onpointerup: () => blink(false), onpointerleave: () => blink(false) };
  for (const [name, listener] of Object.entries(holdSignal)) blinkButton.addEventListener(name.slice(2), listener);
  // By keyboard the button cannot be held: each press changes sides.
  blinkButton.addEventListener("click", (event) => event.detail === 0 && blink(blinkButton.getAttribute("aria-pressed") === "false"));

  function refresh() {
    groupRows.forEach((row, i) => row.update(sideOf(listed[i]), i === current));
    if (restRow) restRow.update(sideOf(rest[0]), false);
    nameRows.forEach((row, i) => row.update(rowSides.get(rows[i].number) ?? "mine", false));
    overlay.setCurrent(current);
    const group = listed[current];
    seen.textContent = !group ? "" : sideOf(group) === "mine" ? t("Shown: mine") : t("Shown: theirs");
    viewer.requestDraw();
  }

  /** @param {Side} side */
  function decideAll(side) {
    for (const { number } of rows) rowSides.set(number, side);
    decide(groups, side);
  }

  dialog.append(
    element(
      "div",
      { class: "dialog-body" },
      element("p", { class: "soft" }, t("Walk with ↑ and ↓, choose with 1 (mine) and 2 (theirs), hold B to see the other side.")),
      element("ul", { class: "conflict-list", "aria-label": t("Places and names that differ") }, ...groupRows.map(({ item }) => item), restRow?.item, ...nameRows.map(({ item }) => item)),
      element("div", { class: "conflict-blink" }, blinkButton, seen),
    ),
    element(
      "div",
      { class: "dialog-actions" },
      element("button", { type: "button", class: "button", onclick: () => dialog.close("") }, t("Back")),
      element("button", { type: "button", class: "button", onclick: () => decideAll("mine") }, t("All mine")),
      element("button", { type: "button", class: "button", onclick: () => decideAll("theirs") }, t("All theirs")),
      element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close("use") }, t("Use this")),
    ),
  );
  listenToKeys(dialog, {
    walk: (step) => walkTo(current + step),
    choose: (side) => listed[current] && decide([listed[current]], side),
    blink,
  });
  moveViewBehind(dialog, viewer);
  walkTo(0);
  refresh();
  const answer = await shown(dialog);
  overlay.remove();
  preview(() => "mine");
  return answer === "use" ? { sideOf, rowSide: (number) => rowSides.get(number) ?? "mine" } : null;
}

/** @param {Side} side @returns {Side} */
const other = (side) => (side === "mine" ? "theirs" : "mine");

/** @param {import("../conflict.js").RowFields} fields */
const described = ({ name, deleted }) => (deleted ? t("deleted") : name || t("unnamed"));

/**
 * One line: what differs, and the two sides to choose from.
 * @param {string} title @param {string} detail @param {(side: Side) => void} choose @param {() => void} [show]
 */
function sideRow(title, detail, choose, show) {
  const mine = element("button", { type: "button", class: "button button-small", onclick: () => choose("mine") }, t("Mine"));
  const theirs = element("button", { type: "button", class: "button button-small", onclick: () => choose("theirs") }, t("Theirs"));
  const text = [element("b", {}, title), " ", element("span", { class: "soft" }, detail)];
  const label = show ? element("button", { type: "button", class: "conflict-place", onclick: show }, ...text) : element("span", { class: "conflict-place" }, ...text);
  const item = element("li", { class: "conflict-row" }, label, element("span", { class: "conflict-sides", role: "group", "aria-label": title }, mine, theirs));
  return {
    item,
    /** @param {Side} side @param {boolean} isCurrent */
    update(side, isCurrent) {
      mine.setAttribute("aria-pressed", String(side === "mine"));
      theirs.setAttribute("aria-pressed", String(side === "theirs"));
      item.toggleAttribute("data-current", isCurrent);
      if (isCurrent) item.scrollIntoView({ block: "nearest" });
    },
  };
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {{walk: (step: 1 | -1) => void, choose: (side: Side) => void, blink: (isHeld: boolean) => void}} to
 */
function listenToKeys(dialog, { walk, choose, blink }) {
  /** @type {Record<string, () => void>} */
  const keys = { ArrowDown: () => walk(1), ArrowUp: () => walk(-1), 1: () => choose("mine"), 2: () => choose("theirs"), b: () => blink(true) };
  dialog.addEventListener("keydown", (event) => {
    const run = keys[event.key];
    if (!run || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    run();
  });
  dialog.addEventListener("keyup", (event) => event.key === "b" && blink(false));
}

/** The dialog is modal, but one may move about the image behind it. @param {HTMLDialogElement} dialog @param {import("../viewer.js").Viewer} viewer */
function moveViewBehind(dialog, viewer) {
  dialog.addEventListener("wheel", (event) => event.target === dialog && viewer.zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY), { passive: true });
  dialog.addEventListener("pointermove", (event) => event.target === dialog && event.buttons && viewer.pan(event.movementX, event.movementY));
}
