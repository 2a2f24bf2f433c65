/** Painting many rows at once: whole tiles flip, and others change through their runs, without being decoded. */
import { MASK, SHIFT, TILE, paintTile, sameTile } from "./tiles.js";
import { span } from "./raster.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./raster.js").Allow} Allow */

/** Fewer in one tile are painted pixel by pixel: a tile with many small gaps is then decoded once, not walked through for each. */
const MANY_SPANS = 64;

/**
 * @param {LabelMap} map an edit must be open
 * @param {ArrayLike<number>} spans triples (y, xa, xb) inside the image, sorted by y, then x; those of one row do not overlap
 * @param {number} number @param {Allow} allow
 */
export function paintSpans(map, spans, number, allow = null) {
  let first = 0;
  for (let i = 0; i < spans.length; i += 3) {
    if (spans[i] >> SHIFT === spans[first] >> SHIFT) continue;
    fillBand(map, spans, first, i, number, allow);
    first = i;
  }
  if (spans.length > 0) fillBand(map, spans, first, spans.length, number, allow);
}

/**
 * Write the spans of one band of tiles; one covered completely becomes uniform, one with many spans is painted through its runs.
 * @param {LabelMap} map @param {ArrayLike<number>} spans @param {number} start @param {number} end of the band in spans
 * @param {number} number @param {Allow} allow
 */
function fillBand(map, spans, start, end, number, allow) {
  const covered = coveredTiles(map, spans, start, end, number, allow);
  for (const tx of coldTiles(map, spans, start, end, covered)) {
    const t = (spans[start] >> SHIFT) * map.nx + tx;
    const state = map.tiles[t];
    const after = paintTile(state, spans, start, end, tx << SHIFT, number, allow);
    if (!sameTile(state, after)) map.replace(t, after, spans[start] & MASK, spans[end - 3] & MASK);
    covered.add(tx);
  }
  for (let i = start; i < end; i += 3) {
    const y = spans[i];
    let from = spans[i + 1];
    const to = spans[i + 2];
    for (let tx = from >> SHIFT; covered.size > 0 && tx <= to >> SHIFT; tx++) {
      if (!covered.has(tx)) continue;
      if (tx << SHIFT > from) span(map, y, from, (tx << SHIFT) - 1, number, allow);
      from = (tx + 1) << SHIFT;
    }
    if (from <= to) span(map, y, from, to, number, allow);
  }
}

/**
 * @param {LabelMap} map @param {ArrayLike<number>} spans @param {number} start @param {number} end @param {number} number
 * @param {Allow} allow
 * @returns {Set<number>} columns of tiles that were made uniform
 */
function coveredTiles(map, spans, start, end, number, allow) {
  const tileRow = spans[start] >> SHIFT;
  const rowsCovered = new Int32Array(map.nx);
  for (let i = start; i < end; i += 3) {
    const first = (spans[i + 1] + MASK) >> SHIFT;
    const last = spans[i + 2] === map.width - 1 ? map.nx - 1 : ((spans[i + 2] + 1) >> SHIFT) - 1;
    for (let tx = first; tx <= last; tx++) rowsCovered[tx]++;
  }
  const covered = new Set();
  for (let tx = 0; tx < map.nx; tx++) {
    const t = tileRow * map.nx + tx;
    // Two spans of one row never overlap, so a full count means every row is covered from side to side.
    if (rowsCovered[tx] !== map.validHeight(t) || !mayFlip(map, t, allow)) continue;
    if (map.uniformNow(t) !== number) map.setUniform(t, number);
    covered.add(tx);
  }
  return covered;
}

/**
 * @param {LabelMap} map @param {ArrayLike<number>} spans @param {number} start @param {number} end
 * @param {Set<number>} covered  columns that are done
 * @returns {number[]} the other columns with many spans, whose tiles are not decoded and lie inside the image
 */
function coldTiles(map, spans, start, end, covered) {
  const under = new Int32Array(map.nx);
  for (let i = start; i < end; i += 3) for (let tx = spans[i + 1] >> SHIFT; tx <= spans[i + 2] >> SHIFT; tx++) under[tx]++;
  const tileRow = (spans[start] >> SHIFT) * map.nx;
  /** @type {number[]} */
  const cold = [];
  for (let tx = 0; tx < map.nx; tx++) {
    const t = tileRow + tx;
    if (under[tx] >= MANY_SPANS && !covered.has(tx) && !map.hot[t] && map.validWidth(t) === TILE && map.validHeight(t) === TILE) cold.push(tx);
  }
  return cold;
}

/** Whether every pixel of a tile may be painted over. @param {LabelMap} map @param {number} t @param {Allow} allow */
function mayFlip(map, t, allow) {
  if (!allow) return true;
  const uniform = map.uniformNow(t);
  if (uniform >= 0) return allow[uniform] === 1;
  return !map.isWritten(t) && [...map.stats[t].keys()].every((number) => allow[number] === 1);
}
