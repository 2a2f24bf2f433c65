/** Filling a polygon: non-zero winding, so a lasso that crosses itself is still filled. */
import { MASK, SHIFT } from "./tiles.js";
import { span } from "./raster.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./raster.js").Allow} Allow */
/** @typedef {import("./raster.js").Point} Point */

/**
 * @param {LabelMap} map an edit must be open @param {Point[]} points @param {number} number @param {Allow} allow
 * @returns {number} pixels inside the polygon and the image
 */
export function polygon(map, points, number, allow = null) {
  let area = 0;
  /** @type {number[]} (y, xa, xb) of the band of 512 rows being filled */
  let band = [];
  let bandRow = -1;
  for (const [y, xa, xb] of spansOf(points, map.height)) {
    const left = Math.max(0, xa);
    const right = Math.min(map.width - 1, xb);
    if (right < left) continue;
    if (y >> SHIFT !== bandRow) {
      fillBand(map, bandRow, band, number, allow);
      band = [];
      bandRow = y >> SHIFT;
    }
    band.push(y, left, right);
    area += right - left + 1;
  }
  fillBand(map, bandRow, band, number, allow);
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

/**
 * Write the spans of one band of tiles; a tile covered completely becomes uniform without being decoded.
 * @param {LabelMap} map @param {number} tileRow @param {number[]} spans @param {number} number @param {Allow} allow
 */
function fillBand(map, tileRow, spans, number, allow) {
  if (spans.length === 0) return;
  const covered = coveredTiles(map, tileRow, spans, number, allow);
  for (let i = 0; i < spans.length; i += 3) {
    const y = spans[i];
    let from = spans[i + 1];
    const to = spans[i + 2];
    for (let tx = from >> SHIFT; tx <= to >> SHIFT; tx++) {
      if (!covered.has(tx)) continue;
      if (tx << SHIFT > from) span(map, y, from, (tx << SHIFT) - 1, number, allow);
      from = (tx + 1) << SHIFT;
    }
    if (from <= to) span(map, y, from, to, number, allow);
  }
}

/** @param {LabelMap} map @param {number} tileRow @param {number[]} spans @param {number} number @param {Allow} allow
 * @returns {Set<number>} columns of tiles that were made uniform */
function coveredTiles(map, tileRow, spans, number, allow) {
  const rowsCovered = new Int32Array(map.nx);
  for (let i = 0; i < spans.length; i += 3) {
    const first = (spans[i + 1] + MASK) >> SHIFT;
    const last = spans[i + 2] === map.width - 1 ? map.nx - 1 : ((spans[i + 2] + 1) >> SHIFT) - 1;
    for (let tx = first; tx <= last; tx++) rowsCovered[tx]++;
  }
  const covered = new Set();
  for (let tx = 0; tx < map.nx; tx++) {
    const t = tileRow * map.nx + tx;
    // Two spans of one row never overlap, so a full count means every row is covered from side to side.
    if (rowsCovered[tx] !== map.validHeight(t)) continue;
    const uniform = map.uniformNow(t);
    if (allow && !(uniform >= 0 && allow[uniform])) continue;
    if (uniform !== number) map.setUniform(t, number);
    covered.add(tx);
  }
  return covered;
}
