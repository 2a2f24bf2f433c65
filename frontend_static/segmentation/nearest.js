/** For every pixel of a window the nearest source, exactly (Euclidean). */

/**
 * @param {Uint8Array} sources [height × width] 1 where a source is @param {number} width @param {number} height
 * @returns {{squared: Float64Array, at: Int32Array}} squared distance, and place of the source; Infinity and -1 if there is none
 */
export function nearest(sources, width, height) {
  const rowOf = nearestInColumn(sources, width, height);
  const squared = new Float64Array(width * height);
  const at = new Int32Array(width * height);
  const columns = new Int32Array(width);
  const starts = new Float64Array(width + 1);
  for (let y = 0; y < height; y++) {
    const count = lowerEnvelope(rowOf, y, width, columns, starts);
    const row = y * width;
    for (let x = 0, k = 0; x < width; x++) {
      if (count === 0) {
        squared[row + x] = Infinity;
        at[row + x] = -1;
        continue;
      }
      while (k + 1 < count && starts[k + 1] <= x) k++;
      const source = rowOf[row + columns[k]];
      squared[row + x] = (x - columns[k]) ** 2 + (y - source) ** 2;
      at[row + x] = source * width + columns[k];
    }
  }
  return { squared, at };
}

/** Row of the nearest source in the same column, -1 if there is none. @param {Uint8Array} sources @param {number} width @param {number} height */
function nearestInColumn(sources, width, height) {
  const rowOf = new Int32Array(width * height).fill(-1);
  for (let x = 0; x < width; x++) {
    for (let y = 0, last = -1; y < height; y++) {
      if (sources[y * width + x]) last = y;
      rowOf[y * width + x] = last;
    }
    for (let y = height - 1, next = -1; y >= 0; y--) {
      if (sources[y * width + x]) next = y;
      const i = y * width + x;
      if (next >= 0 && (rowOf[i] < 0 || next - y < y - rowOf[i])) rowOf[i] = next;
    }
  }
  return rowOf;
}

/**
 * The columns whose parabolas are lowest somewhere in a row, from left to right, and where each begins to be.
 * @param {Int32Array} rowOf @param {number} y @param {number} width @param {Int32Array} columns out @param {Float64Array} starts out
 * @returns {number} how many
 */
function lowerEnvelope(rowOf, y, width, columns, starts) {
  let count = 0;
  const row = y * width;
  for (let x = 0; x < width; x++) {
    if (rowOf[row + x] < 0) continue;
    const height = (y - rowOf[row + x]) ** 2;
    let start = -Infinity;
    while (count > 0) {
      const other = columns[count - 1];
      start = (height + x * x - (y - rowOf[row + other]) ** 2 - other * other) / (2 * (x - other));
      if (start > starts[count - 1]) break;
      count--;
      start = -Infinity;
    }
    columns[count] = x;
    starts[count++] = start;
  }
  return count;
}
