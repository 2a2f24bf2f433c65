/** Magic wand: the connected region whose colours are near that of the place touched. */

/**
 * A picture as RGBA bytes.
 * @typedef {{data: Uint8ClampedArray, width: number, height: number}} Picture
 */

/**
 * @param {Picture} picture @param {number} x @param {number} y
 * @returns {[number, number, number]} mean colour of the 3 × 3 pixels around, so that one noisy pixel decides nothing
 */
export function colourAround({ data, width, height }, x, y) {
  const sum = [0, 0, 0];
  let count = 0;
  for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
    for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
      for (let c = 0; c < 3; c++) sum[c] += data[4 * (j * width + i) + c];
      count++;
    }
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

/**
 * @param {Picture} picture @param {number} x @param {number} y where it was touched
 * @param {number} tolerance root mean square over the three channels, 0 to 255; a pixel at exactly this distance belongs to it
 * @param {Uint8Array | null} [may] [height × width] 1 where the region may go
 * @returns {Uint8Array} [height × width] 0 or 1, 4-connected; empty if it may not even begin
 */
export function wand(picture, x, y, tolerance, may = null) {
  const { data, width, height } = picture;
  const [red, green, blue] = colourAround(picture, x, y);
  const limit = 3 * tolerance * tolerance;
  const out = new Uint8Array(width * height);
  const start = y * width + x;
  /** @param {number} i */
  const fits = (i) => {
    if (out[i] || (may && !may[i])) return false;
    const [r, g, b] = [data[4 * i] - red, data[4 * i + 1] - green, data[4 * i + 2] - blue];
    return i === start || r * r + g * g + b * b <= limit;
  };
  let stack = new Int32Array(4096);
  let depth = 0;
  /** @param {number} from @param {number} to seed every run that fits in a neighbouring row */
  const seed = (from, to) => {
    let was = false;
    for (let i = from; i <= to; i++) {
      const is = fits(i);
      if (is && !was) {
        if (depth === stack.length) {
          const grown = new Int32Array(2 * depth);
          grown.set(stack);
          stack = grown;
        }
        stack[depth++] = i;
      }
      was = is;
    }
  };
  if (fits(start)) stack[depth++] = start;
  while (depth > 0) {
    const place = stack[--depth];
    if (out[place]) continue;
    const row = place - (place % width);
    let from = place;
    let to = place;
    while (from > row && fits(from - 1)) from--;
    while (to < row + width - 1 && fits(to + 1)) to++;
    out.fill(1, from, to + 1);
    if (row > 0) seed(from - width, to - width);
    if (row + width < out.length) seed(from + width, to + width);
  }
  return out;
}

/**
 * Take away what the eye does not see: holes and outgrowths of a few pixels.
 * @param {Uint8Array} mask [height × width] @param {number} width @param {number} height
 * @param {Uint8Array | null} may  where it may grow @param {number} largest  holes of at most so many pixels are filled
 * @returns {Uint8Array} changed in place
 */
export function closeSmallHoles(mask, width, height, may, largest) {
  const seen = mask.slice();
  const stack = new Int32Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (seen[start]) continue;
    let depth = 0;
    let end = 0;
    let touchesEdge = false;
    stack[end++] = start;
    seen[start] = 1;
    for (; depth < end; depth++) {
      const place = stack[depth];
      const x = place % width;
      if (x === 0 || x === width - 1 || place < width || place >= mask.length - width) touchesEdge = true;
      for (const next of [x > 0 ? place - 1 : place, x < width - 1 ? place + 1 : place, place - width, place + width]) {
        if (next < 0 || next >= mask.length || seen[next]) continue;
        seen[next] = 1;
        stack[end++] = next;
      }
    }
    if (touchesEdge || end > largest) continue;
    for (let k = 0; k < end; k++) if (!may || may[stack[k]]) mask[stack[k]] = 1;
  }
  return mask;
}
