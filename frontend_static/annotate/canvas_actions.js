/** Actions on how the canvas looks and listens that only the editor has. */
import { t } from "../shared/translate.js";

/**
 * @param {Pick<import("./editor.js").Editor, "store" | "drawing" | "colours" | "say">} parts
 * @returns {import("./commands.js").Action[]}
 */
export function canvasActions({ store, drawing, colours, say }) {
  async function recolour() {
    const changes = (await colours.chooseAgain()).filter(({ before, after }) => before.colour !== after.colour);
    if (changes.length === 0) {
      say(t("Neighbours can be told apart already."));
      return;
    }
    drawing.run({ tool: "recolour", number: 0 }, [], changes);
    say(t("New colours by what touches what."));
  }

  function toggleFinger() {
    store.set({ fingerPans: !store.state.fingerPans });
    say(store.state.fingerPans ? t("One finger moves the view; a pen draws.") : t("One finger works with the tool."));
  }

  return [
    { id: "entity.recolour", label: t("Choose all colours again"), group: t("Entities"), keys: ["alt+c"], edits: true, keepsMap: true, run: () => void recolour().catch(console.error) },
    { id: "touch.finger", label: t("One finger moves the view, or works"), group: t("View"), keys: [], run: toggleFinger },
  ];
}
