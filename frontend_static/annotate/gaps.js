/** The regions that belong to no entity yet, and walking from one to the next. */
import { regionsBySize } from "../segmentation/regions.js";
import { VOID } from "../segmentation/tiles.js";
import { t } from "../shared/translate.js";
import { createSignal } from "./store.js";

/** Counting gaps waits until painting pauses for so long. */
const SETTLE_MS = 450;

/** Ragged maps take a tenth of a second to count: not while the hand moves. @param {() => void} work */
const whenIdle = (work) => ("requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 2000 }) : work());

/** @typedef {ReturnType<typeof createGaps>} Gaps */
/** @typedef {import("../segmentation/gaps.js").Gap} Gap */

/** How gaps are given away. @param {{max_gap_px: number}} policy @returns {import("./tool_settings.js").Setting[]} */
export const gapSettings = ({ max_gap_px: limit }) => [
  {
    id: "gaps.rule", kind: "choice", label: t("A gap goes to"), start: "neighbour",
    choices: [{ value: "neighbour", label: t("the longest border") }, { value: "nearest", label: t("whoever is nearest") }],
  },
  { id: "gaps.limit", kind: "range", label: t("Gaps under"), start: Math.max(1, limit), min: 1, max: 1e6, step: 1, text: (value) => t("{n} px", { n: value }) },
];

/**
 * @param {import("./drawing.js").Drawing} drawing @param {(gaps: Gap[]) => void} onCounted
 * @param {() => Promise<Gap[] | null>} [count] elsewhere, with suggestions; null if it failed
 */
export function createGaps(drawing, onCounted, count = async () => regionsBySize(drawing.map, VOID).map((gap) => ({ ...gap, suggested: 0 }))) {
  /** @type {Gap[] | null} as the map is now */
  let known = null;
  /** @type {Gap | null} the one walked to last */
  let current = null;
  /** @type {ReturnType<typeof createSignal<Gap | null>>} */
  const chosen = createSignal();
  let changes = 0;
  /** @type {{at: number, found: Promise<Gap[] | null>} | null} the count under way, and the state of the map it is of */
  let counting = null;
  let timer = 0;

  /** @returns {Promise<Gap[]>} the largest first */
  async function list() {
    while (!known) {
      if (counting?.at !== changes) counting = { at: changes, found: count() };
      const { at, found } = counting;
      const counted = await found;
      if (counted === null && at === changes) {
        counting = null;
        return [];
      }
      if (at === changes) known = counted;
    }
    return known;
  }

  function recount() {
    clearTimeout(timer);
    timer = setTimeout(() => whenIdle(() => void list().then(() => known && onCounted(known))), SETTLE_MS);
  }

  /** The map has changed. */
  function reset() {
    known = null;
    changes++;
    recount();
  }

  /** @param {Gap | null} gap */
  function choose(gap) {
    current = gap;
    chosen.emit(gap);
  }

  drawing.onChange(({ tiles }) => {
    if (tiles.length > 0) reset();
  });
  recount();

  return {
    list,
    reset,
    choose,
    /** Hear which gap is in hand. */
    onChosen: chosen.on,
    /** The gap after (or before) the one walked to last, largest first. @param {1 | -1} direction @returns {Promise<{gap: Gap, place: number, count: number} | null>} */
    async step(direction) {
      const gaps = await list();
      if (gaps.length === 0) {
        choose(null);
        return null;
      }
      const last = current;
      const at = last ? gaps.findIndex(({ point }) => point[0] === last.point[0] && point[1] === last.point[1]) : -1;
      // A gap that was filled meanwhile: the next largest has moved to the front.
      const next = at < 0 ? (direction > 0 ? 0 : gaps.length - 1) : (at + direction + gaps.length) % gaps.length;
      choose(gaps[next]);
      return { gap: gaps[next], place: next + 1, count: gaps.length };
    },
    /** Take the gap with this box in hand. @param {import("../segmentation/label_map.js").Box} box */
    async chooseAt(box) {
      const found = (await list()).find((gap) => gap.box.every((edge, i) => edge === box[i]));
      if (found) choose(found);
    },
    /** The gap in hand: the one walked to, if it is still there, else the largest. @returns {Promise<Gap | null>} */
    async current() {
      if (current && drawing.map.get(...current.point) === VOID) return current;
      const [largest] = await list();
      return largest ?? null;
    },
  };
}
