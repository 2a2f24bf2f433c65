/** Dragging borders: within a disc every pixel's number follows the pointer, most in the middle, not at all at the rim. */
import { MASK, SHIFT, TILE, TILE_PIXELS, unpackTile } from "./tiles.js";

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
    const reach = Math.ceil(Math.hypot(tx - cx, ty - cy)) + 1;
    const field = fieldIn(
      clampX(Math.floor(cx - radius) - reach), clampY(Math.floor(cy - radius) - reach),
      clampX(Math.ceil(cx + radius) + reach), clampY(Math.ceil(cy + radius) + reach),
    );
    const bottom = Math.min(map.height - 1, Math.floor(cy + radius));
    for (let y = Math.max(0, Math.ceil(cy - radius)); y <= bottom; y++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (y - cy) ** 2));
      const right = Math.min(map.width - 1, Math.floor(cx + half));
      for (let x = Math.max(0, Math.ceil(cx - half)); x <= right; ) {
        const end = Math.min(right, x | MASK);
        moveRow(field, y, x, end, [cx, cy], [tx - cx, ty - cy], radius);
        x = end + 1;
      }
    }
  }

  /**
   * Move the pixels of a row, all in one tile. Written out, since it runs for every pixel under the disc in every frame.
   * @param {Field} field as it was before the step @param {number} y @param {number} first @param {number} last
   * @param {Point} centre @param {Point} move @param {number} radius
   */
  function moveRow(field, y, first, last, [cx, cy], [mx, my], radius) {
    const t = (y >> SHIFT) * map.nx + (first >> SHIFT);
    const tile = tileOf(t);
    const { numbers } = tile;
    const left = (first >> SHIFT) << SHIFT;
    const top = (y >> SHIFT) << SHIFT;
    const row = ((y & MASK) << SHIFT) - left;
    const [maxX, maxY] = [map.width - 1, map.height - 1];
    const moved = mx * mx + my * my;
    const rest = radius * radius - (y - cy) * (y - cy);
    let pixels = map.read(t);
    let from = map.width;
    let to = -1;
    for (let x = first; x <= last; x++) {
      const inner = rest - (x - cx) * (x - cx);
      const share = inner / (inner + moved);
      const pull = share * share;
      let sx = x - pull * mx;
      let sy = y - pull * my;
      sx = sx < 0 ? 0 : sx > maxX ? maxX : sx;
      sy = sy < 0 ? 0 : sy > maxY ? maxY : sy;
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      const u = sx - x0;
      const v = sy - y0;
      const i = (y0 - field.top) * field.width + x0 - field.left;
      const r = x0 < maxX ? 1 : 0;
      const b = y0 < maxY ? field.width : 0;
      const { dx: fx, dy: fy } = field;
      const dx = sx - x + (1 - v) * ((1 - u) * fx[i] + u * fx[i + r]) + v * ((1 - u) * fx[i + b] + u * fx[i + b + r]);
      const dy = sy - y + (1 - v) * ((1 - u) * fy[i] + u * fy[i + r]) + v * ((1 - u) * fy[i + b] + u * fy[i + b + r]);
      const at = row + x;
      tile.dx[at] = dx;
      tile.dy[at] = dy;
      const before = numbers[at];
      if (!movable[before]) continue;
      let X = Math.round(x + dx);
      let Y = Math.round(y + dy);
      X = X < 0 ? 0 : X > maxX ? maxX : X;
      Y = Y < 0 ? 0 : Y > maxY ? maxY : Y;
      const isNear = X >= left && X < left + TILE && Y >= top && Y < top + TILE;
      const taken = isNear ? numbers[((Y & MASK) << SHIFT) | (X & MASK)] : numberBefore(X, Y);
      const number = movable[taken] ? taken : before;
      if (pixels[at] === number) continue;
      if (to < 0) pixels = map.write(t);
      pixels[at] = number;
      if (from > x) from = x;
      to = x;
    }
    if (to >= 0) map.touch(t, from & MASK, y & MASK, to & MASK, y & MASK);
  }

  return {
    /** Drag from one point to another. @param {Point} from @param {Point} to @param {number} radius of the disc that follows */
    drag(from, to, radius) {
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      if (length === 0) return;
      const steps = Math.ceil(length / (LONGEST_STEP * radius));
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
