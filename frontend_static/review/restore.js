/** Going back to an earlier revision: a new revision that equals it. */
import { askChoice } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

/** @param {{api: import("../shared/api.js").Api, detail: Record<string, any>, number: number, say: (sentence: string) => void}} parts */
export async function restoreRevision({ api, detail, number, say }) {
  const { lease_holder: holder, lease_expires_at: expires, id } = detail.assignment;
  const isInWork = holder && holder !== document.body.dataset.user && new Date(expires) > new Date();
  const choice = await askChoice({
    title: t("Restore revision {n}?", { n: number }),
    body: [
      element("p", {}, t("A new revision that equals it is added; nothing in the history is lost.")),
      isInWork && element("p", {}, t("{person} is working on this image now and will be stopped.", { person: holder })),
    ],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Restore"), value: "restore", kind: "primary" }],
  });
  if (choice !== "restore") return;
  try {
    const { lease } = await api.post(`assignments/${id}/claim`);
    await api.post(`annotations/${detail.id}/restore`, { revision: number, lease });
    await api.post(`assignments/${id}/release`, { lease });
    location.reload();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
