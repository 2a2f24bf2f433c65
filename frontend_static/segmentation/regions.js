/** Connected regions of one number and what lies around them, from runs only. */
import { MASK, SHIFT, TILE } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/**
 * 4-connected regions.
 * @typedef {object} Regions
 * @property {number} count
 * @property {Int32Array} regionOf  region of each row segment
 * @property {Float64Array} area  pixels of each region
 * @property {Int32Array} boxes  x0, y0, x1, y1 of each region, both ends inside
 */

/**
 * Rows of a number as triples (y, xa, xb), sorted by y, then x; none crosses the border of a tile.
 * @param {LabelMap} map @param {number} number
 * @returns {Int32Array}
 */
export function segmentsOf(map, number) {
  let out = new Int32Array(3 * 4096);
  let length = 0;
  /** @param {number} y @param {number} xa @param {number} xb */
  const put = (y, xa, xb) => {
    if (length + 3 > out.length) {
      const grown = new Int32Array(out.length * 2);
      grown.set(out);
      out = grown;
    }
    out[length++] = y;
    out[length++] = xa;
    out[length++] = xb;
  };
  const places = [...(map.where.get(number) ?? [])].sort((a, b) => a - b);
  for (const t of places) segmentsInTile(map, t, number, put);
  return sortedByRow(out.subarray(0, length));
}

/** @param {LabelMap} map @param {number} t @param {number} number @param {(y: number, xa: number, xb: number) => void} put */
function segmentsInTile(map, t, number, put) {
  const left = (t % map.nx) * TILE;
  const top = Math.floor(t / map.nx) * TILE;
  const width = map.validWidth(t);
  const height = map.validHeight(t);
  const { runs } = map.tiles[t];
  if (!runs) {
    for (let y = 0; y < height; y++) put(top + y, left, left + width - 1);
    return;
  }
  let position = 0;
  for (let k = 0; k < runs.length; k += 2) {
    const end = position + runs[k + 1] + 1;
    if (runs[k] === number) {
      while (position < end) {
        const y = position >> SHIFT;
        const xa = position & MASK;
        const stop = Math.min(end, (y + 1) << SHIFT);
        if (y < height && xa < width) put(top + y, left + xa, left + Math.min(width, xa + stop - position) - 1);
        position = stop;
      }
    }
    position = end;
  }
}

/** Counting sort by row; keeps the order within a row. @param {Int32Array} segments */
function sortedByRow(segments) {
  if (segments.length === 0) return segments;
  let top = Infinity;
  let bottom = 0;
  for (let i = 0; i < segments.length; i += 3) {
    if (segments[i] < top) top = segments[i];
    if (segments[i] > bottom) bottom = segments[i];
  }
  const next = new Int32Array(bottom - top + 2);
  for (let i = 0; i < segments.length; i += 3) next[segments[i] - top + 1]++;
  for (let i = 1; i < next.length; i++) next[i] += next[i - 1];
  const sorted = new Int32Array(segments.length);
  for (let i = 0; i < segments.length; i += 3) {
    const place = 3 * next[segments[i] - top]++;
    sorted[place] = segments[i];
    sorted[place + 1] = segments[i + 1];
    sorted[place + 2] = segments[i + 2];
  }
  return sorted;
}

/**
 * @param {Int32Array} segments as `segmentsOf` gives them
 * @returns {Regions}
 */
export function regionsOf(segments) {
  const count = segments.length / 3;
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  /** @param {number} i */
  const root = (i) => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  };
  /** @param {number} i @param {number} j */
  const join = (i, j) => {
    const a = root(i);
    const b = root(j);
    if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
  };
  let above = 0;
  let aboveEnd = 0;
  let row = 0;
  while (row < count) {
    let end = row;
    while (end < count && segments[3 * end] === segments[3 * row]) end++;
    for (let k = row + 1; k < end; k++) if (segments[3 * k + 1] === segments[3 * k - 1] + 1) join(k, k - 1);
    if (aboveEnd > above && segments[3 * above] === segments[3 * row] - 1) joinRows(segments, above, aboveEnd, row, end, join);
    above = row;
    aboveEnd = end;
    row = end;
  }
  return measure(segments, parent, root);
}

/**
 * Join the segments of two neighbouring rows that share a column.
 * @param {Int32Array} segments @param {number} p @param {number} pEnd @param {number} c @param {number} cEnd
 * @param {(i: number, j: number) => void} join
 */
function joinRows(segments, p, pEnd, c, cEnd, join) {
  while (p < pEnd && c < cEnd) {
    const pLast = segments[3 * p + 2];
    const cLast = segments[3 * c + 2];
    if (pLast >= segments[3 * c + 1] && cLast >= segments[3 * p + 1]) join(p, c);
    if (pLast < cLast) p++;
    else c++;
  }
}

/** @param {Int32Array} segments @param {Int32Array} parent @param {(i: number) => number} root @returns {Regions} */
function measure(segments, parent, root) {
  const ids = new Int32Array(parent.length).fill(-1);
  const regionOf = new Int32Array(parent.length);
  let count = 0;
  for (let k = 0; k < parent.length; k++) {
    const r = root(k);
    if (ids[r] < 0) ids[r] = count++;
    regionOf[k] = ids[r];
  }
  const area = new Float64Array(count);
  const boxes = new Int32Array(4 * count);
  for (let r = 0; r < count; r++) boxes.set([0x7fffffff, 0x7fffffff, -1, -1], 4 * r);
  for (let k = 0; k < parent.length; k++) {
    const [y, xa, xb] = [segments[3 * k], segments[3 * k + 1], segments[3 * k + 2]];
    const b = 4 * regionOf[k];
    area[regionOf[k]] += xb - xa + 1;
    if (xa < boxes[b]) boxes[b] = xa;
    if (y < boxes[b + 1]) boxes[b + 1] = y;
    if (xb > boxes[b + 2]) boxes[b + 2] = xb;
    if (y > boxes[b + 3]) boxes[b + 3] = y;
  }
  return { count, regionOf, area, boxes };
}

/**
 * Pixels of each other number that touch the segments (4-neighbours, counted once per side).
 * @param {LabelMap} map @param {ArrayLike<number>} segments triples (y, xa, xb) @param {number} self number to leave out
 * @returns {Map<number, number>} number → length of the shared border
 */
export function contactsOf(map, segments, self) {
  /** @type {Map<number, number>} */
  const contacts = new Map();
  /** @param {number} x @param {number} y */
  const meet = (x, y) => {
    if (x < 0 || y < 0 || x >= map.width || y >= map.height) return;
    const number = map.get(x, y);
    if (number !== self) contacts.set(number, (contacts.get(number) ?? 0) + 1);
  };
  for (let i = 0; i < segments.length; i += 3) {
    const [y, xa, xb] = [segments[i], segments[i + 1], segments[i + 2]];
    meet(xa - 1, y);
    meet(xb + 1, y);
    for (let x = xa; x <= xb; x++) {
      meet(x, y - 1);
      meet(x, y + 1);
    }
  }
  return contacts;
}

/**
 * Regions of a number from the largest to the smallest, each with a pixel inside it.
 * @param {LabelMap} map @param {number} number
 * @returns {{area: number, box: import("./label_map.js").Box, point: import("./raster.js").Point}[]}
 */
export function regionsBySize(map, number) {
  const segments = segmentsOf(map, number);
  const { count, regionOf, area, boxes } = regionsOf(segments);
  /** @type {number[]} longest segment of each region: its middle lies well inside */
  const longest = new Array(count).fill(-1);
  for (let k = 0; k < regionOf.length; k++) {
    const best = longest[regionOf[k]];
    const length = segments[3 * k + 2] - segments[3 * k + 1];
    if (best < 0 || length > segments[3 * best + 2] - segments[3 * best + 1]) longest[regionOf[k]] = k;
  }
  return longest
    .map((k, r) => ({
      area: area[r],
      box: /** @type {import("./label_map.js").Box} */ ([...boxes.subarray(4 * r, 4 * r + 4)]),
      point: /** @type {import("./raster.js").Point} */ ([(segments[3 * k + 1] + segments[3 * k + 2]) >> 1, segments[3 * k]]),
    }))
    .sort((a, b) => b.area - a.area);
}
