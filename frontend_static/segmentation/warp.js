/** Dragging borders: within a disc every pixel's number follows the pointer, most in the middle, not at all at the rim. */
import { MASK, SHIFT, TILE_PIXELS, unpackTile } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./raster.js").Point} Point */
/**
 * Where each pixel's number comes from, relative to the pixel. It is kept for a whole gesture, so that many small
 * steps blur nothing.
 * @typedef {{dx: Float32Array, dy: Float32Array, numbers: Uint16Array}} WarpTile numbers: as they were when the gesture began
 */
/** @typedef {{left: number, top: number, width: number, height: number, dx: Float32Array, dy: Float32Array}} Field part of it */

/** Longer steps, in shares of the radius, are divided: so the field gets no folds. */
const LONGEST_STEP = 0.25;

/**
 * Only pixels of `movable` numbers change, and only into movable numbers: what is not movable stays as it is, and no
 * number arises that was not there.
 * @param {LabelMap} map an edit must be open while dragging
 * @param {Uint8Array} movable  65536 entries
 */
export function createWarp(map, movable) {
  /** @type {Map<number, WarpTile>} */
  const tiles = new Map();
  const clampX = (/** @type {number} */ x) => Math.max(0, Math.min(map.width - 1, x));
  const clampY = (/** @type {number} */ y) => Math.max(0, Math.min(map.height - 1, y));

  /** @param {number} t @returns {WarpTile} */
  function tileOf(t) {
    let tile = tiles.get(t);
    if (!tile) {
      const numbers = unpackTile(map.tiles[t], new Uint16Array(TILE_PIXELS));
      tile = { dx: new Float32Array(TILE_PIXELS), dy: new Float32Array(TILE_PIXELS), numbers };
      tiles.set(t, tile);
    }
    return tile;
  }

  /** @param {number} x @param {number} y whole pixels within the image */
  function numberBefore(x, y) {
    const t = (y >> SHIFT) * map.nx + (x >> SHIFT);
    const { uni } = map.tiles[t];
    return uni >= 0 ? uni : tileOf(t).numbers[((y & MASK) << SHIFT) | (x & MASK)];
  }

  /** The field within a rectangle, both ends inside. @param {number} left @param {number} top @param {number} right @param {number} bottom @returns {Field} */
  function fieldIn(left, top, right, bottom) {
    const width = right - left + 1;
    const height = bottom - top + 1;
    const field = { left, top, width, height, dx: new Float32Array(width * height), dy: new Float32Array(width * height) };
    for (let ty = top >> SHIFT; ty <= bottom >> SHIFT; ty++) {
      for (let tx = left >> SHIFT; tx <= right >> SHIFT; tx++) {
        const tile = tiles.get(ty * map.nx + tx);
        if (tile) copyInto(field, tile, tx << SHIFT, ty << SHIFT);
      }
    }
    return field;
  }

  /** @param {Point} centre @param {Point} to @param {number} radius */
  function step([cx, cy], [tx, ty], radius) {
    const [mx, my] = [tx - cx, ty - cy];
    const moved = mx * mx + my * my;
    const reach = Math.ceil(Math.sqrt(moved)) + 1;
    const field = fieldIn(
      clampX(Math.floor(cx - radius) - reach), clampY(Math.floor(cy - radius) - reach),
      clampX(Math.ceil(cx + radius) + reach), clampY(Math.ceil(cy + radius) + reach),
    );
    const top = Math.max(0, Math.ceil(cy - radius));
    const bottom = Math.min(map.height - 1, Math.floor(cy + radius));
    for (let y = top; y <= bottom; y++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (y - cy) ** 2));
      const right = Math.min(map.width - 1, Math.floor(cx + half));
      for (let x = Math.max(0, Math.ceil(cx - half)); x <= right; x++) {
        const inner = radius * radius - (x - cx) ** 2 - (y - cy) ** 2;
        const pull = (inner / (inner + moved)) ** 2;
        const [sx, sy] = [clampX(x - pull * mx), clampY(y - pull * my)];
        place(x, y, sx - x + interpolated(field, field.dx, sx, sy), sy - y + interpolated(field, field.dy, sx, sy));
      }
    }
  }

  /** @param {number} x @param {number} y @param {number} dx @param {number} dy */
  function place(x, y, dx, dy) {
    const t = (y >> SHIFT) * map.nx + (x >> SHIFT);
    const at = ((y & MASK) << SHIFT) | (x & MASK);
    const tile = tileOf(t);
    tile.dx[at] = dx;
    tile.dy[at] = dy;
    const before = tile.numbers[at];
    if (!movable[before]) return;
    const taken = numberBefore(Math.round(clampX(x + dx)), Math.round(clampY(y + dy)));
    const number = movable[taken] ? taken : before;
    if (map.get(x, y) === number) return;
    map.write(t)[at] = number;
    map.touch(t, x & MASK, y & MASK, x & MASK, y & MASK);
  }

  return {
    /** Drag from one point to another. @param {Point} from @param {Point} to @param {number} radius of the disc that follows */
    drag(from, to, radius) {
      const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / (LONGEST_STEP * radius)));
      /** @param {number} k @returns {Point} */
      const at = (k) => [from[0] + ((to[0] - from[0]) * k) / steps, from[1] + ((to[1] - from[1]) * k) / steps];
      for (let k = 0; k < steps; k++) step(at(k), at(k + 1), radius);
    },
  };
}

/** @param {Field} field @param {WarpTile} tile @param {number} tileLeft @param {number} tileTop */
function copyInto(field, tile, tileLeft, tileTop) {
  const from = Math.max(field.left, tileLeft);
  const to = Math.min(field.left + field.width, tileLeft + MASK + 1);
  for (let y = Math.max(field.top, tileTop); y < Math.min(field.top + field.height, tileTop + MASK + 1); y++) {
    const source = ((y - tileTop) << SHIFT) - tileLeft;
    const target = (y - field.top) * field.width + from - field.left;
    field.dx.set(tile.dx.subarray(source + from, source + to), target);
    field.dy.set(tile.dy.subarray(source + from, source + to), target);
  }
}

/** @param {Field} field @param {Float32Array} values one axis of it @param {number} x @param {number} y inside the field */
function interpolated({ left, top, width, height }, values, x, y) {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const u = x - x0;
  const v = y - y0;
  const i = (y0 - top) * width + x0 - left;
  const right = x0 - left + 1 < width ? 1 : 0;
  const below = y0 - top + 1 < height ? width : 0;
  return (1 - v) * ((1 - u) * values[i] + u * values[i + right]) + v * ((1 - u) * values[i + below] + u * values[i + below + right]);
}
