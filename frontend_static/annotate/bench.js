/** What the tools work with: the drawing, the active entity, and what a stroke may touch. */
import { t } from "../shared/translate.js";
import { whyFixed } from "./editor_state.js";
import { allowErasing, allowFor } from "./paint_modes.js";
import { gridInView } from "./pixels/window_in_view.js";
import { numberAt } from "./tools/tool.js";

/**
 * @param {object} parts
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {import("./numbers.js").Numbers} parts.numbers
 * @param {ReturnType<typeof import("./colours.js").createColours>} parts.colours
 * @param {import("./pixels/pixel_worker.js").PixelWorker} parts.pixels
 * @param {import("./tool_settings.js").ToolSettings} parts.settings
 * @param {import("./ai_candidates.js").Candidates} parts.candidates
 * @param {import("./proposals.js").Proposals} parts.proposals
 * @param {(number: number) => void} parts.select
 * @param {(numbers: number[], more: boolean) => void} parts.choose
 * @param {(number: number) => void} parts.toggle
 * @param {(sentence: string) => void} parts.say
 * @returns {import("./tools/tool.js").Bench}
 */
export function createBench({ drawing, store, viewer, numbers, colours, pixels, settings, candidates, proposals, select, choose, toggle, say }) {
  const { map, entities } = drawing;
  const locked = () => entities.all().filter((entity) => entity.locked).map(({ number }) => number);

  function newNumber() {
    const number = numbers.take();
    if (number === null) say(t("There is no number for a new entity: connect once to get more."));
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

  /** @type {import("./tools/tool.js").Bench["allowPainting"]} */
  const allowPainting = (start) => allowFor(store.state.paintMode, { start: numberAt(map, start), locked: locked() });
  const eraserMask = () => allowErasing({ onlyActive: store.state.eraseOnlyActive, active: store.state.selected, locked: locked() });

  /** @type {import("./tools/tool.js").Bench["ask"]} */
  async function ask(job, payload, options) {
    try {
      return await pixels.ask(job, payload, options);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  /** @type {import("./tools/tool.js").Bench["takeTrial"]} */
  function takeTrial(trial, gesture, fields = []) {
    if (whyFixed(store.state) || !trial.isCurrent()) {
      say(whyFixed(store.state) || t("The map was changed meanwhile: try again."));
      return false;
    }
    if (trial.changes.length === 0) return false;
    map.apply(trial.changes, "after");
    drawing.run(gesture, trial.changes, fields);
    return true;
  }

  /** @type {import("./tools/tool.js").Bench["paintMask"]} */
  async function paintMask({ mask, grid, start, tool, erases = false }) {
    const number = erases ? 0 : activeNumber(start);
    if (number === null) return false;
    const trial = await ask("paint", { mask, grid, number, allow: erases ? eraserMask() : allowPainting(start) });
    if (!trial) return false;
    if (trial.changes.length === 0) say(t("Nothing changed: what lies inside may not be painted over."));
    return takeTrial(trial, { tool, number });
  }

  return {
    drawing,
    map,
    settings,
    candidates,
    proposals,
    ask,
    takeTrial,
    paintMask,
    locked,
    note: (sentence) => store.set({ note: sentence }),
    redraw: viewer.requestDraw,
    gapRule: () => /** @type {import("../segmentation/gaps.js").GapRule} */ (settings.text("gaps.rule")),
    mayTake: (number) => allowFor(store.state.paintMode, { start: number, locked: locked() }),
    gridInView: () => {
      const view = viewer.view();
      return view && gridInView(map, view, viewer.scale());
    },
    onSelect: (listener) => void store.watch(["selected"], listener),
    brushRadius: () => store.state.radius,
    scale: viewer.scale,
    activeNumber,
    newNumber,
    allowPainting,
    allowErasing: eraserMask,
    isLocked: (number) => entities.get(number).locked,
    select,
    choose,
    toggle,
    selected: () => store.state.selected,
    say,
  };
}
