/** From a mask of samples, taken every few pixels, to rows of image pixels with smooth borders. */

/**
 * Sample (i, j) stands for the stride × stride image pixels from (x + i · stride, y + j · stride).
 * @typedef {object} Grid
 * @property {number} x @property {number} y @property {number} stride @property {number} width @property {number} height
 */
/** @typedef {[number, number, number, number]} Cells i0, j0, i1, j1, both ends inside */

/**
 * The samples for which `inside` is 1, as box.
 * @param {Uint8Array} inside [height × width] @param {Grid} grid @returns {Cells | null}
 */
export function cellsOf(inside, { width, height }) {
  let [i0, j0, i1, j1] = [width, height, -1, -1];
  for (let j = 0; j < height; j++) {
    const row = j * width;
    const first = inside.indexOf(1, row);
    if (first < 0) break;
    if (first >= row + width) {
      j = Math.floor(first / width) - 1;
      continue;
    }
    const last = inside.lastIndexOf(1, row + width - 1);
    i0 = Math.min(i0, first - row);
    i1 = Math.max(i1, last - row);
    j0 = Math.min(j0, j);
    j1 = j;
  }
  return j1 < 0 ? null : [i0, j0, i1, j1];
}

/**
 * Rows of image pixels of a sampled mask; between samples the border is interpolated, so it has no steps.
 * @param {Uint8Array} inside [height × width] 0 or 1 @param {Grid} grid
 * @param {{width: number, height: number}} image
 * @returns {number[]} triples (y, xa, xb), sorted, clipped to the image
 */
export function spansOfGrid(inside, grid, image) {
  const cells = cellsOf(inside, grid);
  /** @type {number[]} */
  const spans = [];
  if (!cells) return spans;
  const { y, stride, width, height } = grid;
  const [i0, j0, i1, j1] = cells;
  const values = new Float64Array(width + 2);
  const last = Math.min(image.height, y + (j1 + 1.5) * stride);
  for (let Y = Math.max(0, Math.floor(y + (j0 - 0.5) * stride)); Y < last; Y++) {
    if (Y < y || Y >= y + height * stride) continue;
    const v = (Y - y + 0.5) / stride - 0.5;
    const above = Math.max(0, Math.floor(v));
    const below = Math.min(height - 1, Math.floor(v) + 1);
    const share = v - Math.floor(v);
    for (let i = Math.max(0, i0 - 1); i <= Math.min(width - 1, i1 + 1); i++) {
      values[i] = (1 - share) * inside[above * width + i] + share * inside[below * width + i];
    }
    putRow(values, Math.max(0, i0 - 1), Math.min(width - 1, i1 + 1), Y, grid, image.width, spans);
  }
  return spans;
}

/**
 * @param {Float64Array} values one row, interpolated @param {number} from @param {number} to columns, both inside
 * @param {number} Y @param {Grid} grid @param {number} imageWidth @param {number[]} spans added to
 */
function putRow(values, from, to, Y, { x, stride, width }, imageWidth, spans) {
  /** @param {number} i where the border crosses between the samples i and i + 1 */
  const crossing = (i) => Math.ceil(x + (i + 0.5 + (0.5 - values[i]) / (values[i + 1] - values[i])) * stride - 0.5);
  let start = -1;
  for (let i = from; i <= to; i++) {
    const isInside = values[i] > 0.5;
    if (isInside && start < 0) start = i === 0 ? x : crossing(i - 1);
    const ends = isInside && (i === to || values[i + 1] <= 0.5);
    if (!ends) continue;
    const end = i === to ? x + Math.min(width, i + 1) * stride - 1 : crossing(i) - 1;
    const xa = Math.max(0, start);
    const xb = Math.min(imageWidth - 1, end);
    if (xb >= xa) spans.push(Y, xa, xb);
    start = -1;
  }
}
