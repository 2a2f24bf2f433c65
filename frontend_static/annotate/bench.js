/** What the tools work with: the drawing, the active entity, and what a stroke may touch. */
import { allowErasing, allowFor } from "./paint_modes.js";
import { numberAt } from "./tools/tool.js";

/**
 * @param {object} parts
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {import("./numbers.js").Numbers} parts.numbers
 * @param {ReturnType<typeof import("./colours.js").createColours>} parts.colours
 * @param {(number: number) => void} parts.select
 * @param {(sentence: string) => void} parts.say
 * @returns {import("./tools/tool.js").Bench}
 */
export function createBench({ drawing, store, viewer, numbers, colours, select, say }) {
  const { map, entities } = drawing;
  const locked = () => entities.all().filter((entity) => entity.locked).map(({ number }) => number);

  function newNumber() {
    const number = numbers.take();
    if (number === null) say("There is no number for a new entity: connect once to get more.");
    return number;
  }

  /** @param {import("../segmentation/raster.js").Point} start */
  function activeNumber(start) {
    const number = store.state.selected || newNumber();
    if (number === null) return null;
    if (entities.get(number).colour < 0) entities.update(number, { colour: colours.forStroke(number, start, store.state.radius) });
    if (number !== store.state.selected) select(number);
    return number;
  }

  return {
    drawing,
    map,
    brushRadius: () => store.state.radius,
    scale: viewer.scale,
    activeNumber,
    newNumber,
    allowPainting: (start) => allowFor(store.state.paintMode, { start: numberAt(map, start), locked: locked() }),
    allowErasing: () => allowErasing({ onlyActive: store.state.eraseOnlyActive, active: store.state.selected, locked: locked() }),
    isLocked: (number) => entities.get(number).locked,
    select,
    selected: () => store.state.selected,
    say,
  };
}
