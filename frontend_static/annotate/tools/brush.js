/** Brush and eraser: a disc swept along the pointer, exact to the pixel. */
import { t } from "../../shared/translate.js";
import { capsule } from "../../segmentation/raster.js";
import { PRESSURE, sizeOf } from "../pen.js";
import { drawCircle, drawPath } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Point} Point */
/** @typedef {import("./tool.js").Tool} Tool */

/** A brush whose size changes between two places does so in at most so many steps. */
const MOST_STEPS = 12;

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
  /** Shift is held: a click would draw a straight line from there. */
  let isStraight = false;
  /** Of the brush, and of the last place painted: a pen's pressure lies between. */
  let full = 1;
  let radius = 1;

  /** @param {PointerEvent | undefined} event */
  const radiusOf = (event) => Math.max(0.5, full * sizeOf(event, bench.settings.text(PRESSURE.id)));

  /** Paint on to a point; a brush that grows or shrinks on the way does so in steps. @param {Point} from @param {Point} to @param {number} next radius there */
  function paint(from, to, next) {
    const steps = Math.min(MOST_STEPS, Math.max(1, Math.ceil(Math.abs(next - radius) / (0.08 * full))));
    let start = from;
    for (let i = 1; i <= steps; i++) {
      const share = i / steps;
      /** @type {Point} */
      const end = i === steps ? to : [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      capsule(bench.map, start, end, radius + (next - radius) * share, number, allow);
      start = end;
    }
    radius = next;
  }

  return {
    cursor: "none",
    edits: true,
    hasSize: true,
    settings: [PRESSURE],
    down(point, event) {
      const taken = numberOf(point);
      if (taken === null) return;
      number = taken;
      full = bench.brushRadius();
      radius = radiusOf(event);
      allow = allowOf(point);
      bench.drawing.begin();
      paint(event.shiftKey && last ? last : point, point, radius);
      last = point;
      isDown = true;
    },
    move(point, event) {
      isStraight = event?.shiftKey ?? false;
      if (!isDown) return;
      paint(last ?? point, point, radiusOf(event));
      last = point;
    },
    up() {
      if (!isDown) return;
      isDown = false;
      bench.drawing.commit({ tool, number, radius: Math.round(full * 10) / 10 });
    },
    isBusy: () => isDown,
    cancel() {
      isDown = false;
      bench.drawing.cancel();
    },
    draw(pen, { toDevice, scale, cursor }) {
      if (cursor && last && isStraight && !isDown) drawPath(pen, [toDevice(last), toDevice(cursor)], { closed: false });
      if (cursor) drawCircle(pen, toDevice(cursor), (isDown ? radius : bench.brushRadius()) * scale);
    },
  };
}
