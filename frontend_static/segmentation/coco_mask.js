/** A mask that travels as a COCO RLE string, as cells; the other direction is `rle.js`. */

/** @typedef {{width: number, height: number, cells: Uint8Array}} Mask  cells [height × width], 0 or 1, row by row */

/**
 * @param {{size: [number, number], counts: string}} rle size is [height, width]; counts run down the columns, zeros first
 * @returns {Mask}
 */
export function maskOf({ size: [height, width], counts }) {
  const cells = new Uint8Array(width * height);
  let position = 0;
  decompressed(counts).forEach((count, i) => {
    if (i % 2 === 1) for (let k = position; k < position + count; k++) cells[(k % height) * width + Math.floor(k / height)] = 1;
    position += count;
  });
  if (position !== cells.length) throw new Error("The counts do not add up to the mask's cells.");
  return { width, height, cells };
}

/** Undo COCO's five bits a character, differences from the third count on. @param {string} text @returns {number[]} */
function decompressed(text) {
  /** @type {number[]} */
  const counts = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let shift = 0;
    for (let more = true; more; shift += 5) {
      const bits = text.charCodeAt(at++) - 48;
      value |= (bits & 31) << shift;
      more = (bits & 32) !== 0;
      if (!more && bits & 16) value |= -1 << (shift + 5);
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

/** The 4-connected part of a mask that holds a cell. @param {Mask} mask @param {number} start index of a cell inside @returns {Mask} */
export function partAt({ width, height, cells }, start) {
  const part = new Uint8Array(cells.length);
  const stack = [start];
  part[start] = 1;
  while (stack.length > 0) {
    const i = /** @type {number} */ (stack.pop());
    const x = i % width;
    for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
      if (next < 0 || next >= cells.length || part[next] || !cells[next]) continue;
      part[next] = 1;
      stack.push(next);
    }
  }
  return { width, height, cells: part };
}

/** @param {Mask} mask */
export const cellCount = ({ cells }) => cells.reduce((sum, cell) => sum + cell, 0);
