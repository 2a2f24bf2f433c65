/** Bucket: give a connected region to the active entity; with Shift, a gap to its neighbour. */
import { flood } from "../../segmentation/flood.js";
import { fillGap } from "../../segmentation/fill_gap.js";
import { t } from "../../shared/translate.js";
import { pixelsText } from "../format.js";
import { numberAt, pixelAt } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Point} Point */

/** Up to so many pixels are filled at once; larger regions are worked out in the worker. */
const AT_ONCE = 2e6;
const MEGA = 1e6;

/** @param {Bench} bench @returns {import("./tool.js").Tool} */
export const createBucket = (bench) => ({
  id: "bucket",
  label: t("Bucket"),
  hint: t("Give the connected region to the active entity. Shift+click: give a gap to its neighbour. Alt+click: pick an entity"),
  keys: ["g"],
  icon: "M10.5 3 4 9.5a2 2 0 0 0 0 2.8L9.2 17.5a2 2 0 0 0 2.8 0l6.5-6.5zM7 6.5 5 4.5M4 11h14.5M20 15c1 1.5 1.5 2.4 1.5 3.2a1.5 1.5 0 0 1-3 0c0-.8.5-1.7 1.5-3.2z",
  cursor: "crosshair",
  edits: true,
  paints: true,
  settings: [
    {
      id: "bucket.limit", kind: "choice", label: t("At most"), title: t("Larger regions are refused, so that a leak fills nothing"), start: "100",
      choices: [...["1", "10", "100"].map((value) => ({ value, label: `${value} MP` })), { value: "1000", label: t("any size") }],
    },
  ],
  down(point, event) {
    if (event.altKey) bench.select(numberAt(bench.map, point));
    else if (event.shiftKey) void giveGapAt(bench, pixelAt(point));
    else void fillRegion(bench, point);
  },
});

/** @param {Bench} bench @param {Point} point */
async function fillRegion(bench, point) {
  const [x, y] = pixelAt(point);
  if (x < 0 || y < 0 || x >= bench.map.width || y >= bench.map.height) return;
  const target = numberAt(bench.map, point);
  if (!bench.allowPainting(point)[target]) {
    bench.say(bench.isLocked(target) ? t("Entity #{number} is locked.", { number: target }) : t("Only unlabelled pixels may be painted over now (T changes that)."));
    return;
  }
  const number = bench.activeNumber(point);
  if (number === null || number === target) return;
  const maxPixels = bench.settings.number("bucket.limit") * MEGA;
  bench.drawing.begin();
  if (flood(bench.map, x, y, number, { maxPixels: Math.min(maxPixels, AT_ONCE) }) >= 0) {
    bench.drawing.commit({ tool: "bucket", number });
    return;
  }
  bench.drawing.cancel();
  if (maxPixels > AT_ONCE) {
    const trial = await bench.ask("flood", { x, y, number, maxPixels });
    if (!trial) return;
    if (trial.pixels >= 0) {
      bench.takeTrial(trial, { tool: "bucket", number });
      return;
    }
  }
  bench.say(t("This region is larger than {size}: nothing was filled.", { size: pixelsText(maxPixels) }));
}

/** Give the gap at a pixel away, by the rule chosen in the coverage panel. @param {Bench} bench @param {Point} pixel */
export async function giveGapAt(bench, [x, y]) {
  const rule = bench.gapRule();
  const mayReceive = (/** @type {number} */ number) => !bench.isLocked(number);
  if (rule === "neighbour") {
    bench.drawing.begin();
    const result = fillGap(bench.map, x, y, { mayReceive, maxPixels: AT_ONCE });
    if ("number" in result) {
      bench.drawing.commit({ tool: "fill_gap", number: result.number });
      bench.say(t("{pixels} given to #{number}.", { pixels: pixelsText(result.pixels), number: result.number }));
      return;
    }
    bench.drawing.cancel();
  }
  if (bench.map.get(x, y) !== 0) {
    bench.say(t("This pixel already belongs to an entity."));
    return;
  }
  const trial = await bench.ask("giveGaps", { rule, maxArea: Infinity, at: [x, y], locked: bench.locked() });
  if (!trial) return;
  if (trial.given === 0) bench.say(t("No unlocked entity touches this gap, or it is too large to give away."));
  else if (bench.takeTrial(trial, { tool: rule === "nearest" ? "divide_gap" : "fill_gap", number: trial.receivers[0] })) {
    const receivers = trial.receivers.map((/** @type {number} */ number) => `#${number}`).join(", ");
    bench.say(t("{pixels} given to {receivers}.", { pixels: pixelsText(trial.pixels), receivers }));
  }
}
