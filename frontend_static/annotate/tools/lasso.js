/** Lasso: drag for freehand, click for the corners of a polygon; both may be mixed in one outline. */
import { polygon } from "../../segmentation/polygon.js";
import { drawPath, strokeTwice } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */

/** A freehand point every so many window pixels. */
const SPACING = 2;
/** More points than this in one drag make it freehand: it closes when the pointer is lifted. */
const FREEHAND_POINTS = 8;
/** Clicking so near the first corner (window pixels) closes the polygon. */
const CLOSING_DISTANCE = 9;

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool} */
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
    if (outline.length < 3) return;
    const number = subtracts ? 0 : bench.activeNumber(outline[0]);
    if (number === null) return;
    bench.drawing.begin();
    polygon(bench.map, outline, number, subtracts ? bench.allowErasing() : bench.allowPainting(outline[0]));
    const tool = subtracts ? "lasso_subtract" : "lasso";
    bench.drawing.commit({ tool, number, points: outline.length });
  }

  return {
    id: "lasso",
    label: "Lasso and polygon",
    hint: "Drag: freehand. Click: corners, Enter or double-click closes, Backspace takes one back. Alt: subtract",
    keys: ["l", "shift+3"],
    icon: "M12 4c5 0 9 2.4 9 5.5S17 15 12 15c-1.6 0-3-.2-4.3-.6M12 4C7 4 3 6.4 3 9.5c0 2 1.7 3.8 4.2 4.8M7.7 14.4a2 2 0 1 1-2.2 2.5M5.5 16.9c.8 1.5.8 3-.5 4.1",
    cursor: "crosshair",
    edits: true,
    down(point, event) {
      if (points.length === 0) subtracts = event.altKey;
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
      drawPath(pen, outline.map(toDevice), { closed: true });
      const [X, Y] = toDevice(points[0]);
      pen.beginPath();
      pen.arc(X, Y, 4, 0, 2 * Math.PI);
      pen.fillStyle = "#fff";
      pen.fill();
      strokeTwice(pen, 1);
    },
  };
}
