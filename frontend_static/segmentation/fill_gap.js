/** Giving a region to the neighbour it shares the longest border with. */
import { LAST_NUMBER, VOID } from "./tiles.js";
import { flood } from "./flood.js";
import { contactsOf } from "./regions.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */

/** Marks the region while its neighbours are counted; never committed. */
const MARK = 65534;

/**
 * @param {LabelMap} map an edit must be open; after a refusal the caller cancels it
 * @param {number} x @param {number} y a pixel of the region
 * @param {{maxPixels?: number, mayReceive?: (number: number) => boolean}} [options]
 * @returns {{number: number, pixels: number} | {refusal: string}} who got it, and how much
 */
export function fillGap(map, x, y, { maxPixels = 4e7, mayReceive = () => true } = {}) {
  if (map.get(x, y) !== VOID) return { refusal: "This pixel already belongs to an entity." };
  /** @type {number[]} */
  const segments = [];
  const pixels = flood(map, x, y, MARK, { maxPixels, onSpan: (row, xa, xb) => segments.push(row, xa, xb) });
  if (pixels < 0) return { refusal: "This region is too large to give away at once." };
  const neighbours = [...contactsOf(map, segments, MARK)].filter(
    ([number]) => number !== VOID && number <= LAST_NUMBER && mayReceive(number),
  );
  if (neighbours.length === 0) return { refusal: "No unlocked entity touches this region." };
  const [number] = neighbours.reduce((best, next) => (next[1] > best[1] ? next : best));
  flood(map, x, y, number);
  return { number, pixels };
}
