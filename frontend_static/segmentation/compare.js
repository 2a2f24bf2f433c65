/** Two label maps of the same image, compared or combined through their runs; no pixel is decoded. */
import { MASK, SHIFT, TILE, TILE_PIXELS, createRunWriter } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./tiles.js").TileState} TileState */

const writer = createRunWriter();

/**
 * Walk two tiles together.
 * @param {TileState} a @param {TileState} b
 * @param {(numberA: number, numberB: number, start: number, length: number) => void} visit
 */
export function zipTiles(a, b, visit) {
  let i = 0;
  let j = 0;
  let endA = a.runs ? a.runs[1] + 1 : TILE_PIXELS;
  let endB = b.runs ? b.runs[1] + 1 : TILE_PIXELS;
  let position = 0;
  while (position < TILE_PIXELS) {
    const end = Math.min(endA, endB);
    visit(a.runs ? a.runs[i] : a.uni, b.runs ? b.runs[j] : b.uni, position, end - position);
    position = end;
    if (position === TILE_PIXELS) return;
    if (a.runs && endA === position) {
      i += 2;
      endA += a.runs[i + 1] + 1;
    }
    if (b.runs && endB === position) {
      j += 2;
      endB += b.runs[j + 1] + 1;
    }
  }
}

/**
 * How many pixels bear number a in one map and number b in the other.
 * @param {LabelMap} a @param {LabelMap} b of the same size
 * @returns {Map<number, number>} key a * 65536 + b → pixels
 */
export function jointHistogram(a, b) {
  if (a.width !== b.width || a.height !== b.height) throw new Error("The maps differ in size.");
  /** @type {Map<number, number>} */
  const joint = new Map();
  for (let t = 0; t < a.count; t++) {
    const width = a.validWidth(t);
    const height = a.validHeight(t);
    const whole = width === TILE && height === TILE;
    zipTiles(a.tiles[t], b.tiles[t], (numberA, numberB, start, length) => {
      const pixels = whole ? length : validPixels(start, length, width, height);
      const key = numberA * 65536 + numberB;
      if (pixels > 0) joint.set(key, (joint.get(key) ?? 0) + pixels);
    });
  }
  return joint;
}

/** @param {number} start @param {number} length @param {number} width @param {number} height */
function validPixels(start, length, width, height) {
  let pixels = 0;
  for (const end = start + length; start < end; ) {
    const y = start >> SHIFT;
    const x = start & MASK;
    const stop = Math.min(end, (y + 1) << SHIFT);
    if (y < height && x < width) pixels += Math.min(width, x + stop - start) - x;
    start = stop;
  }
  return pixels;
}

/**
 * Copy an entity of another map of the same image, wherever allow[present number] permits.
 * @param {LabelMap} map @param {LabelMap} other @param {number} from @param {number} to @param {Uint8Array | null} allow
 * @returns {import("./label_map.js").TileChange[]} already applied
 */
export function copyEntity(map, other, from, to, allow = null) {
  /** @type {import("./label_map.js").TileChange[]} */
  const changes = [];
  for (const t of other.where.get(from) ?? []) {
    let touched = false;
    zipTiles(map.tiles[t], other.tiles[t], (present, proposed, _start, length) => {
      const taken = proposed === from && present !== to && (!allow || allow[present] === 1);
      touched ||= taken;
      writer.put(taken ? to : present, length);
    });
    const after = writer.finish();
    if (touched) changes.push({ t, before: map.tiles[t], after });
  }
  map.apply(changes, "after");
  return changes;
}
