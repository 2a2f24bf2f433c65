/** What can be done with the shape of entities and with gaps, beside the tools in hand. */
import { t } from "../shared/translate.js";
import { showFragments } from "./panels/fragments.js";
import { GAP_ROOM } from "./walk_actions.js";

/** @typedef {import("./commands.js").Action} Action */
/** @typedef {import("./editor.js").Editor} Editor */

/** @param {Editor} editor @returns {Action[]} */
export function shapeActions(editor) {
  const { drawing, store, viewer, chooseTool, gaps, giving, settings, say } = editor;
  const hasSelection = () => store.state.selected > 0;

  /** Clear the entity's pixels; number and name stay with what is drawn next. */
  function redraw() {
    const { selected } = store.state;
    if (drawing.entities.get(selected).locked) {
      say(t("Entity #{number} is locked.", { number: selected }));
      return;
    }
    drawing.run({ tool: "redraw", number: selected }, drawing.map.relabel([selected], 0));
    chooseTool("brush");
    say(t("Draw #{number} again: its name stays.", { number: selected }));
  }

  /** @param {"add" | "subtract"} mode */
  const outline = (mode) => () => {
    settings.set("outline.mode", mode);
    if (store.state.tool !== "livewire") chooseTool("lasso");
  };

  async function showGap() {
    const gap = await gaps.current();
    if (!gap) return;
    store.set({ gaps: true });
    viewer.fit(gap.box, GAP_ROOM);
  }

  return [
    { id: "outline.add", label: t("Polygon that adds"), group: t("Tools"), keys: ["shift+3"], run: outline("add") },
    { id: "outline.subtract", label: t("Polygon that subtracts"), group: t("Tools"), keys: ["shift+4"], run: outline("subtract") },
    { id: "entity.redraw", label: t("Draw the entity anew"), group: t("Entities"), keys: ["shift+n"], edits: true, enabled: hasSelection, run: redraw },
    { id: "entity.fragments", label: t("Parts of entities: keep, separate, give away"), group: t("Entities"), keys: ["shift+f"], run: () => void showFragments(editor) },
    { id: "gap.fill", label: t("Give the gap to its neighbour"), group: t("Gaps"), keys: ["shift+g"], edits: true, run: () => void giving.give() },
    { id: "gap.show", label: t("Show the gap in hand"), group: t("Gaps"), keys: [], run: () => void showGap() },
    { id: "gap.accept", label: t("Give the gap in hand away"), group: t("Gaps"), keys: [], edits: true, run: () => void giving.accept() },
    { id: "gap.fill_small", label: t("Give all small gaps away"), group: t("Gaps"), keys: ["alt+g"], edits: true, run: () => void giving.giveSmall() },
  ];
}
