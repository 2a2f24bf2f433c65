/** Bucket: give a connected region to the active entity; with Shift, a gap to its neighbour. */
import { flood } from "../../segmentation/flood.js";
import { fillGap } from "../../segmentation/fill_gap.js";
import { numberAt, pixelAt } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Point} Point */

/** A click never changes more than this. */
const MAX_PIXELS = 4e8;

/** @param {Bench} bench @returns {import("./tool.js").Tool} */
export const createBucket = (bench) => ({
  id: "bucket",
  label: "Bucket",
  hint: "Give the connected region to the active entity. Shift+click: give a gap to its neighbour",
  keys: ["g"],
  icon: "M10.5 3 4 9.5a2 2 0 0 0 0 2.8L9.2 17.5a2 2 0 0 0 2.8 0l6.5-6.5zM7 6.5 5 4.5M4 11h14.5M20 15c1 1.5 1.5 2.4 1.5 3.2a1.5 1.5 0 0 1-3 0c0-.8.5-1.7 1.5-3.2z",
  cursor: "crosshair",
  edits: true,
  down(point, event) {
    if (event.shiftKey) giveGapAt(bench, pixelAt(point));
    else fillRegion(bench, point);
  },
});

/** @param {Bench} bench @param {Point} point */
function fillRegion(bench, point) {
  const [x, y] = pixelAt(point);
  if (x < 0 || y < 0 || x >= bench.map.width || y >= bench.map.height) return;
  const target = numberAt(bench.map, point);
  if (bench.isLocked(target)) {
    bench.say(`Entity #${target} is locked.`);
    return;
  }
  const number = bench.activeNumber(point);
  if (number === null || number === target) return;
  bench.drawing.begin();
  const pixels = flood(bench.map, x, y, number, { maxPixels: MAX_PIXELS });
  if (pixels < 0) {
    bench.drawing.cancel();
    bench.say("This region is too large to fill at once.");
    return;
  }
  bench.drawing.commit({ tool: "bucket", number });
}

/** Give the gap at a pixel to the entity with the longest shared border. @param {Bench} bench @param {Point} pixel @returns {boolean} */
export function giveGapAt(bench, [x, y]) {
  bench.drawing.begin();
  const result = fillGap(bench.map, x, y, { mayReceive: (number) => !bench.isLocked(number) });
  if ("refusal" in result) {
    bench.drawing.cancel();
    bench.say(result.refusal);
    return false;
  }
  bench.drawing.commit({ tool: "fill_gap", number: result.number });
  bench.say(`${result.pixels.toLocaleString("en")} px given to #${result.number}.`);
  return true;
}
