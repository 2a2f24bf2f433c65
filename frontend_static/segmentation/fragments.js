/** An entity's connected parts, and putting them in order: one part, entities of their own, or the neighbours'. */
import { LAST_NUMBER, VOID } from "./tiles.js";
import { paintSpans } from "./spans.js";
import { contactsOf, regionsOf, segmentsOf } from "./regions.js";
import { tryEdit } from "./try_edit.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./label_map.js").TileChange} TileChange */
/** @typedef {import("./label_map.js").Box} Box */
/** @typedef {{area: number, box: Box, spans: number[]}} Fragment spans: triples (y, xa, xb), sorted by y */

/**
 * @param {LabelMap} map @param {number} number
 * @returns {Fragment[]} 4-connected, the largest first
 */
export function fragmentsOf(map, number) {
  const segments = segmentsOf(map, number);
  const { count, regionOf, area, boxes } = regionsOf(segments);
  const fragments = Array.from({ length: count }, (_, r) => ({
    area: area[r],
    box: /** @type {Box} */ ([...boxes.subarray(4 * r, 4 * r + 4)]),
    spans: /** @type {number[]} */ ([]),
  }));
  for (let k = 0; k < regionOf.length; k++) {
    fragments[regionOf[k]].spans.push(segments[3 * k], segments[3 * k + 1], segments[3 * k + 2]);
  }
  return fragments.sort((a, b) => b.area - a.area);
}

/**
 * The neighbour with the longest shared border; of equals the smallest number.
 * @param {LabelMap} map @param {ArrayLike<number>} spans @param {number} self @param {(number: number) => boolean} mayReceive
 * @returns {{number: number, border: number} | null} border: sides of pixels shared; null if no entity may receive it
 */
export function receiverOf(map, spans, self, mayReceive) {
  let best = null;
  for (const [number, border] of contactsOf(map, spans, self)) {
    if (number === VOID || number > LAST_NUMBER || !mayReceive(number)) continue;
    if (!best || border > best.border || (border === best.border && number < best.number)) best = { number, border };
  }
  return best;
}

/**
 * Give every part below a size to the neighbour with the longest border; the largest part of an entity always stays.
 * @param {LabelMap} map is only read @param {number[]} numbers whose parts
 * @param {{maxArea: number, mayReceive: (number: number) => boolean}} options maxArea: parts of fewer pixels are given away
 * @returns {{changes: TileChange[], given: number}} changes not applied; given: parts
 */
export function giveSpecksAway(map, numbers, { maxArea, mayReceive }) {
  const specks = numbers
    .flatMap((number) => fragmentsOf(map, number).slice(1).map((fragment) => ({ ...fragment, number })))
    .filter(({ area }) => area < maxArea)
    .sort((a, b) => a.area - b.area);
  const { changes, result } = tryEdit(map, () => {
    let given = 0;
    for (const { spans, number } of specks) {
      const receiver = receiverOf(map, spans, number, mayReceive);
      if (!receiver) continue;
      paintSpans(map, spans, receiver.number);
      given++;
    }
    return given;
  });
  return { changes, given: result };
}

/**
 * Keep the largest part; the others become unlabelled, or their neighbours'.
 * @param {LabelMap} map is only read @param {number[]} numbers
 * @param {{toNeighbours: boolean, mayReceive: (number: number) => boolean}} options
 * @returns {TileChange[]} not applied
 */
export function keepLargest(map, numbers, { toNeighbours, mayReceive }) {
  return tryEdit(map, () => {
    for (const number of numbers) {
      for (const { spans } of fragmentsOf(map, number).slice(1)) {
        const receiver = toNeighbours ? receiverOf(map, spans, number, mayReceive) : null;
        paintSpans(map, spans, receiver?.number ?? VOID);
      }
    }
  }).changes;
}

/**
 * Make every part but the largest an entity of its own.
 * @param {LabelMap} map is only read @param {number} number @param {number[]} newNumbers one for each part but the largest, larger parts first
 * @returns {TileChange[]} not applied
 */
export function separateFragments(map, number, newNumbers) {
  return tryEdit(map, () => {
    const [, ...others] = fragmentsOf(map, number);
    if (others.length !== newNumbers.length) throw new Error(`The entity has ${others.length + 1} parts now.`);
    others.forEach(({ spans }, i) => paintSpans(map, spans, newNumbers[i]));
  }).changes;
}
