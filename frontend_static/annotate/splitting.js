/** One save as several transactions, each small enough for the server and each leaving a consistent annotation. Pure. */

/** @typedef {import("../segmentation/transaction.js").TileRow} TileRow */
/** @typedef {import("../segmentation/transaction.js").EntityRow} EntityRow */
/** @typedef {import("../segmentation/transaction.js").Operation} Operation */
/** @typedef {{tiles: TileRow[], entities: EntityRow[], ops: Operation[]}} Contents */
/** @typedef {{runBytes: number, rows: number, operationBytes: number}} Limits */

/** Below what the server takes (8 MB as sent, 256 kB of operations): deflate makes nothing noticeably longer. @type {Limits} */
export const LIMITS = { runBytes: 6 << 20, rows: 4000, operationBytes: 200 << 10 };

/** Bytes that a tile takes besides its runs: its line in the header. */
const TILE_BYTES = 48;

/** @param {TileRow} row */
const tileBytes = ({ state }) => TILE_BYTES + (state.runs?.byteLength ?? 0);
/** @param {Operation} operation */
const operationBytes = (operation) => JSON.stringify(operation).length * 2 + 1;

/**
 * Entities that exist come first, so that every number is known before a tile uses it; then the tiles; entities that
 * are deleted come last, when no pixel is theirs any more. Together the parts hold everything once.
 * @param {Contents} contents @param {Limits} [limits]
 * @returns {Contents[]} at least one
 */
export function inParts({ tiles, entities, ops }, limits = LIMITS) {
  const alive = chunks(entities.filter(({ deleted }) => !deleted), () => 1, limits.rows);
  const squares = chunks(tiles, tileBytes, limits.runBytes);
  const deleted = chunks(entities.filter((row) => row.deleted), () => 1, limits.rows);
  const operations = chunks(ops, operationBytes, limits.operationBytes);
  /** @type {Contents[]} */
  const parts = [];
  alive.forEach((rows) => parts.push({ tiles: [], entities: rows, ops: [] }));
  // What needs no cut travels together: the first tiles with the last new rows, the first deleted rows with the last tiles.
  squares.forEach((rows, i) => join(parts, { tiles: rows, entities: [], ops: [] }, i === 0));
  deleted.forEach((rows, i) => join(parts, { tiles: [], entities: rows, ops: [] }, i === 0));
  operations.forEach((rows, i) => {
    if (i < parts.length) parts[i].ops = rows;
    else parts.push({ tiles: [], entities: [], ops: rows });
  });
  return parts.length > 0 ? parts : [{ tiles: [], entities: [], ops: [] }];
}

/** @param {Contents[]} parts @param {Contents} next @param {boolean} mayJoin the part before, if there is one */
function join(parts, next, mayJoin) {
  const last = parts.at(-1);
  if (!last || !mayJoin) {
    parts.push(next);
    return;
  }
  last.tiles = [...last.tiles, ...next.tiles];
  last.entities = [...last.entities, ...next.entities];
}

/**
 * @template T
 * @param {T[]} rows @param {(row: T) => number} sizeOf @param {number} most of one chunk; a single row may be larger
 * @returns {T[][]}
 */
function chunks(rows, sizeOf, most) {
  /** @type {T[][]} */
  const found = [];
  let room = 0;
  for (const row of rows) {
    const size = sizeOf(row);
    if (size > room || found.length === 0) {
      found.push([]);
      room = most;
    }
    found[found.length - 1].push(row);
    room -= size;
  }
  return found;
}
