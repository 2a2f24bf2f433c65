/**
 * Samples of the label map at stride 2^k, 512×512 at a time, made on demand from runs or hot pixels.
 * No pyramid is stored: an edit patches the samples that are in the cache.
 */
import { MASK, SHIFT, TILE, TILE_PIXELS } from "../../segmentation/tiles.js";

/** @typedef {import("../../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {[number, number, number, number]} Rectangle x0, y0, x1, y1, both ends inside */
/**
 * @typedef {object} LevelTile
 * @property {number} key @property {number} k @property {number} tx @property {number} ty
 * @property {number} uni  the number throughout, or -1
 * @property {Uint16Array | null} pixels
 * @property {Rectangle | null} changed  since a renderer last uploaded it
 * @property {number} generation
 * @property {number} usedAt
 */
/** @typedef {ReturnType<typeof createLevels>} Levels */

const CACHED_TILES = 160;
const KEY_BASE = 4096;

/** @param {LabelMap} map */
export function createLevels(map) {
  const deepest = Math.max(0, Math.ceil(Math.log2(Math.max(map.width, map.height) / TILE)));
  /** @type {Map<number, LevelTile>} */
  const cache = new Map();
  let clock = 0;

  /** @param {number} k @param {number} tx @param {number} ty */
  const keyOf = (k, tx, ty) => (k * KEY_BASE + ty) * KEY_BASE + tx;

  /** @param {number} k @param {number} tx @param {number} ty @returns {LevelTile} */
  function get(k, tx, ty) {
    const key = keyOf(k, tx, ty);
    let tile = cache.get(key);
    if (!tile) {
      tile = { key, k, tx, ty, uni: -1, pixels: null, changed: null, generation: 0, usedAt: ++clock };
      build(tile);
      cache.set(key, tile);
      if (cache.size > CACHED_TILES) evict();
    }
    tile.usedAt = ++clock;
    return tile;
  }

  function evict() {
    const byAge = [...cache.values()].sort((a, b) => a.usedAt - b.usedAt);
    for (const { key } of byAge.slice(0, Math.ceil(CACHED_TILES * 0.2))) cache.delete(key);
  }

  /** Tiles of the map below a level tile. @param {LevelTile} tile @returns {Generator<[number, number, number]>} t, column, row */
  function* childrenOf({ k, tx, ty }) {
    for (let y = ty << k; y < Math.min(map.ny, (ty + 1) << k); y++) {
      for (let x = tx << k; x < Math.min(map.nx, (tx + 1) << k); x++) yield [y * map.nx + x, x - (tx << k), y - (ty << k)];
    }
  }

  /** @param {LevelTile} tile */
  function build(tile) {
    tile.generation++;
    tile.changed = null;
    tile.uni = commonNumber(tile);
    if (tile.uni >= 0) {
      tile.pixels = null;
      return;
    }
    tile.pixels = new Uint16Array(TILE_PIXELS);
    for (const [t, column, row] of childrenOf(tile)) sample(tile, t, column, row, [0, 0, MASK, MASK]);
  }

  /** @param {LevelTile} tile @returns {number} the number of every tile below, or -1 */
  function commonNumber(tile) {
    let common = -1;
    for (const [t] of childrenOf(tile)) {
      const number = map.uniformNow(t);
      if (number < 0 || (common >= 0 && number !== common)) return -1;
      common = number;
    }
    return common;
  }

  /**
   * Sample a rectangle of a map tile into a level tile; the centre of each 2^k square is taken.
   * @param {LevelTile} tile @param {number} t @param {number} column @param {number} row of t below the level tile
   * @param {Rectangle} rectangle of t @returns {Rectangle | null} what was written, in the level tile
   */
  function sample(tile, t, column, row, [x0, y0, x1, y1]) {
    const { k } = tile;
    const pixels = tile.pixels;
    const step = 1 << k;
    const half = step >> 1;
    const side = TILE >> k;
    if (side === 0 || !pixels) return null;
    const left = Math.max(0, (x0 - half + step - 1) >> k);
    const top = Math.max(0, (y0 - half + step - 1) >> k);
    const right = Math.min(side - 1, (x1 - half) >> k);
    const bottom = Math.min(side - 1, (y1 - half) >> k);
    if (right < left || bottom < top) return null;
    const atX = column * side;
    const atY = row * side;
    const hot = map.hot[t];
    const { uni, runs } = map.tiles[t];
    let run = 0;
    let lastOfRun = runs ? runs[1] : 0;
    for (let y = top; y <= bottom; y++) {
      let out = ((atY + y) << SHIFT) + atX + left;
      let source = (((y << k) + half) << SHIFT) + half + (left << k);
      if (hot) {
        for (let x = left; x <= right; x++, source += step) pixels[out++] = hot[source];
      } else if (!runs) {
        pixels.fill(uni, out, out + right - left + 1);
      } else {
        for (let x = left; x <= right; ) {
          while (lastOfRun < source) {
            run += 2;
            lastOfRun += runs[run + 1] + 1;
          }
          const count = Math.min(right - x + 1, ((lastOfRun - source) >> k) + 1);
          pixels.fill(runs[run], out, out + count);
          out += count;
          source += count << k;
          x += count;
        }
      }
    }
    return [atX + left, atY + top, atX + right, atY + bottom];
  }

  /** Bring one cached tile up to date with a changed rectangle of a map tile.
   * @param {LevelTile} tile @param {number} t @param {number} tx @param {number} ty @param {Rectangle} rectangle */
  function patch(tile, t, tx, ty, rectangle) {
    const number = map.uniformNow(t);
    if (tile.uni >= 0 && number === tile.uni) return;
    if (!tile.pixels || (tile.k === 0 && number >= 0)) {
      build(tile);
      return;
    }
    const written = sample(tile, t, tx - ((tx >> tile.k) << tile.k), ty - ((ty >> tile.k) << tile.k), rectangle);
    if (!written) return;
    tile.generation++;
    tile.changed = tile.changed ? union(tile.changed, written) : written;
  }

  /** Carry the map's changes into the cache. @returns {Rectangle[]} what changed, in image pixels */
  function flush() {
    /** @type {Rectangle[]} */
    const rectangles = [];
    for (const [t, box] of map.dirty) {
      const tx = t % map.nx;
      const ty = Math.floor(t / map.nx);
      rectangles.push([(tx << SHIFT) + box[0], (ty << SHIFT) + box[1], (tx << SHIFT) + box[2], (ty << SHIFT) + box[3]]);
      for (let k = 0; k <= deepest; k++) {
        const tile = cache.get(keyOf(k, tx >> k, ty >> k));
        if (tile) patch(tile, t, tx, ty, box);
      }
    }
    map.dirty.clear();
    return rectangles;
  }

  /** The number at an image pixel, or near it: as exact as samples at stride 2^k are. @param {number} k @param {number} x @param {number} y */
  function numberNear(k, x, y) {
    const [sx, sy] = [x >> k, y >> k];
    const { pixels, uni } = get(k, sx >> SHIFT, sy >> SHIFT);
    return pixels ? pixels[((sy & MASK) << SHIFT) | (sx & MASK)] : uni;
  }

  return { get, flush, numberNear, deepest };
}

/** @param {Rectangle} a @param {Rectangle} b @returns {Rectangle} */
const union = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
