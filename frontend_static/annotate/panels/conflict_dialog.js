/** 409: the same pixels or names were changed elsewhere. Which side stays, altogether or place by place? */
import { askChoice } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { always } from "../reconciling.js";
import { compareSides } from "./conflict_compare.js";

/** @typedef {import("../reconciling.js").Conflict} Conflict */
/** @typedef {import("../reconciling.js").Decision} Decision */

/**
 * @param {Conflict} conflict @param {import("./conflict_compare.js").Canvas} canvas
 * @returns {Promise<Decision | null>} null to decide later
 */
export async function askConflict(conflict, canvas) {
  const { groups, rows } = conflict;
  const counts = [
    groups.length > 0 && plural(groups.length, "{n} place", "{n} places"),
    rows.length > 0 && plural(rows.length, "{n} name", "{n} names"),
  ].filter(Boolean);
  if (groups.length > 0) canvas.show(groups[0].box);
  for (;;) {
    const choice = await askChoice({
      title: t("Changed elsewhere"),
      body: [
        element("p", {}, t("Since you loaded this image, someone else saved {what} that you changed too.", { what: counts.join(", ") })),
        element("p", { class: "soft" }, t("What they saved stays in the history either way; your version is saved only if you keep it.")),
      ],
      choices: [
        { label: t("Decide later"), value: "" },
        { label: t("Compare…"), value: "compare" },
        { label: t("Take theirs"), value: "theirs" },
        { label: t("Keep mine"), value: "mine", kind: "primary" },
      ],
    });
    if (choice === "mine" || choice === "theirs") return { sideOf: always(choice), rowSide: always(choice) };
    if (choice === "") return null;
    const decision = await compareSides(conflict, canvas);
    if (decision) return decision;
  }
}
