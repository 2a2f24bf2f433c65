/** Flood fill of a 4-connected region, tile by tile; a uniform tile flips at once without being decoded. */
import { MASK, SHIFT, TILE, TILE_PIXELS } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {"top" | "bottom" | "left" | "right" | "point"} Side */
/** @typedef {(y: number, xa: number, xb: number) => void} OnSpan */

const stack = new Int32Array(TILE_PIXELS + 1024);

/**
 * @param {LabelMap} map an edit must be open @param {number} x @param {number} y @param {number} number the new number
 * @param {{maxPixels?: number, onSpan?: OnSpan}} [options] maxPixels bounds the work; onSpan hears every row filled
 * @returns {number} pixels filled, or -1 if there would be more than maxPixels (the caller then cancels the edit)
 */
export function flood(map, x, y, number, { maxPixels = Infinity, onSpan } = {}) {
  const target = map.get(x, y);
  if (target === number) return 0;
  const { nx, ny } = map;
  /** @type {Map<number, [Side, number, number][]>} seeds per tile: a side and an interval of it, or a point */
  const waiting = new Map();
  /** @param {number} t @param {Side} side @param {number} a @param {number} b */
  const seed = (t, side, a, b) => {
    const seeds = waiting.get(t);
    if (seeds) seeds.push([side, a, b]);
    else waiting.set(t, [[side, a, b]]);
  };
  seed((y >> SHIFT) * nx + (x >> SHIFT), "point", x & MASK, y & MASK);
  const edges = { top: new Uint8Array(TILE), bottom: new Uint8Array(TILE), left: new Uint8Array(TILE), right: new Uint8Array(TILE) };
  let count = 0;
  for (const [t, seeds] of takeFrom(waiting)) {
    for (const edge of Object.values(edges)) edge.fill(0);
    const filled =
      map.uniformNow(t) === target && !map.isWritten(t)
        ? fillWholeTile(map, t, number, edges, onSpan)
        : fillInside(map, t, seeds, target, number, edges, onSpan);
    if (filled === 0) continue;
    count += filled;
    if (count > maxPixels) return -1;
    const tx = t % nx;
    const ty = Math.floor(t / nx);
    if (ty > 0) spill(edges.top, (a, b) => seed(t - nx, "bottom", a, b));
    if (ty < ny - 1) spill(edges.bottom, (a, b) => seed(t + nx, "top", a, b));
    if (tx > 0) spill(edges.left, (a, b) => seed(t - 1, "right", a, b));
    if (tx < nx - 1) spill(edges.right, (a, b) => seed(t + 1, "left", a, b));
  }
  return count;
}

/** @template K, V @param {Map<K, V>} waiting @returns {Generator<[K, V]>} until it is empty, though it grows meanwhile */
function* takeFrom(waiting) {
  while (waiting.size > 0) {
    const [key, value] = /** @type {[K, V]} */ (waiting.entries().next().value);
    waiting.delete(key);
    yield [key, value];
  }
}

/** @param {Uint8Array} edge @param {(a: number, b: number) => void} report every interval of ones */
function spill(edge, report) {
  for (let i = 0; i < TILE; i++) {
    if (!edge[i]) continue;
    let end = i;
    while (end + 1 < TILE && edge[end + 1]) end++;
    report(i, end);
    i = end;
  }
}

/** @typedef {Record<"top" | "bottom" | "left" | "right", Uint8Array>} Edges */

/** @param {LabelMap} map @param {number} t @param {number} number @param {Edges} edges @param {OnSpan} [onSpan] */
function fillWholeTile(map, t, number, edges, onSpan) {
  const width = map.validWidth(t);
  const height = map.validHeight(t);
  map.setUniform(t, number);
  edges.top.fill(1, 0, width);
  edges.bottom.fill(1, 0, width);
  edges.left.fill(1, 0, height);
  edges.right.fill(1, 0, height);
  const left = (t % map.nx) * TILE;
  const top = Math.floor(t / map.nx) * TILE;
  if (onSpan) for (let y = 0; y < height; y++) onSpan(top + y, left, left + width - 1);
  return width * height;
}

/**
 * Scan-line fill within one tile, from the seeds that hit the target.
 * @param {LabelMap} map @param {number} t @param {[Side, number, number][]} seeds @param {number} target
 * @param {number} number @param {Edges} edges @param {OnSpan} [onSpan]
 */
function fillInside(map, t, seeds, target, number, edges, onSpan) {
  if (map.uniformNow(t) >= 0 && map.uniformNow(t) !== target) return 0;
  const width = map.validWidth(t);
  const height = map.validHeight(t);
  const left = (t % map.nx) * TILE;
  const top = Math.floor(t / map.nx) * TILE;
  let pixels = map.read(t);
  let depth = 0;
  let count = 0;
  const box = [TILE, TILE, -1, -1];
  /** @param {number} row offset of a neighbouring row @param {number} xa @param {number} xb */
  const pushRow = (row, xa, xb) => {
    let inside = false;
    for (let x = xa; x <= xb; x++) {
      const hit = pixels[row + x] === target;
      if (hit && !inside) stack[depth++] = row + x;
      inside = hit;
    }
  };
  for (const start of pixelsOfSeeds(seeds, width, height)) {
    if (pixels[start] !== target) continue;
    pixels = map.write(t);
    stack[depth++] = start;
    while (depth > 0) {
      const place = stack[--depth];
      if (pixels[place] !== target) continue;
      const y = place >> SHIFT;
      const row = y << SHIFT;
      let xa = place & MASK;
      let xb = xa;
      while (xa > 0 && pixels[row + xa - 1] === target) xa--;
      while (xb + 1 < width && pixels[row + xb + 1] === target) xb++;
      pixels.fill(number, row + xa, row + xb + 1);
      count += xb - xa + 1;
      onSpan?.(top + y, left + xa, left + xb);
      if (xa < box[0]) box[0] = xa;
      if (xb > box[2]) box[2] = xb;
      if (y < box[1]) box[1] = y;
      if (y > box[3]) box[3] = y;
      if (xa === 0) edges.left[y] = 1;
      if (xb === width - 1) edges.right[y] = 1;
      if (y === 0) edges.top.fill(1, xa, xb + 1);
      else pushRow(row - TILE, xa, xb);
      if (y === height - 1) edges.bottom.fill(1, xa, xb + 1);
      else pushRow(row + TILE, xa, xb);
    }
  }
  if (count > 0) map.touch(t, box[0], box[1], box[2], box[3]);
  return count;
}

/** @param {[Side, number, number][]} seeds @param {number} width @param {number} height @returns {Generator<number>} */
function* pixelsOfSeeds(seeds, width, height) {
  for (const [side, a, b] of seeds) {
    if (side === "point") {
      yield (b << SHIFT) | a;
      continue;
    }
    const limit = side === "top" || side === "bottom" ? width : height;
    for (let i = a; i <= b && i < limit; i++) {
      if (side === "top") yield i;
      else if (side === "bottom") yield ((height - 1) << SHIFT) | i;
      else if (side === "left") yield i << SHIFT;
      else yield (i << SHIFT) | (width - 1);
    }
  }
}
