/** A small picture of an entity: its box cut from the image's tiles, everything else dimmed. */

const SIDE = 88;
const CACHED_TILES = 200;

/**
 * @typedef {object} TileSource
 * @property {number} levels @property {number} tileSize @property {number} overlap
 * @property {(level: number, x: number, y: number) => string} urlOf
 * @property {(down: number, x: number, y: number) => number} numberNear  the number near a pixel, seen at stride 2^down
 */

/** Pictures can wait until nothing else is to be done. */
const whenIdle = () =>
  new Promise((/** @type {(value?: unknown) => void} */ go) => ("requestIdleCallback" in window ? requestIdleCallback(go, { timeout: 2000 }) : setTimeout(go, 50)));


/**
 * @param {import("../../segmentation/label_map.js").LabelMap} map @param {TileSource} source
 */
export function createThumbnails(map, source) {
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

  /** @param {number} number @param {HTMLCanvasElement} canvas */
  async function draw(number, canvas) {
    await whenIdle();
    const box = map.boxOf(number);
    const pen = canvas.getContext("2d");
    if (!box || !pen) return;
    const side = 1.2 * Math.max(box[2] - box[0] + 1, box[3] - box[1] + 1) + 8;
    const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const scale = SIDE / side;
    const picture = document.createElement("canvas");
    picture.width = picture.height = SIDE;
    const brush = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d", { willReadFrequently: true }));
    brush.setTransform(scale, 0, 0, scale, SIDE / 2 - middle[0] * scale, SIDE / 2 - middle[1] * scale);
    await drawImage(brush, [middle[0] - side / 2, middle[1] - side / 2, middle[0] + side / 2, middle[1] + side / 2], side);
    const pixels = brush.getImageData(0, 0, SIDE, SIDE);
    dimOthers(pixels.data, number, downOf(side), (X, Y) => [Math.round(middle[0] + (X - SIDE / 2) / scale), Math.round(middle[1] + (Y - SIDE / 2) / scale)]);
    canvas.width = canvas.height = SIDE;
    pen.putImageData(pixels, 0, 0);
  }

  /** How often the picture is halved to be no larger than needed. @param {number} side image px across */
  const downOf = (side) => Math.max(0, Math.min(source.levels, Math.floor(Math.log2(side / SIDE))));

  /** @param {CanvasRenderingContext2D} brush @param {number[]} window x0, y0, x1, y1 @param {number} side */
  async function drawImage(brush, [x0, y0, x1, y1], side) {
    const down = downOf(side);
    const step = 2 ** down;
    const span = source.tileSize * step;
    /** @type {Promise<void>[]} */
    const drawn = [];
    for (let ty = Math.max(0, Math.floor(y0 / span)); ty <= Math.floor(Math.min(map.height - 1, y1) / span); ty++) {
      for (let tx = Math.max(0, Math.floor(x0 / span)); tx <= Math.floor(Math.min(map.width - 1, x1) / span); tx++) {
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

  /** @param {Uint8ClampedArray} data @param {number} number @param {number} down @param {(X: number, Y: number) => number[]} place */
  function dimOthers(data, number, down, place) {
    for (let Y = 0; Y < SIDE; Y++) {
      for (let X = 0; X < SIDE; X++) {
        const [x, y] = place(X, Y);
        const i = 4 * (Y * SIDE + X);
        if (x < 0 || y < 0 || x >= map.width || y >= map.height || source.numberNear(down, x, y) !== number) for (let c = 0; c < 3; c++) data[i + c] *= 0.22;
        data[i + 3] = 255;
      }
    }
  }

  return { draw };
}
