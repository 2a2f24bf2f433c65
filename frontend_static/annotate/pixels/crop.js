/** A crop of the picture, put together from its deep-zoom tiles; lives in the worker. */

/** @typedef {import("./wand.js").Picture} Picture */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/**
 * One tile of the pyramid and where its pixels lie at its level, the overlap left out.
 * @typedef {{url: string, left: number, top: number, trimX: number, trimY: number, width: number, height: number}} Piece
 */

const KEPT_TILES = 48;
/** @type {Map<string, Promise<Picture>>} the least recently used first */
const tiles = new Map();

/** @param {string} url @returns {Promise<Picture>} */
async function decode(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`A part of the picture could not be loaded (${answer.status}).`);
  const bitmap = await createImageBitmap(await answer.blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** @param {string} url @returns {Promise<Picture>} */
function tileAt(url) {
  const tile = tiles.get(url) ?? decode(url);
  tiles.delete(url);
  tiles.set(url, tile);
  tile.catch(() => tiles.delete(url));
  const [oldest] = tiles.keys();
  if (tiles.size > KEPT_TILES) tiles.delete(oldest);
  return tile;
}

/**
 * @param {Piece[]} pieces @param {Grid} grid
 * @returns {Promise<Picture>} grid.width × grid.height
 */
export async function cropOf(pieces, { x, y, stride, width, height }) {
  const data = new Uint8ClampedArray(4 * width * height);
  const [left, top] = [x / stride, y / stride];
  await Promise.all(
    pieces.map(async (piece) => {
      const tile = await tileAt(piece.url);
      const from = Math.max(left, piece.left);
      const to = Math.min(left + width, piece.left + Math.min(piece.width, tile.width - piece.trimX));
      const bottom = Math.min(top + height, piece.top + Math.min(piece.height, tile.height - piece.trimY));
      if (to <= from) return;
      for (let Y = Math.max(top, piece.top); Y < bottom; Y++) {
        const source = 4 * ((Y - piece.top + piece.trimY) * tile.width + from - piece.left + piece.trimX);
        data.set(tile.data.subarray(source, source + 4 * (to - from)), 4 * ((Y - top) * width + from - left));
      }
    }),
  );
  return { data, width, height };
}
