/** Pictures of what a tool would do, made in the worker: samples that would be gained or lost. */
import { eachDifference } from "../../segmentation/tile_difference.js";
import { MASK, SHIFT, TILE } from "../../segmentation/tiles.js";

/** @typedef {import("../../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */

export const GAINED = 1;
export const LOST = 2;
/** Kinds for what several receivers would gain. */
const RECEIVERS = [GAINED, 3, 4, 5];
/** Little-endian RGBA. */
const FILLS = [0, 0x7a4fe07a, 0x8a3a48ff, 0x8af0a030, 0x8a30b8ff, 0x8ae060d0];
const WHITE = 0xffffffff;
const BLACK = 0xff000000;
const FAINT_WHITE = 0x90ffffff;
const FAINT_BLACK = 0x90000000;
const MOST_SAMPLES = 2 ** 20;

/**
 * Fill and a dashed outline on the first samples outside; two colours, and two kinds of dashes, so that it shows on every picture.
 * @param {Uint8Array} kinds [height × width] 0, GAINED, LOST or a receiver's @param {number} width @param {number} height
 * @returns {ImageData}
 */
export function pictureOf(kinds, width, height) {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const kind = kinds[i];
      out[i] = FILLS[kind];
      if (kind === 0) continue;
      const isEdge = x === 0 || x === width - 1 || y === 0 || y === height - 1 || kinds[i - 1] !== kind || kinds[i + 1] !== kind || kinds[i - width] !== kind || kinds[i + width] !== kind;
      if (isEdge) out[i] = (x + y) & 4 ? WHITE : BLACK;
    }
  }
  return image;
}

/**
 * The lines between superpixels, light on the one side and dark on the other.
 * @param {Int32Array} superpixelOf [height × width] @param {number} width @param {number} height @returns {ImageData}
 */
export function linesBetween(superpixelOf, width, height) {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  for (let i = 0; i < superpixelOf.length; i++) {
    const x = i % width;
    const ends = (x < width - 1 && superpixelOf[i + 1] !== superpixelOf[i]) || (i + width < superpixelOf.length && superpixelOf[i + width] !== superpixelOf[i]);
    if (ends) out[i] = (x + Math.floor(i / width)) & 1 ? FAINT_WHITE : FAINT_BLACK;
  }
  return image;
}

/**
 * What changes would do to an entity; with number 0, everything they change counts as gained, in a colour for each receiver.
 * @param {LabelMap} map @param {import("../../segmentation/label_map.js").TileChange[]} changes @param {number} number
 * @returns {{kinds: Uint8Array, grid: Grid, gained: number, lost: number} | null} gained, lost: image pixels; null if nothing changes
 */
export function previewOf(map, changes, number) {
  const box = boxOf(map, changes);
  if (!box) return null;
  let stride = 1;
  while (Math.ceil((box[2] - box[0] + 1) / stride) * Math.ceil((box[3] - box[1] + 1) / stride) > MOST_SAMPLES) stride *= 2;
  const grid = {
    x: Math.floor(box[0] / stride) * stride, y: Math.floor(box[1] / stride) * stride, stride,
    width: Math.floor(box[2] / stride) - Math.floor(box[0] / stride) + 1, height: Math.floor(box[3] / stride) - Math.floor(box[1] / stride) + 1,
  };
  const kinds = new Uint8Array(grid.width * grid.height);
  let [gained, lost] = [0, 0];
  /** @type {Map<number, number>} */
  const kindOf = new Map(number === 0 ? [] : [[number, GAINED]]);
  eachChange(map, changes, (y, xa, xb, old, now) => {
    if (number === 0 && !kindOf.has(now)) kindOf.set(now, RECEIVERS[kindOf.size % RECEIVERS.length]);
    const kind = kindOf.get(now) ?? (old === number ? LOST : 0);
    if (kindOf.has(now)) gained += xb - xa + 1;
    if (kind === LOST) lost += xb - xa + 1;
    const row = Math.floor((y - grid.y) / stride) * grid.width;
    kinds.fill(kind, row + Math.floor((xa - grid.x) / stride), row + Math.floor((xb - grid.x) / stride) + 1);
  });
  return { kinds, grid, gained, lost };
}

/** @param {LabelMap} map @param {import("../../segmentation/label_map.js").TileChange[]} changes */
function boxOf(map, changes) {
  const box = [Infinity, Infinity, -1, -1];
  eachChange(map, changes, (y, xa, xb) => {
    box[0] = Math.min(box[0], xa);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], xb);
    box[3] = Math.max(box[3], y);
  });
  return box[2] < 0 ? null : box;
}

/**
 * Every row of pixels that changes, in image coordinates, the padding left out.
 * @param {LabelMap} map @param {import("../../segmentation/label_map.js").TileChange[]} changes
 * @param {(y: number, xa: number, xb: number, old: number, now: number) => void} visit
 */
export function eachChange(map, changes, visit) {
  for (const { t, before, after } of changes) {
    const left = (t % map.nx) * TILE;
    const top = Math.floor(t / map.nx) * TILE;
    const width = map.validWidth(t);
    const height = map.validHeight(t);
    eachDifference(before, after, (old, now, start, end) => {
      for (let at = start; at < end; ) {
        const y = at >> SHIFT;
        const x = at & MASK;
        const stop = Math.min(end, (y + 1) << SHIFT);
        if (y < height && x < width) visit(top + y, left + x, left + Math.min(width, x + stop - at) - 1, old, now);
        at = stop;
      }
    });
  }
}
