/** Lasso: drag for freehand, click for the corners of a polygon; both may be mixed in one outline. */
import { polygon } from "../../segmentation/polygon.js";
import { t } from "../../shared/translate.js";
import { drawDot, drawPath } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Point} Point */

/** A freehand point every so many window pixels. */
const SPACING = 2;
/** More points than this in one drag make it freehand: it closes when the pointer is lifted. */
const FREEHAND_POINTS = 8;
/** Clicking so near the first corner (window pixels) closes the polygon. */
export const CLOSING_DISTANCE = 9;

/** Adding or subtracting: one setting for everything that draws outlines. @returns {import("../tool_settings.js").Setting} */
export const outlineMode = () => ({
  id: "outline.mode",
  kind: "choice",
  label: t("Outline"),
  title: t("Shift+3 adds, Shift+4 subtracts; Alt at the first point does the other"),
  start: "add",
  choices: [
    { value: "add", label: t("adds") },
    { value: "subtract", label: t("subtracts") },
  ],
});

/** Whether an outline that begins now takes away. @param {Bench} bench @param {{altKey: boolean}} event */
export const isSubtracting = (bench, event) => (bench.settings.text("outline.mode") === "subtract") !== event.altKey;

/**
 * Give what an outline encloses to the active entity, or take it away, as one command.
 * @param {Bench} bench @param {Point[]} outline @param {{subtracts: boolean, tool: string}} how
 */
export function fillOutline(bench, outline, { subtracts, tool }) {
  if (outline.length < 3) return;
  const number = subtracts ? 0 : bench.activeNumber(outline[0]);
  if (number === null) return;
  bench.drawing.begin();
  polygon(bench.map, outline, number, subtracts ? bench.allowErasing() : bench.allowPainting(outline[0]));
  const made = bench.drawing.commit({ tool: subtracts ? `${tool}_subtract` : tool, number, points: outline.length });
  if (!made) bench.say(t("Nothing changed: what lies inside may not be painted over."));
}

/** @param {Bench} bench @returns {import("./tool.js").Tool} */
export function createLasso(bench) {
  /** @type {Point[]} */
  let points = [];
  /** @type {Point | null} */
  let cursor = null;
  let isDragging = false;
  let subtracts = false;
  let countAtDown = 0;

  /** @param {Point} a @param {Point} b window pixels between two points */
  const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) * bench.scale();

  function close() {
    const outline = points;
    points = [];
    isDragging = false;
    fillOutline(bench, outline, { subtracts, tool: "lasso" });
  }

  return {
    id: "lasso",
    label: t("Lasso and polygon"),
    hint: t("Drag: freehand. Click: corners, Enter or double-click closes, Backspace takes one back. Alt: subtract"),
    keys: ["l"],
    icon: "M12 4c5 0 9 2.4 9 5.5S17 15 12 15c-1.6 0-3-.2-4.3-.6M12 4C7 4 3 6.4 3 9.5c0 2 1.7 3.8 4.2 4.8M7.7 14.4a2 2 0 1 1-2.2 2.5M5.5 16.9c.8 1.5.8 3-.5 4.1",
    cursor: "crosshair",
    edits: true,
    paints: true,
    erases: true,
    settings: [outlineMode()],
    down(point, event) {
      if (points.length === 0) subtracts = isSubtracting(bench, event);
      if (points.length > 2 && distance(points[0], point) < CLOSING_DISTANCE) {
        close();
        return;
      }
      points.push(point);
      isDragging = true;
      countAtDown = points.length;
    },
    move(point) {
      cursor = point;
      const last = points.at(-1);
      if (isDragging && last && distance(last, point) > SPACING) points.push(point);
    },
    up() {
      if (!isDragging) return;
      isDragging = false;
      if (points.length - countAtDown > FREEHAND_POINTS) close();
    },
    doubleClick: close,
    finish: close,
    isBusy: () => points.length > 0,
    cancel() {
      points = [];
      isDragging = false;
    },
    stepBack: () => points.pop(),
    draw(pen, { toDevice }) {
      if (points.length === 0) return;
      const outline = cursor && !isDragging ? [...points, cursor] : points;
      drawPath(pen, outline.map(toDevice), { closed: true, isLoss: subtracts });
      drawDot(pen, toDevice(points[0]));
    },
  };
}
