/** The pixel worker: keeps a copy of the label map up to date, loads crops of the picture, does one job at a time. */
import { createLabelMap } from "../../segmentation/label_map.js";
import { cropOf } from "./crop.js";
import { JOBS } from "./jobs.js";
import { linesBetween, pictureOf } from "./preview.js";

/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/**
 * @typedef {object} Message
 * @property {number} id
 * @property {string} job
 * @property {{width: number, height: number}} image
 * @property {{t: number, uni: number, runs: Uint16Array | null}[]} tiles  changed since the last message
 * @property {import("./crop.js").Piece[] | null} pieces  what the crop is made of; null if the job needs none
 * @property {{grid?: Grid, [key: string]: any}} payload
 */

/** Decoded tiles kept, 512 kB each: two rows of tiles of a 15,000 px image, so that a walk along rows decodes each once. */
const HOT_TILES = 72;

/** @type {import("../../segmentation/label_map.js").LabelMap | null} */
let map = null;
/** @type {{key: string, picture: import("./wand.js").Picture} | null} the crop used last */
let crop = null;

/** @param {import("./crop.js").Piece[]} pieces @param {Grid} grid */
async function pictureFor(pieces, grid) {
  const key = Object.values(grid).join();
  if (crop?.key !== key) crop = { key, picture: await cropOf(pieces, grid) };
  return crop.picture;
}

/** @param {Message} message */
async function answer({ job, image, tiles, pieces, payload }) {
  map ??= createLabelMap(image.width, image.height, { hotLimit: HOT_TILES });
  for (const { t, uni, runs } of tiles) map.install(t, { uni, runs });
  map.dirty.clear();
  const picture = pieces && payload.grid ? await pictureFor(pieces, payload.grid) : null;
  const result = JOBS[job]({ map, picture }, payload);
  map.dirty.clear();
  return result;
}

/** What people see of a result, drawn here so that the page only has to show it. @param {any} result @param {Grid | undefined} grid */
async function withBitmap(result, grid) {
  if (result.superpixelOf && grid) {
    return { ...result, preview: { bitmap: await createImageBitmap(linesBetween(result.superpixelOf, grid.width, grid.height)), grid } };
  }
  const shown = result.preview ?? (result.mask && grid ? { kinds: result.mask, grid } : null);
  if (!shown) return result;
  const bitmap = await createImageBitmap(pictureOf(shown.kinds, shown.grid.width, shown.grid.height));
  const { gained = 0, lost = 0 } = shown;
  return { ...result, preview: { bitmap, grid: shown.grid, gained, lost } };
}

addEventListener("message", async ({ data }) => {
  const { id } = data;
  try {
    const result = await withBitmap(await answer(data), data.payload.grid);
    const transfer = [result.mask?.buffer, result.ways?.buffer, result.superpixelOf?.buffer, result.places?.buffer, result.preview?.bitmap].filter(Boolean);
    self.postMessage({ id, result }, { transfer });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
