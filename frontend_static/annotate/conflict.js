/**
 * Two versions of the same tiles and rows, mine and theirs: where they differ, in groups, and what follows from choosing
 * a side for each. Pure. Whatever is chosen, every pixel has one number, so nothing can overlap.
 */
import { MASK, SHIFT, TILE, TILE_PIXELS, packTile, sameTile, unpackTile } from "../segmentation/tiles.js";
import { eachDifference } from "../segmentation/tile_difference.js";

/** @typedef {import("../segmentation/tiles.js").TileState} TileState */
/** @typedef {import("../segmentation/label_map.js").Box} Box */
/** @typedef {"mine" | "theirs"} Side */
/** @typedef {{t: number, mine: TileState, theirs: TileState}} TileConflict */
/** @typedef {{number: number, mine: RowFields, theirs: RowFields}} RowConflict */
/** @typedef {{term: number | null, name: string, rawName: string, deleted: boolean}} RowFields */
/** @typedef {{width: number, height: number, nx: number, validWidth(t: number): number, validHeight(t: number): number}} Layout  of a label map */
/**
 * Differing pixels that belong together.
 * @typedef {object} Group
 * @property {number} area  px
 * @property {Box} box  image pixels, both ends inside
 * @property {number[]} segments  triples (y, xa, xb) in image pixels, none crosses the border of a tile
 * @property {Map<number, number>} mine  number → px of it here
 * @property {Map<number, number>} theirs  number → px of it there
 */

/** Pixels in neighbouring cells of this side belong to one group: a ragged edge is one question, not a hundred. */
const CELL_SHIFT = 3;

/**
 * @param {Layout} map @param {TileConflict[]} conflicts
 * @returns {Group[]} the largest first
 */
export function groupsOf(map, conflicts) {
  const cells = createCells(map);
  /** @type {[number, number, number, number, number][]} y, xa, xb, mine, theirs */
  const segments = [];
  for (const conflict of conflicts) {
    eachSegment(map, conflict, (y, xa, xb, mine, theirs) => {
      segments.push([y, xa, xb, mine, theirs]);
      cells.mark(y, xa, xb);
    });
  }
  const groupAt = cells.groups();
  /** @type {Map<number, Group>} */
  const groups = new Map();
  for (const [y, xa, xb, mine, theirs] of segments) {
    const id = groupAt(xa, y);
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { area: 0, box: [xa, y, xb, y], segments: [], mine: new Map(), theirs: new Map() }));
    const { box } = group;
    const pixels = xb - xa + 1;
    group.area += pixels;
    group.box = [Math.min(box[0], xa), Math.min(box[1], y), Math.max(box[2], xb), Math.max(box[3], y)];
    group.segments.push(y, xa, xb);
    group.mine.set(mine, (group.mine.get(mine) ?? 0) + pixels);
    group.theirs.set(theirs, (group.theirs.get(theirs) ?? 0) + pixels);
  }
  return [...groups.values()].sort((a, b) => b.area - a.area);
}

/**
 * The tiles with one side chosen for each group.
 * @param {Layout} map @param {TileConflict[]} conflicts @param {Group[]} groups @param {(group: Group) => Side} sideOf
 * @returns {Map<number, TileState>} by tile; those that equal a side are that side's own object
 */
export function composed(map, conflicts, groups, sideOf) {
  /** @type {Map<number, number[]>} segments where theirs is taken, by tile */
  const taken = new Map();
  for (const group of groups) {
    if (sideOf(group) === "mine") continue;
    const { segments } = group;
    for (let i = 0; i < segments.length; i += 3) {
      const t = (segments[i] >> SHIFT) * map.nx + (segments[i + 1] >> SHIFT);
      const list = taken.get(t);
      if (list) list.push(segments[i], segments[i + 1], segments[i + 2]);
      else taken.set(t, [segments[i], segments[i + 1], segments[i + 2]]);
    }
  }
  return new Map(conflicts.map((conflict) => [conflict.t, withTaken(map, conflict, taken.get(conflict.t) ?? [])]));
}

/** @param {Layout} map @param {TileConflict} conflict @param {number[]} segments @returns {TileState} */
function withTaken(map, { t, mine, theirs }, segments) {
  if (segments.length === 0) return mine;
  const pixels = unpackTile(mine, new Uint16Array(TILE_PIXELS));
  const other = unpackTile(theirs, new Uint16Array(TILE_PIXELS));
  for (let i = 0; i < segments.length; i += 3) {
    const row = (segments[i] & MASK) << SHIFT;
    const first = row | (segments[i + 1] & MASK);
    const end = (row | (segments[i + 2] & MASK)) + 1;
    pixels.set(other.subarray(first, end), first);
  }
  const state = packTile(pixels, map.validWidth(t), map.validHeight(t));
  return sameTile(state, theirs) ? theirs : state;
}

/** @param {Layout} map @param {TileConflict} conflict @param {(y: number, xa: number, xb: number, mine: number, theirs: number) => void} visit */
function eachSegment(map, { t, mine, theirs }, visit) {
  const left = (t % map.nx) * TILE;
  const top = Math.floor(t / map.nx) * TILE;
  const [width, height] = [map.validWidth(t), map.validHeight(t)];
  eachDifference(mine, theirs, (a, b, start, end) => {
    while (start < end) {
      const y = start >> SHIFT;
      const xa = start & MASK;
      const stop = Math.min(end, (y + 1) << SHIFT);
      if (y < height && xa < width) visit(top + y, left + xa, left + Math.min(width, xa + stop - start) - 1, a, b);
      start = stop;
    }
  });
}

/** A coarse grid over the image: marked cells that touch, corners included, are one group. @param {Layout} map */
function createCells({ width, height }) {
  const across = (width >> CELL_SHIFT) + 1;
  const down = (height >> CELL_SHIFT) + 1;
  /** 0 unmarked, 1 marked, 2… a group. */
  const cells = new Int32Array(across * down);

  /** @param {number} start @param {number} group */
  function flood(start, group) {
    const stack = [start];
    cells[start] = group;
    while (stack.length > 0) {
      const cell = /** @type {number} */ (stack.pop());
      const x = cell % across;
      const y = (cell - x) / across;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(down - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(across - 1, x + 1); nx++) {
          const next = ny * across + nx;
          if (cells[next] !== 1) continue;
          cells[next] = group;
          stack.push(next);
        }
      }
    }
  }

  return {
    /** @param {number} y @param {number} xa @param {number} xb */
    mark(y, xa, xb) {
      const row = (y >> CELL_SHIFT) * across;
      cells.fill(1, row + (xa >> CELL_SHIFT), row + (xb >> CELL_SHIFT) + 1);
    },
    /** @returns {(x: number, y: number) => number} the group of a marked pixel */
    groups() {
      let last = 1;
      for (let cell = 0; cell < cells.length; cell++) if (cells[cell] === 1) flood(cell, ++last);
      return (x, y) => cells[(y >> CELL_SHIFT) * across + (x >> CELL_SHIFT)];
    },
  };
}

/**
 * The server's tiles beside mine.
 * @param {ArrayLike<TileState>} mine @param {ArrayLike<number>} versions  that mine started from @param {Set<number>} pending  tiles changed here
 * @param {{tiles: TileState[], versions: ArrayLike<number>}} theirs
 * @returns {{newer: number[], same: number[], lost: number[], conflicts: TileConflict[]}} newer: changed there only; same:
 *   changed on both sides, to the same pixels; lost: the server has gone back behind what it had acknowledged, as after
 *   a power cut or from a backup
 */
export function compareTiles(mine, versions, pending, theirs) {
  /** @type {{newer: number[], same: number[], lost: number[], conflicts: TileConflict[]}} */
  const found = { newer: [], same: [], lost: [], conflicts: [] };
  theirs.tiles.forEach((state, t) => {
    const isSame = sameTile(mine[t], state);
    if (versions[t] > theirs.versions[t] && !isSame) found.lost.push(t);
    else if (!pending.has(t)) {
      if (!isSame) found.newer.push(t);
    } else if (isSame) found.same.push(t);
    else if (versions[t] !== theirs.versions[t]) found.conflicts.push({ t, mine: mine[t], theirs: state });
  });
  return found;
}

/**
 * The server's rows beside mine.
 * @param {(number: number) => RowFields & {version: number}} mine @param {Set<number>} pending  rows changed here
 * @param {(RowFields & {number: number, version: number})[]} theirs
 * @returns {{newer: number[], lost: number[], conflicts: RowConflict[]}} newer: changed there only; lost: as of tiles
 */
export function compareRows(mine, pending, theirs) {
  /** @type {{newer: number[], lost: number[], conflicts: RowConflict[]}} */
  const found = { newer: [], lost: [], conflicts: [] };
  for (const row of theirs) {
    const here = mine(row.number);
    if (here.version === row.version) continue;
    const differs = here.term !== row.term || here.rawName !== row.rawName || here.deleted !== row.deleted;
    if (here.version > row.version) found.lost.push(row.number);
    else if (!pending.has(row.number)) found.newer.push(row.number);
    else if (differs) found.conflicts.push({ number: row.number, mine: here, theirs: row });
  }
  return found;
}

/**
 * What has to change in the rows, so that exactly the entities with pixels exist.
 * @param {{area: ArrayLike<number>, numbers(): number[]}} map  as decided
 * @param {(number: number) => {deleted: boolean}} fieldsOf @param {Iterable<number>} begun  entities that only this side has
 * @returns {import("./entities.js").EntityChange[]}
 */
export function existence(map, fieldsOf, begun) {
  /** @param {number} number @param {boolean} deleted */
  const change = (number, deleted) => ({ number, before: { deleted: !deleted }, after: { deleted } });
  const revived = map.numbers().filter((number) => fieldsOf(number).deleted);
  const emptied = [...new Set(begun)].filter((number) => number > 0 && map.area[number] === 0 && !fieldsOf(number).deleted);
  return [...revived.map((number) => change(number, false)), ...emptied.map((number) => change(number, true))];
}
