/** The regions that belong to no entity yet, and walking from one to the next. */
import { regionsBySize } from "../segmentation/regions.js";
import { VOID } from "../segmentation/tiles.js";

/** Counting gaps waits until painting pauses for so long. */
const SETTLE_MS = 450;

/** Ragged maps take a tenth of a second to count: not while the hand moves. @param {() => void} work */
const whenIdle = (work) => ("requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 2000 }) : work());

/** @typedef {ReturnType<typeof createGaps>} Gaps */
/** @typedef {ReturnType<typeof regionsBySize>[number]} Gap */

/**
 * @param {import("./drawing.js").Drawing} drawing @param {(gaps: Gap[]) => void} onCounted
 */
export function createGaps(drawing, onCounted) {
  /** @type {Gap[] | null} */
  let known = null;
  /** @type {Gap | null} the one walked to last */
  let current = null;
  let timer = 0;

  function list() {
    known ??= regionsBySize(drawing.map, VOID);
    return known;
  }

  function recount() {
    clearTimeout(timer);
    timer = setTimeout(() => whenIdle(() => onCounted(list())), SETTLE_MS);
  }

  /** The map has changed. */
  function reset() {
    known = null;
    recount();
  }

  drawing.onChange(({ tiles }) => {
    if (tiles.length > 0) reset();
  });
  recount();

  return {
    list,
    reset,
    /** The gap after (or before) the one walked to last, largest first. @param {1 | -1} direction @returns {{gap: Gap, place: number, count: number} | null} */
    step(direction) {
      const gaps = list();
      if (gaps.length === 0) {
        current = null;
        return null;
      }
      const last = current;
      const at = last ? gaps.findIndex(({ point }) => point[0] === last.point[0] && point[1] === last.point[1]) : -1;
      // A gap that was filled meanwhile: the next largest has moved to the front.
      const next = at < 0 ? (direction > 0 ? 0 : gaps.length - 1) : (at + direction + gaps.length) % gaps.length;
      current = gaps[next];
      return { gap: current, place: next + 1, count: gaps.length };
    },
    /** The gap in hand: the one walked to, if it is still there, else the largest. @returns {Gap | null} */
    current() {
      if (current && drawing.map.get(...current.point) === VOID) return current;
      return list()[0] ?? null;
    },
  };
}
