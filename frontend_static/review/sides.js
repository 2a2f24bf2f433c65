/** One side of a comparison: an annotation at one of its revisions, loaded and never changed. */
import { mapOfBundle, parseBundle } from "../segmentation/bundle.js";

/** @typedef {import("../shared/api.js").Api} Api */
/** @typedef {{annotation: number, revision: number | null}} Place  revision null: as it is now */
/**
 * @typedef {object} Side
 * @property {number} annotation
 * @property {number | null} revision
 * @property {import("../segmentation/label_map.js").LabelMap} map
 * @property {Record<string, any>[]} rows  of GET annotations/{id}/masks
 * @property {boolean} isPrediction  a model's
 */

/** Decoded tiles are the viewers' business; a side is read through its runs. */
const HOT_TILES = 4;

/** @param {Api} api @param {Place} place @param {{isPrediction?: boolean, signal?: AbortSignal}} [options] @returns {Promise<Side>} */
export async function loadSide(api, { annotation, revision }, { isPrediction = false, signal } = {}) {
  const query = revision === null ? "" : `?revision=${revision}`;
  const [bundle, masks] = await Promise.all([
    api.request(`annotations/${annotation}/bundle${query}`, { signal }).then((response) => response.arrayBuffer()),
    api.get(`annotations/${annotation}/masks${query}`, { signal }),
  ]);
  return { annotation, revision, map: mapOfBundle(parseBundle(bundle), { hotLimit: HOT_TILES }), rows: masks.results, isPrediction };
}

/** "12" or "12@3" as the address carries it. @param {string | null} text @returns {Place | null} */
export function placeOf(text) {
  const found = /^(\d{1,15})(?:@(\d{1,9}))?$/.exec(text ?? "");
  return found && { annotation: Number(found[1]), revision: found[2] ? Number(found[2]) : null };
}

/** @param {Place} place */
export const placeText = ({ annotation, revision }) => (revision === null ? `${annotation}` : `${annotation}@${revision}`);

/** What a side calls its entities; "" for one without a name. @param {Side} side @returns {(number: number) => string} */
export function namesOf({ rows }) {
  const names = new Map(rows.map((row) => [row.number, row.term_name || row.raw_name || ""]));
  return (number) => names.get(number) ?? "";
}
