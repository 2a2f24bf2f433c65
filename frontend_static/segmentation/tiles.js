/** One 512×512 square of a label map: its pixels, its runs, and what can be known from the runs alone. */

export const TILE = 512;
export const SHIFT = 9;
export const MASK = 511;
export const TILE_PIXELS = TILE * TILE;
/** The longest run one (number, length - 1) pair can hold. */
const LONGEST_RUN = 65536;

export const VOID = 0;
/** The largest number an entity may bear; above it only marks of the editor itself. */
export const LAST_NUMBER = 65000;

/**
 * A tile's committed content: one number throughout, or runs. Never changed once made.
 * @typedef {object} TileState
 * @property {number} uni  the number of a uniform tile, or -1
 * @property {Uint16Array | null} runs  (number, length - 1) pairs, row-major over the square; null if uniform
 */

/** Area and box of one number inside one tile: [area, x0, y0, x1, y1], tile coordinates, both ends inside.
 * @typedef {[number, number, number, number, number]} TileStat */

/** Collects runs in the one canonical form: maximal, cut only at 65536 pixels, remainder last. */
export function createRunWriter() {
  const pairs = new Uint16Array(TILE_PIXELS * 2);
  let length = 0;
  let current = -1;
  let pending = 0;
  let uniform = true;

  function flush() {
    for (; pending > 0; pending -= LONGEST_RUN) {
      if (length > 0 && pairs[0] !== current) uniform = false;
      pairs[length++] = current;
      pairs[length++] = Math.min(pending, LONGEST_RUN) - 1;
    }
    pending = 0;
  }

  return {
    /** @param {number} number @param {number} count pixels */
    put(number, count) {
      if (number !== current) {
        flush();
        current = number;
      }
      pending += count;
    },
    /** @returns {TileState} and starts afresh */
    finish() {
      flush();
      /** @type {TileState} */
      const state = uniform
        ? { uni: /** @type {number} */ (pairs[0]), runs: null }
        : { uni: -1, runs: pairs.slice(0, length) };
      length = 0;
      current = -1;
      uniform = true;
      return state;
    },
  };
}

const writer = createRunWriter();

/**
 * Make the part of an edge tile outside the image repeat its last valid column, then its last valid row.
 * @param {Uint16Array} pixels changed in place
 * @param {number} width valid columns @param {number} height valid rows
 */
export function padTile(pixels, width, height) {
  if (width < TILE) {
    for (let y = 0; y < height; y++) {
      const row = y << SHIFT;
      pixels.fill(pixels[row + width - 1], row + width, row + TILE);
    }
  }
  for (let y = height; y < TILE; y++) pixels.copyWithin(y << SHIFT, (height - 1) << SHIFT, height << SHIFT);
}

/**
 * @param {Uint16Array} pixels 512×512; the padding is normalised in place
 * @param {number} [width] valid columns @param {number} [height] valid rows
 * @returns {TileState}
 */
export function packTile(pixels, width = TILE, height = TILE) {
  padTile(pixels, width, height);
  let start = 0;
  while (start < TILE_PIXELS) {
    const number = pixels[start];
    let end = start + 1;
    while (end < TILE_PIXELS && pixels[end] === number) end++;
    writer.put(number, end - start);
    start = end;
  }
  return writer.finish();
}

/**
 * @param {TileState} state @param {Uint16Array} out 512×512
 * @returns {Uint16Array} out
 */
export function unpackTile({ uni, runs }, out) {
  if (!runs) return out.fill(uni);
  let position = 0;
  for (let k = 0; k < runs.length; k += 2) {
    const end = position + runs[k + 1] + 1;
    out.fill(runs[k], position, end);
    position = end;
  }
  return out;
}

/** The number at one place, without decoding the tile. @param {TileState} state @param {number} place row-major */
export function numberOfTile({ uni, runs }, place) {
  if (!runs) return uni;
  let k = 0;
  for (let last = runs[1]; last < place; last += runs[k + 1] + 1) k += 2;
  return runs[k];
}

/** @param {TileState} a @param {TileState} b */
export function sameTile(a, b) {
  if (a.uni !== b.uni) return false;
  if (a.runs === b.runs || a.uni >= 0) return true;
  if (!a.runs || !b.runs || a.runs.length !== b.runs.length) return false;
  for (let i = 0; i < a.runs.length; i++) if (a.runs[i] !== b.runs[i]) return false;
  return true;
}

/** The first and the last row in which two tiles differ; [TILE, -1] if they do not. @param {TileState} a @param {TileState} b @returns {[number, number]} */
export function differingRows(a, b) {
  if (!a.runs || !b.runs) return sameTile(a, b) ? [TILE, -1] : [0, MASK];
  const [p, q] = [a.runs, b.runs];
  let head = 0;
  let before = 0;
  while (head < p.length && p[head] === q[head] && p[head + 1] === q[head + 1]) {
    before += p[head + 1] + 1;
    head += 2;
  }
  if (head === p.length && p.length === q.length) return [TILE, -1];
  let tail = 2;
  let after = 0;
  while (p.length - tail >= head && q.length - tail >= head && p[p.length - tail] === q[q.length - tail] && p[p.length - tail + 1] === q[q.length - tail + 1]) {
    after += p[p.length - tail + 1] + 1;
    tail += 2;
  }
  return [before >> SHIFT, (TILE_PIXELS - after - 1) >> SHIFT];
}

/**
 * Give every pixel that bears a number in `from` the number `to`, through the runs only.
 * @param {TileState} state @param {Set<number>} from @param {number} to
 * @returns {TileState}
 */
export function relabelTile({ uni, runs }, from, to) {
  if (!runs) return { uni: from.has(uni) ? to : uni, runs: null };
  for (let k = 0; k < runs.length; k += 2) writer.put(from.has(runs[k]) ? to : runs[k], runs[k + 1] + 1);
  return writer.finish();
}

/**
 * Why these runs are not the canonical form of a tile, or null if they are.
 * @param {Uint16Array} runs
 * @param {{known?: Set<number>, width?: number, height?: number}} [tile] the map's numbers, valid columns and rows
 */
export function faultOfRuns(runs, { known, width = TILE, height = TILE } = {}) {
  if (runs.length === 0 || runs.length % 2) return "runs come in pairs";
  let total = 0;
  for (let k = 0; k < runs.length; k += 2) {
    const continues = k > 0 && runs[k] === runs[k - 2];
    if (continues && runs[k - 1] !== LONGEST_RUN - 1) return "neighbouring runs bear the same number";
    if (known && runs[k] !== VOID && !known.has(runs[k])) return `number ${runs[k]} is no entity of this map`;
    total += runs[k + 1] + 1;
  }
  if (total !== TILE_PIXELS) return `runs cover ${total} pixels, not ${TILE_PIXELS}`;
  return isPadded({ uni: -1, runs }, width, height) ? null : "the padding does not repeat the edge";
}

/** @param {TileState} state @param {number} width @param {number} height */
function isPadded(state, width, height) {
  if (width === TILE && height === TILE) return true;
  const pixels = unpackTile(state, new Uint16Array(TILE_PIXELS));
  const padded = pixels.slice();
  padTile(padded, width, height);
  return pixels.every((number, place) => number === padded[place]);
}

/**
 * Area and box of every number in a tile, padding left out.
 * @param {TileState} state @param {number} [width] valid columns @param {number} [height] valid rows
 * @returns {Map<number, TileStat>}
 */
export function statsOfTile({ uni, runs }, width = TILE, height = TILE) {
  /** @type {Map<number, TileStat>} */
  const stats = new Map();
  if (!runs) return stats.set(uni, [width * height, 0, 0, width - 1, height - 1]);
  /** @type {TileStat[]} */
  const found = [];
  let position = 0;
  for (let k = 0; k < runs.length; k += 2) {
    const number = runs[k];
    const last = position + runs[k + 1];
    let stat = found[placeOf[number] - 1];
    if (!stat) {
      stat = [0, TILE, TILE, -1, -1];
      placeOf[number] = found.push(stat);
      stats.set(number, stat);
    }
    const y = position >> SHIFT;
    const x0 = position & MASK;
    const x1 = last & MASK;
    // Nearly every run lies in one row, inside the image.
    if (y === last >> SHIFT && x1 < width && y < height) {
      stat[0] += x1 - x0 + 1;
      if (x0 < stat[1]) stat[1] = x0;
      if (y < stat[2]) stat[2] = y;
      if (x1 > stat[3]) stat[3] = x1;
      if (y > stat[4]) stat[4] = y;
    } else addRun(stat, position, last, width, height);
    position = last + 1;
  }
  for (const [number, [area]] of stats) {
    placeOf[number] = 0;
    if (area === 0) stats.delete(number);
  }
  return stats;
}

/** Where in the list of one pass a number's values are, counted from 1; all 0 between passes. */
const placeOf = new Uint32Array(65536);

/**
 * Add the pixels first..last of a run, cut into rectangles of whole rows and parts of rows.
 * @param {TileStat} stat @param {number} first @param {number} last @param {number} width @param {number} height
 */
function addRun(stat, first, last, width, height) {
  while (first <= last) {
    const y0 = first >> SHIFT;
    const x0 = first & MASK;
    const wholeRows = x0 === 0 && last - first >= MASK;
    const rows = wholeRows ? (last - first + 1) >> SHIFT : 1;
    const x1 = wholeRows ? MASK : Math.min(MASK, x0 + last - first);
    first += wholeRows ? rows << SHIFT : x1 - x0 + 1;
    if (y0 >= height || x0 >= width) continue;
    const right = Math.min(x1, width - 1);
    const bottom = Math.min(height, y0 + rows) - 1;
    stat[0] += (right - x0 + 1) * (bottom - y0 + 1);
    if (x0 < stat[1]) stat[1] = x0;
    if (y0 < stat[2]) stat[2] = y0;
    if (right > stat[3]) stat[3] = right;
    if (bottom > stat[4]) stat[4] = bottom;
  }
}

/**
 * The runs that a tile's digest is taken over: a uniform tile's are written out.
 * @param {TileState} state
 */
export function canonicalRuns({ uni, runs }) {
  return runs ?? Uint16Array.from([uni, 65535, uni, 65535, uni, 65535, uni, 65535]);
}
