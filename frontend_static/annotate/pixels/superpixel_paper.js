/** The superpixels of a crop, and which of them a sweep has chosen. */

/** @typedef {import("../../segmentation/grid.js").Grid} Grid */

/** Little-endian RGBA. */
const CHOSEN = 0x8c4fe07a;

/**
 * @param {{superpixelOf: Int32Array, starts: Int32Array, places: Int32Array, preview: {bitmap: ImageBitmap}}} found superpixelOf: number of each sample's
 *   superpixel; places[starts[p] … starts[p + 1]]: the samples of superpixel p @param {Grid} grid
 */
export function createSuperpixelPaper({ superpixelOf, starts, places, preview }, grid) {
  const { width, height } = grid;
  const chosen = new OffscreenCanvas(width, height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (chosen.getContext("2d", { willReadFrequently: true }));
  const isChosen = new Uint8Array(starts.length - 1);

  /** @param {number} superpixel */
  function choose(superpixel) {
    if (isChosen[superpixel]) return;
    isChosen[superpixel] = 1;
    const own = places.subarray(starts[superpixel], starts[superpixel + 1]);
    let [x0, y0, x1, y1] = [width, height, 0, 0];
    for (const place of own) {
      const x = place % width;
      const y = Math.floor(place / width);
      [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
    }
    const image = pen.getImageData(x0, y0, x1 - x0 + 1, y1 - y0 + 1);
    const pixels = new Uint32Array(image.data.buffer);
    for (const place of own) pixels[(Math.floor(place / width) - y0) * image.width + (place % width) - x0] = CHOSEN;
    pen.putImageData(image, x0, y0);
  }

  return {
    grid,
    chosen,
    borders: preview.bitmap,
    /** Choose every superpixel within a radius of a sample. @param {number} x @param {number} y @param {number} radius samples */
    chooseAround(x, y, radius) {
      const reach = Math.ceil(radius);
      for (let j = Math.max(0, y - reach); j <= Math.min(height - 1, y + reach); j++) {
        for (let i = Math.max(0, x - reach); i <= Math.min(width - 1, x + reach); i++) {
          if ((i - x) ** 2 + (j - y) ** 2 <= radius * radius) choose(superpixelOf[j * width + i]);
        }
      }
    },
    /** @returns {Uint8Array} [height × width] 1 where a chosen one is */
    mask() {
      const mask = new Uint8Array(superpixelOf.length);
      for (let i = 0; i < mask.length; i++) mask[i] = isChosen[superpixelOf[i]];
      return mask;
    },
    clear() {
      isChosen.fill(0);
      pen.clearRect(0, 0, width, height);
    },
  };
}
