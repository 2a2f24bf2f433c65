/** Small pictures cut from an image's tiles, with everything that is not meant dimmed. */

/** @typedef {{levels: number, tileSize: number, overlap: number, urlOf: (level: number, x: number, y: number) => string}} TileSource */
/** @typedef {{x: number, y: number, width: number, height: number}} Window  image px */
/** @typedef {ReturnType<typeof createCrops>} Crops */

const CACHED_TILES = 200;

/** Where the tiles of an image of this project lie. @param {string} dziUrl @param {number} width @param {number} height @returns {TileSource} */
export const tileSourceOf = (dziUrl, width, height) => ({
  levels: Math.ceil(Math.log2(Math.max(width, height, 1))),
  tileSize: 512,
  overlap: 1,
  urlOf: (level, x, y) => `${dziUrl.replace(/\.dzi$/, "_files")}/${level}/${x}_${y}.jpg`,
});

export function createCrops() {
  /** @type {Map<string, Promise<HTMLImageElement | null>>} */
  const tiles = new Map();

  /** @param {string} url @returns {Promise<HTMLImageElement | null>} */
  function load(url) {
    let tile = tiles.get(url);
    if (!tile) {
      tile = new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image);
        image.onerror = () => resolve(null);
        image.src = url;
      });
      tiles.set(url, tile);
      const [oldest] = tiles.keys();
      if (tiles.size > CACHED_TILES) tiles.delete(oldest);
    }
    return tile;
  }

  /** @param {CanvasRenderingContext2D} brush in image px @param {TileSource} source @param {Window} window @param {number} scale canvas px per image px */
  async function drawImage(brush, source, { x, y, width, height }, scale) {
    const down = Math.max(0, Math.min(source.levels, Math.floor(Math.log2(1 / scale))));
    const step = 2 ** down;
    const span = source.tileSize * step;
    /** @type {Promise<void>[]} */
    const drawn = [];
    for (let ty = Math.max(0, Math.floor(y / span)); ty <= Math.floor((y + height - 1) / span); ty++) {
      for (let tx = Math.max(0, Math.floor(x / span)); tx <= Math.floor((x + width - 1) / span); tx++) {
        const left = (tx * source.tileSize - (tx > 0 ? source.overlap : 0)) * step;
        const top = (ty * source.tileSize - (ty > 0 ? source.overlap : 0)) * step;
        drawn.push(
          load(source.urlOf(source.levels - down, tx, ty)).then((image) => {
            if (image) brush.drawImage(image, left, top, image.width * step, image.height * step);
          }),
        );
      }
    }
    await Promise.all(drawn);
  }

  return {
    /**
     * Show a window of an image in the middle of a canvas, as large as it fits.
     * @param {HTMLCanvasElement} canvas @param {object} crop
     * @param {TileSource} crop.source @param {Window} crop.window
     * @param {Window} crop.bounds  what there is of the image, so that no tile beyond it is asked for
     * @param {(x: number, y: number) => boolean} crop.isMeant  of an image pixel
     * @param {number} [crop.dimmed]  how bright the rest stays, 0 to 1
     */
    async draw(canvas, { source, window, bounds, isMeant, dimmed = 0.22 }) {
      const { width: W, height: H } = canvas;
      const pen = canvas.getContext("2d");
      if (!pen) return;
      const scale = Math.min(W / window.width, H / window.height);
      const [left, top] = [window.x + (window.width - W / scale) / 2, window.y + (window.height - H / scale) / 2];
      const picture = document.createElement("canvas");
      Object.assign(picture, { width: W, height: H });
      const brush = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d", { willReadFrequently: true }));
      brush.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
      await drawImage(brush, source, within({ x: left, y: top, width: W / scale, height: H / scale }, bounds), scale);
      const pixels = brush.getImageData(0, 0, W, H);
      const { data } = pixels;
      for (let Y = 0, i = 0; Y < H; Y++) {
        const y = Math.round(top + Y / scale);
        const isRow = y >= bounds.y && y < bounds.y + bounds.height;
        for (let X = 0; X < W; X++, i += 4) {
          const x = Math.round(left + X / scale);
          const isInside = isRow && x >= bounds.x && x < bounds.x + bounds.width;
          if (!isInside || !isMeant(x, y)) for (let c = 0; c < 3; c++) data[i + c] *= dimmed;
          data[i + 3] = 255;
        }
      }
      pen.putImageData(pixels, 0, 0);
    },
  };
}

/** @param {Window} window @param {Window} bounds @returns {Window} */
function within({ x, y, width, height }, bounds) {
  const [x0, y0] = [Math.max(x, bounds.x), Math.max(y, bounds.y)];
  const [x1, y1] = [Math.min(x + width, bounds.x + bounds.width), Math.min(y + height, bounds.y + bounds.height)];
  return { x: x0, y: y0, width: Math.max(1, x1 - x0), height: Math.max(1, y1 - y0) };
}
