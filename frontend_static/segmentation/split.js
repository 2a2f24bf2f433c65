/** Cutting an entity along a line into its 4-connected parts. */
import { span } from "./raster.js";
import { regionsOf, segmentsOf } from "./regions.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./raster.js").Point} Point */

/**
 * The largest part keeps the number; each other part that touches the cut gets a new one; islands stay as they were.
 * The cut itself stays with the largest part.
 * @param {LabelMap} map no edit may be open: one is opened if the line separates the entity
 * @param {number} number @param {Point[]} line @param {() => number} newNumber
 * @returns {number[] | null} the new numbers, or null if the line does not separate the entity
 */
export function splitAlong(map, number, line, newNumber) {
  const cut = pixelsOnLine(map, number, line);
  const whole = segmentsOf(map, number);
  const { segments, sources } = withoutPixels(whole, cut);
  const parts = regionsOf(segments);
  const touching = partsTouching(segments, parts.regionOf, cut);
  const separated = separatedParts(parts.regionOf, regionsOf(whole).regionOf, sources, touching);
  if (separated.length < 2) return null;
  const [, ...others] = separated.sort((a, b) => parts.area[b] - parts.area[a]);
  const numbers = new Map(others.map((part) => [part, newNumber()]));
  map.begin();
  for (let k = 0; k < parts.regionOf.length; k++) {
    const next = numbers.get(parts.regionOf[k]);
    if (next !== undefined) span(map, segments[3 * k], segments[3 * k + 1], segments[3 * k + 2], next);
  }
  return [...numbers.values()];
}

/** Pixels of the entity on an 8-connected line. @param {LabelMap} map @param {number} number @param {Point[]} line
 * @returns {Map<number, Set<number>>} row → columns */
function pixelsOnLine(map, number, line) {
  /** @type {Map<number, Set<number>>} */
  const cut = new Map();
  for (let i = 1; i < line.length; i++) {
    for (const [x, y] of bresenham(line[i - 1], line[i])) {
      if (map.get(x, y) !== number) continue;
      const columns = cut.get(y);
      if (columns) columns.add(x);
      else cut.set(y, new Set([x]));
    }
  }
  return cut;
}

/** @param {Point} from @param {Point} to @returns {Generator<Point>} */
function* bresenham(from, to) {
  let [x, y] = from.map(Math.round);
  const [xEnd, yEnd] = to.map(Math.round);
  const dx = Math.abs(xEnd - x);
  const dy = -Math.abs(yEnd - y);
  let error = dx + dy;
  for (;;) {
    yield [x, y];
    if (x === xEnd && y === yEnd) return;
    const twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x += x < xEnd ? 1 : -1;
    }
    if (twice <= dx) {
      error += dx;
      y += y < yEnd ? 1 : -1;
    }
  }
}

/**
 * Touching parts that were one region before the cut; a region the line merely grazed is left out.
 * @param {Int32Array} partOf @param {Int32Array} regionOf @param {number[]} sources @param {Set<number>} touching
 */
function separatedParts(partOf, regionOf, sources, touching) {
  /** @type {Map<number, Set<number>>} region → its touching parts */
  const partsOf = new Map();
  partOf.forEach((part, k) => {
    if (!touching.has(part)) return;
    const region = regionOf[sources[k]];
    const known = partsOf.get(region);
    if (known) known.add(part);
    else partsOf.set(region, new Set([part]));
  });
  return [...partsOf.values()].filter((parts) => parts.size > 1).flatMap((parts) => [...parts]);
}

/** @param {Int32Array} segments @param {Map<number, Set<number>>} cut
 * @returns {{segments: Int32Array, sources: number[]}} what is left, and which segment each piece came from */
function withoutPixels(segments, cut) {
  /** @type {number[]} */
  const out = [];
  /** @type {number[]} */
  const sources = [];
  for (let i = 0; i < segments.length; i += 3) {
    const [y, xa, xb] = [segments[i], segments[i + 1], segments[i + 2]];
    let from = xa;
    for (const x of [...(cut.get(y) ?? [])].filter((c) => c >= xa && c <= xb).sort((a, b) => a - b)) {
      if (x > from) {
        out.push(y, from, x - 1);
        sources.push(i / 3);
      }
      from = x + 1;
    }
    if (from <= xb) {
      out.push(y, from, xb);
      sources.push(i / 3);
    }
  }
  return { segments: Int32Array.from(out), sources };
}

/** @param {Int32Array} segments @param {Int32Array} regionOf @param {Map<number, Set<number>>} cut @returns {Set<number>} */
function partsTouching(segments, regionOf, cut) {
  const rows = new Set([...cut.keys()].flatMap((y) => [y - 1, y, y + 1]));
  /** @type {Map<number, number[]>} */
  const inRow = new Map();
  for (let k = 0; k < regionOf.length; k++) {
    const y = segments[3 * k];
    if (!rows.has(y)) continue;
    const known = inRow.get(y);
    if (known) known.push(k);
    else inRow.set(y, [k]);
  }
  /** @type {Set<number>} */
  const touching = new Set();
  for (const [y, columns] of cut) {
    for (const x of columns) {
      for (const [nx, ny] of [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]]) {
        const hit = (inRow.get(ny) ?? []).find((k) => segments[3 * k + 1] <= nx && nx <= segments[3 * k + 2]);
        if (hit !== undefined) touching.add(regionOf[hit]);
      }
    }
  }
  return touching;
}
