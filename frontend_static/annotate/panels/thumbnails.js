/** A small picture of an entity: its box cut from the image's tiles, everything else dimmed. */
import { idle } from "../../shared/idle.js";
import { createCrops } from "./crops.js";

/** @typedef {import("./crops.js").TileSource & {numberNear: (down: number, x: number, y: number) => number}} TileSource  numberNear: the number near a pixel, seen at stride 2^down */

const SIDE = 88;

/**
 * @param {import("../../segmentation/label_map.js").LabelMap} map @param {TileSource} source
 */
export function createThumbnails(map, source) {
  const crops = createCrops();
  const bounds = { x: 0, y: 0, width: map.width, height: map.height };

  /** How often the picture is halved to be no larger than needed. @param {number} side image px across */
  const downOf = (side) => Math.max(0, Math.min(source.levels, Math.floor(Math.log2(side / SIDE))));

  return {
    /** @param {number} number @param {HTMLCanvasElement} canvas */
    async draw(number, canvas) {
      await idle();
      const box = map.boxOf(number);
      if (!box) return;
      const side = 1.2 * Math.max(box[2] - box[0] + 1, box[3] - box[1] + 1) + 8;
      const window = { x: (box[0] + box[2] - side) / 2, y: (box[1] + box[3] - side) / 2, width: side, height: side };
      const down = downOf(side);
      Object.assign(canvas, { width: SIDE, height: SIDE });
      await crops.draw(canvas, { source, window, bounds, isMeant: (x, y) => source.numberNear(down, x, y) === number });
    },
  };
}
