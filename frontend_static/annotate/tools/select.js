/** Merge and pan: tools that work on whole entities or on the view. */
import { t } from "../../shared/translate.js";
import { numberAt } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Tool} Tool */

/** @param {Bench} bench @returns {Tool} */
export const createMerge = (bench) => ({
  id: "merge",
  label: t("Merge"),
  hint: t("Click an entity to make it part of the active one"),
  keys: ["m"],
  icon: "M7 4v4a4 4 0 0 0 4 4h2a4 4 0 0 1 4 4v4M17 4v4a4 4 0 0 1-4 4M14 17l3 3 3-3",
  cursor: "crosshair",
  edits: true,
  down(point) {
    const other = numberAt(bench.map, point);
    const active = bench.selected();
    if (active === 0) bench.select(other);
    else if (other > 0 && other !== active) mergeInto(bench, other, active);
  },
});

/** @param {Bench} bench @param {number} from @param {number} into */
function mergeInto(bench, from, into) {
  const locked = [from, into].find(bench.isLocked);
  if (locked) {
    bench.say(t("Entity #{number} is locked.", { number: locked }));
    return;
  }
  bench.drawing.run({ tool: "merge", number: into, from }, bench.map.relabel([from], into));
  bench.say(t("#{from} is now part of #{into}.", { from, into }));
}

/** @returns {Tool} */
export const createPan = () => ({
  id: "pan",
  label: t("Pan"),
  hint: t("Move the view; or hold Space, or use the middle button"),
  keys: ["h"],
  icon: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  cursor: "grab",
});
