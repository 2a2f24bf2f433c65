/** Giving an assignment back: asked once, then the image is free for somebody else. */
import { askChoice } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";

/**
 * @param {{assignment: number, file_name: string}} row @param {string | null} [lease] of the tab that has it open
 * @returns {Promise<boolean>} whether it was given back
 */
export async function giveBack(row, lease = null) {
  const answer = await askChoice({
    title: t("Give this image back?"),
    body: [
      element("p", {}, t("{name} becomes free for somebody else. What you saved stays in its history, and the next person may go on from it.", { name: row.file_name })),
    ],
    choices: [
      { label: t("Keep it"), value: "" },
      { label: t("Give back"), value: "give", kind: "primary" },
    ],
  });
  if (answer !== "give") return false;
  await api.post(`assignments/${row.assignment}/give-back`, { lease });
  note(t("{name} is given back.", { name: row.file_name }));
  return true;
}
