/** Comparing two maps beside the page: at 15,000 × 15,000 it takes longer than a frame may. */
import { disagreements } from "../segmentation/disagreements.js";
import { mapOfBundle } from "../segmentation/bundle.js";

/** @typedef {{width: number, height: number, tiles: import("../segmentation/tiles.js").TileState[], names: [number, string][]}} Sent */
/** @typedef {{id: number, a: Sent, b: Sent}} Question */

/** @param {Sent} sent */
function mapOf({ width, height, tiles }) {
  return mapOfBundle({ width, height, tiles, versions: new Uint32Array(0), indices: null }, { hotLimit: 1 });
}

/** @param {Sent} sent */
function namesOf({ names }) {
  const byNumber = new Map(names);
  return (/** @type {number} */ number) => byNumber.get(number) ?? "";
}

addEventListener("message", ({ data }) => {
  const { id, a, b } = /** @type {Question} */ (data);
  try {
    postMessage({ id, found: disagreements(mapOf(a), mapOf(b), { nameA: namesOf(a), nameB: namesOf(b) }) });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
