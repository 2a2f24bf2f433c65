/** Borders of the cells that bear a value, as closed rings that cut every corner: what is drawn round a mask. */

/** @typedef {[number, number, number, number]} CellBox i0, j0, i1, j1, both ends inside */

/** Where a border goes on: right, down, left, up. */
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]];

/**
 * @param {ArrayLike<number>} cells [height × width] @param {number} width @param {number} height
 * @param {number} value  of the cells inside
 * @param {CellBox} [box]  look here only; a border that leaves it is closed along its edge
 * @returns {Float32Array[]} each x0, y0, x1, y1 … in cells (cell (i, j) covers i…i+1, j…j+1), through the middles of the
 *   cells' sides, so that a diagonal border has no steps
 */
export function ringsOf(cells, width, height, value, [i0, j0, i1, j1] = [0, 0, width - 1, height - 1]) {
  const across = i1 - i0 + 2;
  const leaving = new Uint8Array(across * (j1 - j0 + 2));
  /** @param {number} i @param {number} j */
  const isInside = (i, j) => i >= i0 && j >= j0 && i <= i1 && j <= j1 && cells[j * width + i] === value;
  for (let j = j0; j <= j1; j++) {
    for (let i = i0; i <= i1; i++) {
      if (cells[j * width + i] !== value) continue;
      const corner = (j - j0) * across + i - i0;
      if (!isInside(i, j - 1)) leaving[corner] |= 1;
      if (!isInside(i + 1, j)) leaving[corner + 1] |= 2;
      if (!isInside(i, j + 1)) leaving[corner + across + 1] |= 4;
      if (!isInside(i - 1, j)) leaving[corner + across] |= 8;
    }
  }
  const rings = [];
  for (let corner = 0; corner < leaving.length; corner++) {
    while (leaving[corner]) rings.push(ringFrom(leaving, corner, across, i0, j0));
  }
  return rings;
}

/** Follow one border, keeping the inside to the right, and take its steps away. @param {Uint8Array} leaving @param {number} start @param {number} across @param {number} i0 @param {number} j0 */
function ringFrom(leaving, start, across, i0, j0) {
  /** @type {number[]} */
  const points = [];
  let corner = start;
  let heading = Math.log2(leaving[corner] & -leaving[corner]);
  /** @type {number[]} headings of the last two steps */
  let [before, last] = [-1, -1];
  do {
    leaving[corner] &= ~(1 << heading);
    const [dx, dy] = STEPS[heading];
    const x = i0 + (corner % across) + dx / 2;
    const y = j0 + Math.floor(corner / across) + dy / 2;
    // On a straight side only its two ends are kept.
    if (heading === last && last === before) points.length -= 2;
    points.push(x, y);
    [before, last] = [last, heading];
    corner += dx + dy * across;
    if (corner === start && !leaving[corner]) break;
    heading = [(heading + 1) % 4, heading, (heading + 3) % 4].find((turn) => leaving[corner] & (1 << turn)) ?? -1;
  } while (heading >= 0 && corner !== start);
  return Float32Array.from(points);
}
