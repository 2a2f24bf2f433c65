/** Giving the image back from the editor: everything saved first, then the image is free for somebody else. */
import { giveBack } from "../queue/give_back.js";
import { t } from "../shared/translate.js";

/** @param {import("./editor.js").Editor} editor @returns {import("./commands.js").Action[]} */
export function giveBackActions({ autosave, detail, lease, say }) {
  const { assignment } = detail;
  const isDrawing = assignment !== null && assignment.round === "draw";

  async function run() {
    if (!assignment) return;
    try {
      if (!(await autosave.settle())) {
        say(t("Not given back: something is still to be saved."));
        return;
      }
      if (await giveBack({ assignment: assignment.id, file_name: detail.image.file_name }, lease())) location.assign("/queue");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  return [
    { id: "work.giveBack", label: t("Give this image back"), group: t("Work"), keys: ["ctrl+alt+b"], edits: true, keepsMap: true, enabled: () => isDrawing, run: () => void run() },
  ];
}
