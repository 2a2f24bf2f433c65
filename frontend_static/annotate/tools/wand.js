/** Magic wand: touch a colour, drag for more or less of it, Enter paints what is marked. */
import { t } from "../../shared/translate.js";
import { pixelsText } from "../format.js";
import { sampleAt } from "./livewire.js";
import { drawGrid, pixelAt } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/** @typedef {{grid: Grid, mask: Uint8Array, samples: number, bitmap: ImageBitmap, start: Point}} Marked */

/** Window pixels of dragging per step of tolerance. */
const TRAVEL = 3;

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool} */
export function createWand(bench) {
  /** @type {Marked | null} */
  let marked = null;
  /** @type {{point: Point, tolerance: number, base: Marked | null, mode: "add" | "subtract"} | null} the touch being dragged */
  let touch = null;
  /** Answers to earlier touches are not shown. */
  let round = 0;
  let isLooking = false;

  /** @param {NonNullable<typeof touch>} touched */
  async function mark({ point, base, mode }) {
    const grid = base?.grid ?? bench.gridInView();
    if (!grid) return;
    const [x, y] = sampleAt(grid, point);
    if (x < 0 || y < 0 || x >= grid.width || y >= grid.height) {
      bench.say(t("This place was out of view when the marking began: paint what is marked first."));
      return;
    }
    const asked = ++round;
    isLooking = true;
    const start = base?.start ?? point;
    const answer = await bench.ask(
      "wand",
      {
        grid, x, y, mode, base: base?.mask ?? null, allow: bench.allowPainting(start),
        tolerance: bench.settings.number("wand.tolerance"), isClean: bench.settings.isOn("wand.clean"),
      },
      { lane: "wand", needsPicture: true },
    );
    if (asked === round) isLooking = false;
    if (!answer || asked !== round) return;
    if (answer.samples === 0) {
      reset();
      bench.say(t("Nothing here may be painted over."));
      return;
    }
    marked = { grid, mask: answer.mask, samples: answer.samples, bitmap: answer.preview.bitmap, start };
    bench.note(t("{pixels} marked: Enter paints", { pixels: pixelsText(answer.samples * grid.stride ** 2) }));
    bench.redraw();
  }

  function reset() {
    round++;
    isLooking = false;
    touch = null;
    marked = null;
    bench.note("");
    bench.redraw();
  }

  async function paint() {
    if (!marked) return;
    const { mask, grid, start } = marked;
    reset();
    await bench.paintMask({ mask, grid, start, tool: "wand" });
  }

  return {
    id: "wand",
    label: t("Magic wand"),
    hint: t("Touch a colour, drag right for more of it. Shift adds, Alt takes away; Enter or a click on what is marked paints it"),
    keys: ["w"],
    icon: "M4 20 15 9M13.5 7.5l3 3M18 3v3M18 9v.01M21 6h-3M15 6h.01M20 12v2M21 13h-2M10 3v2M11 4H9",
    cursor: "crosshair",
    edits: true,
    paints: true,
    settings: [
      { id: "wand.tolerance", kind: "range", label: t("Tolerance"), title: t("How different a colour may be; dragging changes it too"), start: 18, min: 1, max: 120, step: 1, text: String },
      { id: "wand.clean", kind: "check", label: t("Close small holes"), start: true },
    ],
    buttons: [{ label: t("Paint"), run: () => void paint() }],
    down(point, event) {
      const isPlain = !event.shiftKey && !event.altKey;
      if (isPlain && marked && isMarked(marked, point)) {
        void paint();
        return;
      }
      touch = {
        point: pixelAt(point), tolerance: bench.settings.number("wand.tolerance"),
        base: isPlain ? null : marked, mode: event.altKey ? "subtract" : "add",
      };
      if (event.altKey && !marked) touch = null;
      else void mark(touch);
    },
    move(point) {
      if (!touch) return;
      const travelled = ((point[0] - touch.point[0]) * bench.scale()) / TRAVEL;
      const before = bench.settings.number("wand.tolerance");
      bench.settings.set("wand.tolerance", Math.round(touch.tolerance + travelled));
      if (bench.settings.number("wand.tolerance") !== before) void mark(touch);
    },
    up: () => (touch = null),
    isBusy: () => marked !== null || touch !== null || isLooking,
    finish: () => void paint(),
    cancel: reset,
    leave: reset,
    draw(pen, view) {
      if (marked) drawGrid(pen, view, marked.bitmap, marked.grid);
    },
  };
}

/** @param {Marked} marked @param {Point} point */
function isMarked({ grid, mask }, point) {
  const [x, y] = sampleAt(grid, point);
  return x >= 0 && y >= 0 && x < grid.width && y < grid.height && mask[y * grid.width + x] === 1;
}
