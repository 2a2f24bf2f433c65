/** What a person can do about unsaved work by a key. */
import { t } from "../shared/translate.js";
import { askForFile } from "./panels/refused_dialog.js";
import { readUnsaved, restoreUnsaved } from "./unsaved_file.js";

/** @param {import("./editor.js").Editor} editor @returns {import("./commands.js").Action[]} */
export function savingActions({ drawing, detail, vocabulary, viewer, say }) {
  const { map } = drawing;

  async function restore() {
    const text = await askForFile();
    if (text === null) return;
    try {
      const unsaved = readUnsaved(text, { annotation: detail.id, width: map.width, height: map.height });
      restoreUnsaved(drawing, unsaved, (term) => vocabulary.all().find(({ id }) => id === term)?.name ?? "");
      viewer.requestDraw();
      say(t("Restored from the file. Undo takes it back."));
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  return [
    { id: "work.restore", label: t("Restore unsaved changes from a file"), group: t("Work"), keys: ["ctrl+alt+r"], edits: true, run: () => void restore() },
  ];
}
