/** 409: the same tiles or names were changed elsewhere. Which side stays? */
import { askChoice } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { countText } from "../format.js";

/**
 * @param {{tiles: {t: number}[], entities: {number: number}[]}} conflict
 * @param {(t: number) => void} showTile
 * @returns {Promise<"mine" | "theirs" | "">} "" to decide later
 */
export async function askConflict({ tiles, entities }, showTile) {
  const parts = [
    tiles.length > 0 && countText(tiles.length, "tile"),
    entities.length > 0 && countText(entities.length, "entity", "entities"),
  ].filter(Boolean);
  if (tiles.length > 0) showTile(tiles[0].t);
  const choice = await askChoice({
    title: "Changed elsewhere",
    body: [
      element("p", {}, `Since you loaded this image, someone else saved ${parts.join(" and ")} that you changed too.`),
      element("p", { class: "soft" }, "What they saved stays in the history either way; your version is saved only if you keep it."),
    ],
    choices: [
      { label: "Decide later", value: "" },
      { label: "Take theirs", value: "theirs" },
      { label: "Keep mine", value: "mine", kind: "primary" },
    ],
  });
  return /** @type {"mine" | "theirs" | ""} */ (choice);
}
