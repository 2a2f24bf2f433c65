/** What the pixel worker can do: each job reads its copy of the label map, and answers without having changed it. */
import { flood } from "../../segmentation/flood.js";
import { fragmentsOf, giveSpecksAway, keepLargest, separateFragments } from "../../segmentation/fragments.js";
import { gapsOf, giveGaps } from "../../segmentation/gaps.js";
import { spansOfGrid } from "../../segmentation/grid.js";
import { fillHoles } from "../../segmentation/holes.js";
import { majority, refineEntity } from "../../segmentation/refine.js";
import { paintSpans } from "../../segmentation/spans.js";
import { packTile, sameTile, unpackTile, MASK, SHIFT, TILE, TILE_PIXELS } from "../../segmentation/tiles.js";
import { tryEdit } from "../../segmentation/try_edit.js";
import { sampleWindow } from "../../segmentation/window.js";
import { edgeCost, edgeNear, waysTo } from "./livewire.js";
import { previewOf } from "./preview.js";
import { snapBorders } from "./snap.js";
import { placesOf, superpixels } from "./superpixels.js";
import { closeSmallHoles, wand } from "./wand.js";

/** @typedef {import("../../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {import("../../segmentation/label_map.js").TileChange} TileChange */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/** @typedef {import("./wand.js").Picture} Picture */
/** @typedef {{map: LabelMap, picture: Picture | null}} Material picture: the crop a job asked for, [grid.height × grid.width] */

/** Parts of an entity that are listed one by one. */
const PARTS_LISTED = 100;
/** Holes up to this share of a selection are oversights of the wand. */
const SMALL_HOLE = 0.002;

/** @param {Material} material @returns {Picture} */
function pictureOf({ picture }) {
  if (!picture) throw new Error("This needs the picture.");
  return picture;
}

/** @param {ArrayLike<number>} locked @returns {(number: number) => boolean} */
function notIn(locked) {
  const set = new Set(Array.from(locked));
  return (number) => !set.has(number);
}

/** @param {LabelMap} map @param {TileChange[]} changes @param {number} number */
const answerOf = (map, changes, number) => ({ changes, preview: previewOf(map, changes, number) });

/** Jobs by name. @type {Record<string, (material: Material, payload: any) => any>} */
export const JOBS = {
  /** @param {Material} material @param {{locked: number[]}} payload */
  gaps: ({ map }, { locked }) => gapsOf(map, notIn(locked)),

  /** @param {Material} material @param {{rule: import("../../segmentation/gaps.js").GapRule, maxArea: number, at: [number, number] | null, locked: number[]}} payload */
  giveGaps({ map }, { rule, maxArea, at, locked }) {
    const { changes, ...told } = giveGaps(map, { rule, maxArea, at, mayReceive: notIn(locked) });
    return { ...answerOf(map, changes, 0), ...told };
  },

  /** Entities of more than one part. @param {Material} material @param {{numbers: number[]}} payload */
  fragments: ({ map }, { numbers }) =>
    numbers
      .map((number) => ({ number, parts: fragmentsOf(map, number).map(({ area, box }) => ({ area, box })) }))
      .filter(({ parts }) => parts.length > 1)
      .map(({ number, parts }) => ({ number, count: parts.length, areas: Float64Array.from(parts, ({ area }) => area), parts: parts.slice(0, PARTS_LISTED) })),

  /** @param {Material} material @param {{numbers: number[], maxArea: number, locked: number[]}} payload */
  specks({ map }, { numbers, maxArea, locked }) {
    const { changes, given } = giveSpecksAway(map, numbers, { maxArea, mayReceive: notIn(locked) });
    return { changes, given };
  },

  /** @param {Material} material @param {{numbers: number[], toNeighbours: boolean, locked: number[]}} payload */
  keepLargest: ({ map }, { numbers, toNeighbours, locked }) => ({ changes: keepLargest(map, numbers, { toNeighbours, mayReceive: notIn(locked) }) }),

  /** @param {Material} material @param {{number: number, newNumbers: number[]}} payload */
  separate: ({ map }, { number, newNumbers }) => ({ changes: separateFragments(map, number, newNumbers) }),

  /** @param {Material} material @param {{number: number} & import("../../segmentation/refine.js").Refining} payload */
  refine: ({ map }, { number, ...refining }) => answerOf(map, refineEntity(map, number, refining), number),

  /** @param {Material} material @param {{number: number, allow: Uint8Array}} payload */
  holes: ({ map }, { number, allow }) => answerOf(map, fillHoles(map, number, allow), number),

  /** @param {Material} material @param {{x: number, y: number, number: number, maxPixels: number}} payload */
  flood({ map }, { x, y, number, maxPixels }) {
    const { changes, result } = tryEdit(map, () => {
      const pixels = flood(map, x, y, number, { maxPixels });
      if (pixels >= 0) return pixels;
      map.cancel();
      map.begin();
      return -1;
    });
    return { changes, pixels: result };
  },

  /** Paint a mask of samples. @param {Material} material @param {{mask: Uint8Array, grid: Grid, number: number, allow: Uint8Array}} payload */
  paint: ({ map }, { mask, grid, number, allow }) => ({
    changes: tryEdit(map, () => paintSpans(map, spansOfGrid(mask, grid, map), number, allow)).changes,
  }),

  /**
   * @param {Material} material
   * @param {{grid: Grid, x: number, y: number, tolerance: number, allow: Uint8Array, isClean: boolean, base: Uint8Array | null, mode: "add" | "subtract"}} payload
   *   x, y: sample touched; base: what is selected already
   */
  wand(material, { grid, x, y, tolerance, allow, isClean, base, mode }) {
    const { width, height } = grid;
    const may = Uint8Array.from(sampleWindow(material.map, grid), (label) => allow[label]);
    let mask = wand(pictureOf(material), x, y, tolerance, may);
    if (isClean) mask = cleaned(mask, width, height, may);
    if (base) mask = base.map(mode === "add" ? (was, i) => was | mask[i] : (was, i) => was & ~mask[i]);
    return { mask, samples: mask.reduce((sum, value) => sum + value, 0) };
  },

  /** @param {Material} material @param {{grid: Grid, x: number, y: number, snap: number}} payload x, y: the sample all ways lead to, or one up to `snap` samples away on an edge */
  livewire(material, { grid: { width, height }, x, y, snap }) {
    const cost = edgeCost(pictureOf(material));
    const [i, j] = edgeNear(cost, width, height, x, y, snap);
    return { ways: waysTo(cost, width, height, i, j).ways, x: i, y: j };
  },

  /** @param {Material} material @param {{size: number, compactness: number}} payload */
  superpixels(material, { size, compactness }) {
    const found = superpixels(pictureOf(material), size, compactness);
    return { ...found, ...placesOf(found) };
  },

  /** Borders move to edges of the picture, within the crop. @param {Material} material @param {{grid: Grid, number: number, radius: number, movable: Uint8Array}} payload */
  snap(material, { grid, number, radius, movable }) {
    const labels = sampleWindow(material.map, grid);
    snapBorders(labels, edgeCost(pictureOf(material)), grid.width, grid.height, { number, radius, movable });
    return answerOf(material.map, changesTo(material.map, labels, grid), number);
  },
};

/** Without small holes and ragged edges; what is too thin to be smoothed stays as it is. @param {Uint8Array} mask @param {number} width @param {number} height @param {Uint8Array} may */
function cleaned(mask, width, height, may) {
  const samples = mask.reduce((sum, value) => sum + value, 0);
  const closed = closeSmallHoles(mask, width, height, may, Math.max(16, samples * SMALL_HOLE));
  const smooth = majority(closed, width, height, 1).map((value, i) => value & may[i]);
  return smooth.includes(1) ? smooth : closed;
}

/**
 * The changes that put a window of labels, taken pixel by pixel, into the map.
 * @param {LabelMap} map @param {Uint16Array} labels @param {Grid} grid of stride 1 @returns {TileChange[]}
 */
export function changesTo(map, labels, { x, y, width, height }) {
  /** @type {TileChange[]} */
  const changes = [];
  for (let ty = y >> SHIFT; ty <= (y + height - 1) >> SHIFT; ty++) {
    for (let tx = x >> SHIFT; tx <= (x + width - 1) >> SHIFT; tx++) {
      const t = ty * map.nx + tx;
      const pixels = unpackTile(map.tiles[t], new Uint16Array(TILE_PIXELS));
      const from = Math.max(x, tx << SHIFT);
      const to = Math.min(x + width, (tx << SHIFT) + TILE);
      for (let Y = Math.max(y, ty << SHIFT); Y < Math.min(y + height, (ty << SHIFT) + TILE); Y++) {
        pixels.set(labels.subarray((Y - y) * width + from - x, (Y - y) * width + to - x), ((Y & MASK) << SHIFT) | (from & MASK));
      }
      const after = packTile(pixels, map.validWidth(t), map.validHeight(t));
      if (!sameTile(map.tiles[t], after)) changes.push({ t, before: map.tiles[t], after });
    }
  }
  return changes;
}
