/** Changes waiting to be saved: the last state of each tile and row, and everything the person did. */

/** @typedef {import("../segmentation/transaction.js").TileRow} TileRow */
/** @typedef {import("../segmentation/transaction.js").EntityRow} EntityRow */
/** @typedef {import("../segmentation/transaction.js").Operation} Operation */
/** @typedef {ReturnType<typeof createPending>} Pending */

/** Operations are for the audit trail and for time spent; those of a day without connection still fit. */
const MOST_OPERATIONS = 20_000;

export function createPending() {
  /** @type {Map<number, TileRow>} */
  const tiles = new Map();
  /** @type {Map<number, EntityRow>} */
  const entities = new Map();
  /** @type {Operation[]} */
  let ops = [];
  let lastSeq = 0;

  return {
    tiles,
    entities,
    /** @param {{seq: number, tiles: TileRow[], entities: EntityRow[], ops: Operation[]}} entry */
    add(entry) {
      for (const row of entry.tiles) tiles.set(row.t, { ...row, base: tiles.get(row.t)?.base ?? row.base });
      for (const row of entry.entities) entities.set(row.number, { ...row, base: entities.get(row.number)?.base ?? row.base });
      for (const operation of entry.ops) ops.push(operation);
      if (ops.length > MOST_OPERATIONS) ops = ops.slice(-MOST_OPERATIONS);
      lastSeq = Math.max(lastSeq, entry.seq);
    },
    /** It is kept in the journal as one entry of this number now. @param {number} seq */
    renumber(seq) {
      lastSeq = seq;
    },
    isEmpty: () => tiles.size === 0 && entities.size === 0 && ops.length === 0,
    bytes: () => [...tiles.values()].reduce((sum, { state }) => sum + (state.runs?.byteLength ?? 0), 0),
    contents: () => ({ seq: lastSeq, tiles: [...tiles.values()], entities: [...entities.values()], ops: [...ops] }),
    clear() {
      tiles.clear();
      entities.clear();
      ops = [];
    },
  };
}
