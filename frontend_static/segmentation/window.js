/** A rectangle of a label map as pixels; beyond the image the edge is repeated. */
import { MASK, SHIFT, TILE } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */

/**
 * @param {LabelMap} map @param {number} x0 @param {number} y0 @param {number} width @param {number} height
 * @returns {Uint16Array} [height × width]
 */
export function readWindow(map, x0, y0, width, height) {
  const out = new Uint16Array(width * height);
  const left = Math.max(0, x0);
  const right = Math.min(map.width, x0 + width);
  for (let tx = left >> SHIFT; tx << SHIFT < right; tx++) {
    const from = Math.max(left, tx << SHIFT);
    const to = Math.min(right, (tx + 1) << SHIFT);
    for (let y = Math.max(0, y0); y < Math.min(map.height, y0 + height); ) {
      const t = (y >> SHIFT) * map.nx + tx;
      const stop = Math.min(map.height, y0 + height, ((y >> SHIFT) + 1) << SHIFT);
      const pixels = map.read(t);
      for (; y < stop; y++) {
        const row = ((y & MASK) << SHIFT) - (tx << SHIFT);
        out.set(pixels.subarray(row + from, row + to), (y - y0) * width + from - x0);
      }
    }
  }
  repeatEdges(out, width, height, { left: left - x0, right: right - x0, top: Math.max(0, -y0), bottom: Math.min(height, map.height - y0) });
  return out;
}

/** @param {Uint16Array} out @param {number} width @param {number} height @param {{left: number, right: number, top: number, bottom: number}} valid right and bottom outside */
function repeatEdges(out, width, height, { left, right, top, bottom }) {
  for (let y = top; y < bottom; y++) {
    const row = y * width;
    out.fill(out[row + left], row, row + left);
    out.fill(out[row + right - 1], row + right, row + width);
  }
  for (let y = 0; y < top; y++) out.copyWithin(y * width, top * width, (top + 1) * width);
  for (let y = bottom; y < height; y++) out.copyWithin(y * width, (bottom - 1) * width, bottom * width);
}

/**
 * Samples of a label map, one in the middle of each stride × stride square; uniform tiles are not decoded.
 * @param {LabelMap} map @param {import("./grid.js").Grid} grid inside the image, x and y multiples of the stride
 * @returns {Uint16Array} [grid.height × grid.width]
 */
export function sampleWindow(map, { x, y, stride, width, height }) {
  const out = new Uint16Array(width * height);
  const half = stride >> 1;
  for (let j = 0; j < height; j++) {
    const Y = Math.min(map.height - 1, y + j * stride + half);
    for (let i = 0; i < width; ) {
      const X = Math.min(map.width - 1, x + i * stride + half);
      const tx = X >> SHIFT;
      const t = (Y >> SHIFT) * map.nx + tx;
      const end = Math.min(width, Math.max(i + 1, Math.ceil((((tx + 1) << SHIFT) - x - half) / stride)));
      const uniform = map.uniformNow(t);
      if (uniform >= 0) out.fill(uniform, j * width + i, j * width + end);
      else {
        const pixels = map.read(t);
        const row = ((Y & MASK) << SHIFT) - tx * TILE;
        for (let k = i; k < end; k++) out[j * width + k] = pixels[row + Math.min(map.width - 1, x + k * stride + half)];
      }
      i = end;
    }
  }
  return out;
}
