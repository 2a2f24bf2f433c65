/** What a tool is, what it works with, and what several of them draw. */

/** @typedef {import("../../segmentation/raster.js").Point} Point */
/** @typedef {{toDevice: (point: Point) => Point, scale: number, cursor: Point | null}} HudView  scale: device px per image px */
/**
 * @typedef {object} Tool
 * @property {string} id @property {string} label @property {string} hint @property {string[]} keys @property {string} icon
 * @property {string} cursor  CSS cursor over the canvas
 * @property {boolean} [edits]  changes pixels: refused while read-only
 * @property {boolean} [hasSize]  brush size applies; Alt+click picks
 * @property {(point: Point, event: PointerEvent) => void} [down]
 * @property {(point: Point) => void} [move]
 * @property {(event: PointerEvent) => void} [up]
 * @property {() => void} [doubleClick]
 * @property {(point: Point) => void} [click]  of a tool that pans when dragged
 * @property {() => boolean} [isBusy]  in the middle of something that Enter, Esc or Backspace speak to
 * @property {() => void} [cancel] @property {() => void} [finish] @property {() => void} [stepBack]
 * @property {(pen: CanvasRenderingContext2D, view: HudView) => void} [draw]
 */
/**
 * What tools work with.
 * @typedef {object} Bench
 * @property {import("../drawing.js").Drawing} drawing
 * @property {import("../../segmentation/label_map.js").LabelMap} map
 * @property {() => number} brushRadius
 * @property {() => number} scale  window px per image px
 * @property {(start: Point) => number | null} activeNumber  the active entity, a new one if there is none; null if there can be none
 * @property {() => number | null} newNumber
 * @property {(start: Point) => Uint8Array} allowPainting
 * @property {() => Uint8Array} allowErasing
 * @property {(number: number) => boolean} isLocked
 * @property {(number: number) => void} select
 * @property {() => number} selected
 * @property {(sentence: string) => void} say
 */

/** The pixel under a point. @param {Point} point @returns {Point} */
export const pixelAt = ([x, y]) => [Math.round(x), Math.round(y)];

/** @param {import("../../segmentation/label_map.js").LabelMap} map @param {Point} point */
export const numberAt = (map, point) => map.get(...pixelAt(point));

/** Two strokes, dark under light, show on every picture. @param {CanvasRenderingContext2D} pen @param {number} [width] */
export function strokeTwice(pen, width = 1.5) {
  pen.lineJoin = "round";
  pen.lineWidth = width + 2;
  pen.strokeStyle = "rgb(0 0 0 / 0.75)";
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = "#fff";
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {Point[]} points device pixels @param {{closed: boolean}} options */
export function drawPath(pen, points, { closed }) {
  pen.beginPath();
  points.forEach(([X, Y], i) => (i ? pen.lineTo(X, Y) : pen.moveTo(X, Y)));
  if (closed) {
    pen.closePath();
    pen.fillStyle = "rgb(255 255 255 / 0.14)";
    pen.fill();
  }
  strokeTwice(pen);
}

/** @param {CanvasRenderingContext2D} pen @param {Point} centre device pixels @param {number} radius */
export function drawCircle(pen, [X, Y], radius) {
  pen.beginPath();
  pen.arc(X, Y, Math.max(1, radius), 0, 2 * Math.PI);
  strokeTwice(pen, 1.25);
}
