/** Filling what an entity encloses. */
import { paintSpans } from "./spans.js";
import { regionsOf, segmentsOf } from "./regions.js";
import { tryEdit } from "./try_edit.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */

/**
 * A hole is a 4-connected region of other numbers that reaches neither the image's edge nor around the entity.
 * @param {LabelMap} map is only read @param {number} number
 * @param {Uint8Array} allow  65536 entries: what may be filled
 * @returns {import("./label_map.js").TileChange[]} not applied
 */
export function fillHoles(map, number, allow) {
  const box = map.boxOf(number);
  if (!box) return [];
  const around = complementOf(segmentsOf(map, number), box, map);
  const { regionOf, boxes } = regionsOf(around);
  const [x0, y0, x1, y1] = grown(box, map);
  /** @type {number[]} */
  const spans = [];
  for (let k = 0; k < regionOf.length; k++) {
    const [left, top, right, bottom] = boxes.subarray(4 * regionOf[k], 4 * regionOf[k] + 4);
    if (left > x0 && top > y0 && right < x1 && bottom < y1) spans.push(...around.subarray(3 * k, 3 * k + 3));
  }
  return tryEdit(map, () => paintSpans(map, spans, number, allow)).changes;
}

/** A box with one more pixel around it, within the image. @param {import("./label_map.js").Box} box @param {LabelMap} map @returns {import("./label_map.js").Box} */
const grown = ([x0, y0, x1, y1], { width, height }) => [Math.max(0, x0 - 1), Math.max(0, y0 - 1), Math.min(width - 1, x1 + 1), Math.min(height - 1, y1 + 1)];

/**
 * Rows of a box that do not belong to the entity.
 * @param {Int32Array} segments @param {import("./label_map.js").Box} box @param {LabelMap} map @returns {Int32Array}
 */
function complementOf(segments, box, map) {
  const [x0, y0, x1, y1] = grown(box, map);
  /** @type {number[]} */
  const out = [];
  let i = 0;
  for (let y = y0; y <= y1; y++) {
    let from = x0;
    for (; i < segments.length && segments[i] === y; i += 3) {
      if (segments[i + 1] > from) out.push(y, from, segments[i + 1] - 1);
      from = segments[i + 2] + 1;
    }
    if (from <= x1) out.push(y, from, x1);
  }
  return Int32Array.from(out);
}
