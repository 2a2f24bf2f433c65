/** Gaps, who would get each, and giving many of them away at once. */
import { VOID } from "./tiles.js";
import { divideGap } from "./fill_nearest.js";
import { fragmentsOf, receiverOf } from "./fragments.js";
import { span } from "./raster.js";
import { paintSpans } from "./spans.js";
import { tryEdit } from "./try_edit.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./label_map.js").Box} Box */
/** @typedef {import("./raster.js").Point} Point */
/** @typedef {"neighbour" | "nearest"} GapRule  to the neighbour with the longest border, or divided among all */
/**
 * @typedef {object} Gap
 * @property {number} area @property {Box} box
 * @property {Point} point  inside it
 * @property {number} suggested  who has the longest border with it; 0 if nobody may receive it
 */

/** Larger gaps are somebody's work, not an oversight: no neighbour is suggested, and no rule gives them away. */
export const LARGEST_GIFT = 2e7;
/** A gap that spreads further than this (pixels of its box) is not divided: it would take more memory than a page has. */
const LARGEST_DIVIDED = 6e7;

/**
 * @param {LabelMap} map @param {(number: number) => boolean} mayReceive
 * @returns {Gap[]} the largest first
 */
export function gapsOf(map, mayReceive) {
  return fragmentsOf(map, VOID).map(({ area, box, spans }) => ({
    area,
    box,
    point: pointIn(spans),
    suggested: area <= LARGEST_GIFT ? (receiverOf(map, spans, VOID, mayReceive)?.number ?? 0) : 0,
  }));
}

/** The middle of the longest row. @param {number[]} spans @returns {Point} */
function pointIn(spans) {
  let best = 0;
  for (let i = 3; i < spans.length; i += 3) if (spans[i + 2] - spans[i + 1] > spans[best + 2] - spans[best + 1]) best = i;
  return [(spans[best + 1] + spans[best + 2]) >> 1, spans[best]];
}

/**
 * Give gaps away.
 * @param {LabelMap} map is only read
 * @param {object} options
 * @param {GapRule} options.rule
 * @param {number} options.maxArea  gaps of fewer pixels only
 * @param {Point | null} [options.at]  only the gap at this pixel
 * @param {(number: number) => boolean} options.mayReceive
 * @returns {{changes: import("./label_map.js").TileChange[], given: number, left: number, pixels: number, receivers: number[]}} changes not
 *   applied; given, left: gaps that were and could not be given
 */
export function giveGaps(map, { rule, maxArea, at = null, mayReceive }) {
  const chosen = fragmentsOf(map, VOID).filter(({ area, spans }) => area < Math.min(maxArea, LARGEST_GIFT) && (!at || holds(spans, at)));
  /** @type {Set<number>} */
  const receivers = new Set();
  const { changes, result } = tryEdit(map, () => {
    let [given, pixels] = [0, 0];
    for (const gap of chosen) {
      if (!(rule === "nearest" ? divide(map, gap, mayReceive, receivers) : giveWhole(map, gap, mayReceive, receivers))) continue;
      given++;
      pixels += gap.area;
    }
    return { given, pixels };
  });
  return { changes, ...result, left: chosen.length - result.given, receivers: [...receivers] };
}

/** @param {number[]} spans @param {Point} point */
function holds(spans, [x, y]) {
  for (let i = 0; i < spans.length; i += 3) if (spans[i] === y && spans[i + 1] <= x && x <= spans[i + 2]) return true;
  return false;
}

/** @param {LabelMap} map @param {import("./fragments.js").Fragment} gap @param {(number: number) => boolean} mayReceive @param {Set<number>} receivers added to */
function giveWhole(map, { spans }, mayReceive, receivers) {
  const receiver = receiverOf(map, spans, VOID, mayReceive);
  if (!receiver) return false;
  paintSpans(map, spans, receiver.number);
  receivers.add(receiver.number);
  return true;
}

/** @param {LabelMap} map @param {import("./fragments.js").Fragment} gap @param {(number: number) => boolean} mayReceive @param {Set<number>} receivers added to */
function divide(map, { spans, box }, mayReceive, receivers) {
  if ((box[2] - box[0] + 1) * (box[3] - box[1] + 1) > LARGEST_DIVIDED) return false;
  const rows = divideGap(map, spans, box, mayReceive);
  for (const { y, xa, xb, number } of rows ?? []) {
    span(map, y, xa, xb, number);
    receivers.add(number);
  }
  return rows !== null;
}
