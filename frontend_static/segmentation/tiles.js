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

  function flush() {
    for (; pending > 0; pending -= LONGEST_RUN) {
      pairs[length++] = current;
      pairs[length++] = Math.min(pending, LONGEST_RUN) - 1;
    }
    pending = 0;
  }

  /** @param {number} number @param {number} count pixels */
  function put(number, count) {
    if (number !== current) {
      flush();
      current = number;
    }
    pending += count;
  }

  function isUniform() {
    let k = 2;
    while (k < length && pairs[k] === pairs[0]) k += 2;
    return k >= length;
  }

  return {
    put,
    /** The pixels start..end - 1 of a tile, at least one; runs that lie whole between them are copied at once.
     * @param {TileState} state @param {number} start @param {number} end */
    copy({ uni, runs }, start, end) {
      if (!runs) {
        put(uni, end - start);
        return;
      }
      let k = 0;
      let next = runs[1] + 1;
      for (; next <= start; next += runs[k + 1] + 1) k += 2;
      put(runs[k], Math.min(next, end) - start);
      if (next >= end) return;
      // What goes on with the same number may have to be cut elsewhere.
      for (k += 2; runs[k] === current && next + runs[k + 1] + 1 < end; k += 2) {
        put(current, runs[k + 1] + 1);
        next += runs[k + 1] + 1;
      }
      const first = k;
      for (; next + runs[k + 1] + 1 < end; k += 2) next += runs[k + 1] + 1;
      if (k > first) {
        flush();
        pairs.set(runs.subarray(first, k), length);
        length += k - first;
        current = runs[k - 2];
      }
      put(runs[k], end - next);
    },
    /** @returns {TileState} and starts afresh */
    finish() {
      flush();
      /** @type {TileState} */
      const state = isUniform() ? { uni: pairs[0], runs: null } : { uni: -1, runs: pairs.slice(0, length) };
      length = 0;
      current = -1;
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
  padRows(pixels, width, height, 0, MASK);
}

/** padTile for the rows first..last only. @param {Uint16Array} pixels @param {number} width @param {number} height @param {number} first @param {number} last */
function padRows(pixels, width, height, first, last) {
  if (width < TILE) {
    for (let y = first; y <= last && y < height; y++) {
      const row = y << SHIFT;
      pixels.fill(pixels[row + width - 1], row + width, row + TILE);
    }
  }
  for (let y = Math.max(first, height); y <= last; y++) pixels.copyWithin(y << SHIFT, (height - 1) << SHIFT, height << SHIFT);
}

/**
 * @param {Uint16Array} pixels 512×512, a buffer of its own; the padding is normalised in place
 * @param {number} [width] valid columns @param {number} [height] valid rows
 * @returns {TileState}
 */
export function packTile(pixels, width = TILE, height = TILE) {
  padTile(pixels, width, height);
  putPixels(pixels, 0, TILE_PIXELS);
  return writer.finish();
}

/**
 * What packTile makes of pixels that differ from a tile at most in the rows first..last: only those are looked at.
 * @param {TileState} before @param {Uint16Array} pixels 512×512, a buffer of its own; the padding of these rows is normalised in place
 * @param {number} first @param {number} last @param {number} [width] valid columns @param {number} [height] valid rows
 * @returns {TileState}
 */
export function packRows(before, pixels, first, last, width = TILE, height = TILE) {
  // The padding below repeats the last valid row.
  const end = last >= height - 1 ? TILE : last + 1;
  padRows(pixels, width, height, first, end - 1);
  if (first > 0) writer.copy(before, 0, first << SHIFT);
  putPixels(pixels, first << SHIFT, end << SHIFT);
  if (end < TILE) writer.copy(before, end << SHIFT, TILE_PIXELS);
  return writer.finish();
}

/** Write the pixels start..end - 1, both bounds even; two at a time are compared. @param {Uint16Array} pixels @param {number} start @param {number} end */
function putPixels(pixels, start, end) {
  const twos = new Int32Array(pixels.buffer, pixels.byteOffset, TILE_PIXELS / 2);
  while (start < end) {
    const number = pixels[start];
    const two = (number << 16) | number;
    let stop = start + 1;
    if ((stop & 1) === 0 || pixels[stop] === number) {
      let half = (stop + 1) >> 1;
      while (2 * half < end && twos[half] === two) half++;
      stop = 2 * half;
      if (stop < end && pixels[stop] === number) stop++;
    }
    writer.put(number, stop - start);
    start = stop;
  }
}

/**
 * @param {TileState} state @param {Uint16Array} out 512×512
 * @returns {Uint16Array} out
 */
export const unpackTile = (state, out) => unpackRows(state, out, 0, MASK);

/** Filling costs a call: what is shorter is written pixel by pixel. */
const SHORT_RUN = 24;

/**
 * unpackTile for the rows first..last only.
 * @param {TileState} state @param {Uint16Array} out 512×512 @param {number} first @param {number} last
 * @returns {Uint16Array} out
 */
export function unpackRows({ uni, runs }, out, first, last) {
  const stop = (last + 1) << SHIFT;
  let position = first << SHIFT;
  if (!runs) return out.fill(uni, position, stop);
  let k = 0;
  let end = runs[1] + 1;
  for (; end <= position; end += runs[k + 1] + 1) k += 2;
  for (;;) {
    const number = runs[k];
    if (end > stop) end = stop;
    if (end - position > SHORT_RUN) out.fill(number, position, end);
    else for (let i = position; i < end; i++) out[i] = number;
    if (end === stop) return out;
    position = end;
    k += 2;
    end += runs[k + 1] + 1;
  }
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
 * Give the parts of spans that lie in a tile another number, through the runs only.
 * @param {TileState} state of a tile that lies inside the image
 * @param {ArrayLike<number>} spans triples (y, xa, xb) of image pixels, sorted by y, then x; those of one row do not overlap
 * @param {number} start @param {number} end  in spans: the rows of this tile @param {number} left  of the tile, image pixels
 * @param {number} number @param {Uint8Array | null} allow  allow[number] = 1 where that number may be painted over
 * @returns {TileState}
 */
export function paintTile({ uni, runs }, spans, start, end, left, number, allow) {
  let k = 0;
  let next = runs ? runs[1] + 1 : TILE_PIXELS;
  let position = 0;
  /** @param {number} stop @param {boolean} isPainted */
  const putUntil = (stop, isPainted) => {
    while (position < stop) {
      if (position === next && runs) next += runs[(k += 2) + 1] + 1;
      const old = runs ? runs[k] : uni;
      const until = next < stop ? next : stop;
      writer.put(isPainted && (!allow || allow[old] === 1) ? number : old, until - position);
      position = until;
    }
  };
  for (let i = start; i < end; i += 3) {
    const from = Math.max(spans[i + 1], left) - left;
    const to = Math.min(spans[i + 2], left + MASK) - left;
    if (to < from) continue;
    const row = (spans[i] & MASK) << SHIFT;
    putUntil(row | from, false);
    putUntil((row | to) + 1, true);
  }
  putUntil(TILE_PIXELS, false);
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
  const isInside = width === TILE && height === TILE;
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
    const bottom = last >> SHIFT;
    // Whatever goes on into the next row touches the right and the left edge.
    const x0 = y === bottom ? position & MASK : 0;
    const x1 = y === bottom ? last & MASK : MASK;
    if (isInside || (y === bottom && x1 < width && y < height)) {
      stat[0] += last - position + 1;
      if (x0 < stat[1]) stat[1] = x0;
      if (y < stat[2]) stat[2] = y;
      if (x1 > stat[3]) stat[3] = x1;
      if (bottom > stat[4]) stat[4] = bottom;
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
