/** Taking one side of a disagreement over into a third map of the same image, through the runs of all three. */
import { TILE_PIXELS, createRunWriter } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./label_map.js").TileChange} TileChange */
/** @typedef {import("./tiles.js").TileState} TileState */

const writer = createRunWriter();

/**
 * Give the place of some entities the numbers that one side has there. Every pixel keeps exactly one number.
 * @param {LabelMap} map the map that is changed
 * @param {LabelMap} side the map that is taken over
 * @param {LabelMap} other the map on the other side, whose entities of the disagreement give way
 * @param {object} choice
 * @param {Set<number>} choice.numbers  of the disagreement, in `side`
 * @param {Set<number>} choice.others  of the disagreement, in `other`
 * @param {Map<number, number>} choice.targets  number in `side` → number in `map`; without one the pixel stays as it is
 * @param {Uint8Array | null} [choice.allow]  65536 entries: 1 = may be painted over
 * @returns {TileChange[]} already applied
 */
export function takeSide(map, side, other, { numbers, others, targets, allow = null }) {
  const places = new Set([...numbers].flatMap((number) => [...(side.where.get(number) ?? [])]));
  for (const number of others) for (const t of other.where.get(number) ?? []) places.add(t);
  /** @type {TileChange[]} */
  const changes = [];
  for (const t of [...places].sort((p, q) => p - q)) {
    let touched = false;
    zipThree(map.tiles[t], side.tiles[t], other.tiles[t], (present, taken, given, length) => {
      const target = numbers.has(taken) || others.has(given) ? (targets.get(taken) ?? present) : present;
      const becomes = !allow || allow[present] === 1 ? target : present;
      touched ||= becomes !== present;
      writer.put(becomes, length);
    });
    const after = writer.finish();
    if (touched) changes.push({ t, before: map.tiles[t], after });
  }
  map.apply(changes, "after");
  return changes;
}

/**
 * Walk three tiles together.
 * @param {TileState} a @param {TileState} b @param {TileState} c
 * @param {(numberA: number, numberB: number, numberC: number, length: number) => void} visit
 */
function zipThree(a, b, c, visit) {
  const tiles = [a, b, c];
  const at = [0, 0, 0];
  const ends = tiles.map(({ runs }) => (runs ? runs[1] + 1 : TILE_PIXELS));
  /** @param {number} i */
  const numberOf = (i) => {
    const { runs, uni } = tiles[i];
    return runs ? runs[at[i]] : uni;
  };
  for (let position = 0; position < TILE_PIXELS; ) {
    const end = Math.min(ends[0], ends[1], ends[2]);
    visit(numberOf(0), numberOf(1), numberOf(2), end - position);
    position = end;
    for (let i = 0; i < 3 && position < TILE_PIXELS; i++) {
      const { runs } = tiles[i];
      if (!runs || ends[i] !== position) continue;
      at[i] += 2;
      ends[i] += runs[at[i] + 1] + 1;
    }
  }
}
