/**
 * Painting into a label map. Every write goes through `span`, which honours one look-up table:
 * allow[number] = 1 where that number may be painted over. It alone expresses every paint mode.
 */
import { MASK, SHIFT } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {Uint8Array | null} Allow 65536 entries; null = everything */
/** @typedef {[number, number]} Point x, y in image pixels; a pixel's centre has integer coordinates */

/**
 * Paint one row from xa to xb (both inside), clipped to the image.
 * @param {LabelMap} map @param {number} y @param {number} xa @param {number} xb @param {number} number @param {Allow} allow
 */
export function span(map, y, xa, xb, number, allow = null) {
  if (y < 0 || y >= map.height) return;
  const first = Math.max(0, xa);
  const last = Math.min(map.width - 1, xb);
  if (last < first) return;
  const tileRow = (y >> SHIFT) * map.nx;
  const localY = y & MASK;
  const row = localY << SHIFT;
  for (let tx = first >> SHIFT; tx <= last >> SHIFT; tx++) {
    const t = tileRow + tx;
    const a = tx === first >> SHIFT ? first & MASK : 0;
    const b = tx === last >> SHIFT ? last & MASK : MASK;
    const uniform = map.uniformNow(t);
    if (uniform >= 0 && (uniform === number || (allow && !allow[uniform]))) continue;
    const pixels = map.write(t);
    if (!allow) pixels.fill(number, row + a, row + b + 1);
    else for (let i = row + a; i <= row + b; i++) if (allow[pixels[i]]) pixels[i] = number;
    map.touch(t, a, localY, b, localY);
  }
}

/**
 * Paint the disc of a radius swept from one point to another: exactly the pixels at most `radius` from the segment.
 * The shape is convex, so each row is one interval: the hull of two discs and a rectangle.
 * @param {LabelMap} map @param {Point} from @param {Point} to @param {number} radius @param {number} number @param {Allow} allow
 */
export function capsule(map, [x0, y0], [x1, y1], radius, number, allow = null) {
  const corners = rectangleOf(x0, y0, x1, y1, radius);
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - radius));
  const bottom = Math.min(map.height - 1, Math.floor(Math.max(y0, y1) + radius));
  for (let y = top; y <= bottom; y++) {
    let left = Infinity;
    let right = -Infinity;
    const half0 = Math.sqrt(radius * radius - (y - y0) ** 2);
    const half1 = Math.sqrt(radius * radius - (y - y1) ** 2);
    if (half0 >= 0) {
      left = x0 - half0;
      right = x0 + half0;
    }
    if (half1 >= 0) {
      left = Math.min(left, x1 - half1);
      right = Math.max(right, x1 + half1);
    }
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
      const [ax, ay] = corners[j];
      const [bx, by] = corners[i];
      if (ay <= y === by <= y) continue;
      const x = ax + ((y - ay) / (by - ay)) * (bx - ax);
      if (x < left) left = x;
      if (x > right) right = x;
    }
    if (right >= left) span(map, y, Math.ceil(left), Math.floor(right), number, allow);
  }
}

/** Corners of the rectangle between two discs; none if they coincide.
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} radius @returns {Point[]} */
function rectangleOf(x0, y0, x1, y1, radius) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1e-9) return [];
  const nx = (-(y1 - y0) / length) * radius;
  const ny = ((x1 - x0) / length) * radius;
  return [[x0 + nx, y0 + ny], [x1 + nx, y1 + ny], [x1 - nx, y1 - ny], [x0 - nx, y0 - ny]];
}
