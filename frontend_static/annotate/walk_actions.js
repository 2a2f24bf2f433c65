/** Walking from entity to entity and from gap to gap; the review page walks the same way. */
import { t } from "../shared/translate.js";

/** @typedef {import("./commands.js").Action} Action */

/** Tab walks the entities only from the canvas; everywhere else it moves the focus. */
const isOnCanvas = () => document.activeElement?.getAttribute("role") === "application";

/** How much of the surroundings is shown around a gap. */
export const GAP_ROOM = 2.5;

/**
 * @param {object} parts
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {import("./gaps.js").Gaps} parts.gaps
 * @param {() => {neighbour: (direction: 1 | -1) => number}} parts.entityList
 * @param {(number: number) => void} parts.selectAndFit
 * @param {(sentence: string) => void} parts.say
 * @returns {Action[]}
 */
export function walkActions({ drawing, store, viewer, gaps, entityList, selectAndFit, say }) {
  /** @param {1 | -1} direction */
  const toEntity = (direction) => () => selectAndFit(entityList().neighbour(direction));

  /** @param {1 | -1} direction */
  const toGap = async (direction) => {
    const found = await gaps.step(direction);
    if (!found) {
      say(t("No gaps: the whole image is covered."));
      return;
    }
    store.set({ gaps: true });
    viewer.fit(found.gap.box, GAP_ROOM);
    say([t("Gap {place} of {count}: {area} px", { place: found.place, count: found.count, area: found.gap.area }), suggestionFor(found.gap)].filter(Boolean).join(" "));
  };

  /** Who would get a gap. @param {import("./gaps.js").Gap} gap */
  const suggestionFor = ({ suggested }) => (suggested ? t("→ #{number} {name}", { number: suggested, name: drawing.entities.get(suggested).name || t("unnamed") }) : "");

  function fitSelected() {
    const box = drawing.map.boxOf(store.state.selected);
    if (box) viewer.fit(box);
  }
  return [
    { id: "entity.next", label: t("Next entity"), group: t("Entities"), keys: ["tab"], enabled: isOnCanvas, run: toEntity(1) },
    { id: "entity.previous", label: t("Previous entity"), group: t("Entities"), keys: ["shift+tab"], enabled: isOnCanvas, run: toEntity(-1) },
    { id: "entity.fit", label: t("Fit the entity"), group: t("Entities"), keys: ["f"], enabled: () => store.state.selected > 0, run: fitSelected },
    { id: "gap.next", label: t("Next gap"), group: t("Gaps"), keys: ["j"], run: () => void toGap(1) },
    { id: "gap.previous", label: t("Previous gap"), group: t("Gaps"), keys: ["shift+j"], run: () => void toGap(-1) },
  ];
}
