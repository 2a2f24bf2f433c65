/** The connected parts of entities, largest first, and putting them in order. */
import { createDialog, shown } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { whyFixed } from "../editor_state.js";
import { pixelsText } from "../format.js";

/** @typedef {import("../editor.js").Editor} Editor */
/** @typedef {{number: number, count: number, areas: Float64Array, parts: {area: number, box: [number, number, number, number]}[]}} Fragmented */

/** Entities and parts that the dialog lists. */
const LISTED = 60;
const PARTS_LISTED = 12;
const USUAL_SPECK = 64;
const PART_ROOM = 3;

/** @param {Editor} editor */
export async function showFragments(editor) {
  if (document.querySelector(".fragments-dialog")) return;
  const { bench, store, drawing } = editor;
  const dialog = createDialog(t("Parts of entities"));
  dialog.classList.add("fragments-dialog");
  const list = element("div", { class: "fragment-list" }, t("Looking…"));
  const onlyActive = element("input", { type: "checkbox", id: "fragments-active" });
  onlyActive.checked = store.state.selected > 0;
  const size = element("input", { type: "number", id: "speck-size", min: 2, max: 1e6, value: USUAL_SPECK });
  const rest = element("select", { id: "fragments-rest" }, element("option", { value: "void" }, t("unlabelled")), element("option", { value: "neighbours" }, t("their neighbours'")));

  const isFree = (/** @type {number} */ number) => !bench.isLocked(number);
  const chosen = () => (onlyActive.checked && store.state.selected > 0 ? [store.state.selected] : drawing.map.numbers()).filter(isFree);

  async function look() {
    /** @type {Fragmented[] | null} */
    const found = await bench.ask("fragments", { numbers: chosen() }, { lane: "fragments" });
    if (found) list.replaceChildren(...rowsOf(found));
  }

  /** @param {Fragmented[]} found */
  function rowsOf(found) {
    if (found.length === 0) return [element("p", {}, onlyActive.checked && store.state.selected ? t("The active entity is one connected part.") : t("Every entity is one connected part."))];
    const sorted = found.toSorted((a, b) => b.count - a.count);
    const more = sorted.length - LISTED;
    return [...sorted.slice(0, LISTED).map(rowOf), ...(more > 0 ? [element("p", {}, plural(more, "and {n} more entity", "and {n} more entities"))] : [])];
  }

  /** @param {Fragmented} entity */
  function rowOf({ number, count, parts }) {
    const name = drawing.entities.get(number).name || t("unnamed");
    return element(
      "section",
      { class: "fragment-row", "aria-label": t("#{number} {name}", { number, name }) },
      element("strong", {}, t("#{number} {name}", { number, name })),
      element("span", { class: "fragment-count" }, plural(count, "{n} part", "{n} parts")),
      element(
        "span",
        { class: "fragment-actions" },
        editButton(t("Keep the largest"), () => keepLargest([number])),
        editButton(t("Make each an entity"), () => separate(number, count)),
      ),
      element("span", { class: "fragment-parts" }, ...parts.slice(0, PARTS_LISTED).map(({ area, box }) => partButton(number, area, box)), count > PARTS_LISTED && element("span", {}, "…")),
    );
  }

  /** @param {number} number @param {number} area @param {[number, number, number, number]} box */
  const partButton = (number, area, box) =>
    element("button", { type: "button", class: "button button-small", title: t("Show this part"), onclick: () => showPart(number, box) }, pixelsText(area));

  /** @param {number} number @param {[number, number, number, number]} box */
  function showPart(number, box) {
    dialog.close();
    editor.select(number);
    editor.viewer.fit(box, PART_ROOM);
  }

  /** @param {string} label @param {() => Promise<void>} run */
  const editButton = (label, run) =>
    element("button", { type: "button", class: "button button-small", disabled: Boolean(whyFixed(store.state)), onclick: () => void run().then(look) }, label);

  /** @param {number[]} numbers */
  async function keepLargest(numbers) {
    const trial = await bench.ask("keepLargest", { numbers, toNeighbours: rest.value === "neighbours", locked: bench.locked() });
    if (trial) bench.takeTrial(trial, { tool: "keep_largest", number: numbers[0] });
  }

  /** @param {number} number @param {number} count */
  async function separate(number, count) {
    /** @type {number[]} */
    const newNumbers = [];
    while (newNumbers.length < count - 1) {
      const taken = bench.newNumber();
      if (taken === null) return;
      newNumbers.push(taken);
    }
    const trial = await bench.ask("separate", { number, newNumbers });
    if (trial) bench.takeTrial(trial, { tool: "separate", number });
  }

  async function giveSpecks() {
    const numbers = chosen();
    const trial = await bench.ask("specks", { numbers, maxArea: Number(size.value), locked: bench.locked() });
    if (!trial) return;
    const isDone = bench.takeTrial(trial, { tool: "give_specks", number: numbers[0] ?? 0, parts: trial.given });
    bench.say(isDone ? plural(trial.given, "{n} part given to its neighbour.", "{n} parts given to their neighbours.") : t("No part is so small, or nobody may receive it."));
  }

  onlyActive.addEventListener("change", () => void look());
  dialog.append(
    element(
      "div",
      { class: "dialog-body" },
      element("div", { class: "fragment-scope" }, onlyActive, element("label", { for: "fragments-active" }, t("Only the active entity"))),
      list,
      element(
        "div",
        { class: "fragment-all" },
        element("label", { for: "speck-size" }, t("Parts under")), size, element("span", {}, t("px")),
        editButton(t("Give to neighbours"), giveSpecks),
      ),
      element(
        "div",
        { class: "fragment-all" },
        element("label", { for: "fragments-rest" }, t("Where only the largest is kept, the rest becomes")), rest,
        editButton(t("Keep only the largest part"), () => keepLargest(chosen())),
      ),
    ),
    element("div", { class: "dialog-actions" }, element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("Close"))),
  );
  void look();
  await shown(dialog);
}
