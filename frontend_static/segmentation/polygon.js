/** Filling a polygon: non-zero winding, so a lasso that crosses itself is still filled. */
import { paintSpans } from "./spans.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./raster.js").Allow} Allow */
/** @typedef {import("./raster.js").Point} Point */

/**
 * @param {LabelMap} map an edit must be open @param {Point[]} points @param {number} number @param {Allow} allow
 * @returns {number} pixels inside the polygon and the image
 */
export function polygon(map, points, number, allow = null) {
  let area = 0;
  /** @type {number[]} */
  const spans = [];
  for (const [y, xa, xb] of spansOf(points, map.height)) {
    const left = Math.max(0, xa);
    const right = Math.min(map.width - 1, xb);
    if (right < left) continue;
    spans.push(y, left, right);
    area += right - left + 1;
  }
  paintSpans(map, spans, number, allow);
  return area;
}

/**
 * The rows of a polygon, top to bottom, as [y, xa, xb].
 * @param {Point[]} points @param {number} height
 * @returns {Generator<[number, number, number]>}
 */
function* spansOf(points, height) {
  if (points.length < 3) return;
  const ys = points.map((point) => point[1]);
  const top = Math.max(0, Math.ceil(ys.reduce((a, b) => Math.min(a, b))));
  const bottom = Math.min(height - 1, Math.floor(ys.reduce((a, b) => Math.max(a, b))));
  if (bottom < top) return;
  const starting = edgesByFirstRow(points, top, bottom);
  /** @type {number[]} */
  let active = [];
  for (let y = top; y <= bottom; y++) {
    active.push(...(starting.get(y) ?? []));
    active = active.filter((i) => Math.max(points[i][1], points[(i + 1) % points.length][1]) > y);
    const crossings = active.map((i) => crossingOf(points[i], points[(i + 1) % points.length], y));
    crossings.sort((a, b) => a[0] - b[0]);
    let winding = 0;
    let from = 0;
    for (const [x, direction] of crossings) {
      if (winding === 0) from = x;
      winding += direction;
      if (winding === 0 && Math.floor(x) >= Math.ceil(from)) yield [y, Math.ceil(from), Math.floor(x)];
    }
  }
}

/** @param {Point[]} points @param {number} top @param {number} bottom @returns {Map<number, number[]>} */
function edgesByFirstRow(points, top, bottom) {
  /** @type {Map<number, number[]>} */
  const starting = new Map();
  points.forEach(([, a], i) => {
    const b = points[(i + 1) % points.length][1];
    const first = Math.max(top, Math.ceil(Math.min(a, b)));
    if (a === b || first > bottom || first >= Math.max(a, b)) return;
    const edges = starting.get(first);
    if (edges) edges.push(i);
    else starting.set(first, [i]);
  });
  return starting;
}

/** @param {Point} a @param {Point} b @param {number} y @returns {[number, number]} x and winding direction */
function crossingOf([ax, ay], [bx, by], y) {
  return [ax + ((y - ay) / (by - ay)) * (bx - ax), by > ay ? 1 : -1];
}
