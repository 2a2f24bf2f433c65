/** Brush and eraser: a disc swept along the pointer, exact to the pixel. */
import { t } from "../../shared/translate.js";
import { capsule } from "../../segmentation/raster.js";
import { drawCircle } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Point} Point */
/** @typedef {import("./tool.js").Tool} Tool */

/** @param {Bench} bench @returns {Tool} */
export const createBrush = (bench) => ({
  id: "brush",
  label: t("Brush"),
  hint: t("Paint the active entity. Shift+click: straight line; Alt+click: pick an entity"),
  keys: ["b", "shift+1"],
  icon: "M9.5 14.5 19 5a1.8 1.8 0 0 0-2.5-2.5L7 12M9.5 14.5a3 3 0 0 0-4.2.2C4 16 4.5 18.5 2.5 19.5c1.5 1.8 5.5 2 7-.5a3.2 3.2 0 0 0 0-4.5z",
  paints: true,
  ...stroke(bench, "brush", bench.activeNumber, bench.allowPainting),
});

/** @param {Bench} bench @returns {Tool} */
export const createEraser = (bench) => ({
  id: "eraser",
  label: t("Eraser"),
  hint: t("Make pixels unlabelled. Shift+click: straight line"),
  keys: ["e", "shift+2"],
  icon: "M8.5 20 3.5 15a1.6 1.6 0 0 1 0-2.3L12.7 3.5a1.6 1.6 0 0 1 2.3 0l5.5 5.5a1.6 1.6 0 0 1 0 2.3L11.8 20zM8 8.2l7.8 7.8M8.5 20H20",
  erases: true,
  ...stroke(bench, "eraser", () => 0, bench.allowErasing),
});

/**
 * @param {Bench} bench @param {string} tool @param {(start: Point) => number | null} numberOf @param {(start: Point) => Uint8Array} allowOf
 * @returns {Omit<Tool, "id" | "label" | "hint" | "keys" | "icon">}
 */
function stroke(bench, tool, numberOf, allowOf) {
  let number = 0;
  /** @type {Uint8Array | null} */
  let allow = null;
  /** @type {Point | null} end of the last stroke, where a straight line begins */
  let last = null;
  let isDown = false;
  let radius = 1;

  /** @param {Point} from @param {Point} to */
  const paint = (from, to) => capsule(bench.map, from, to, radius, number, allow);

  return {
    cursor: "none",
    edits: true,
    hasSize: true,
    down(point, event) {
      const taken = numberOf(point);
      if (taken === null) return;
      number = taken;
      radius = bench.brushRadius();
      allow = allowOf(point);
      bench.drawing.begin();
      paint(event.shiftKey && last ? last : point, point);
      last = point;
      isDown = true;
    },
    move(point) {
      if (!isDown) return;
      paint(last ?? point, point);
      last = point;
    },
    up() {
      if (!isDown) return;
      isDown = false;
      bench.drawing.commit({ tool, number, radius: Math.round(radius * 10) / 10 });
    },
    isBusy: () => isDown,
    cancel() {
      isDown = false;
      bench.drawing.cancel();
    },
    draw(pen, { toDevice, scale, cursor }) {
      if (cursor) drawCircle(pen, toDevice(cursor), (isDown ? radius : bench.brushRadius()) * scale);
    },
  };
}
