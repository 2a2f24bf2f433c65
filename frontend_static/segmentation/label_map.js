/**
 * The label map in memory: every tile as runs, a few of them also as pixels, areas and boxes always exact.
 *
 * `tiles[t]` is the last committed state: immutable, shared with undo, journal and autosave. A hot tile is a decoded
 * copy kept while useful; it may differ from `tiles[t]` only while an edit is open, which makes cancelling an edit
 * as cheap as dropping the copy.
 */
import { addChangedNumbers, addStat, differenceOf, statOfNumber } from "./tile_difference.js";
import { MASK, SHIFT, TILE, TILE_PIXELS, numberOfTile, packRows, relabelTile, sameTile, statsOfTile, unpackRows, unpackTile } from "./tiles.js";

/** @typedef {import("./tiles.js").TileState} TileState */
/** @typedef {{t: number, before: TileState, after: TileState}} TileChange */
/** @typedef {[number, number, number, number]} Box x0, y0, x1, y1 in image pixels, both ends inside */
/** @typedef {ReturnType<typeof createLabelMap>} LabelMap */

const SPARE_BUFFERS = 16;
const FEW_PROBES = 16;
/** @type {Uint16Array[]} */
const spare = [];
const takeBuffer = () => spare.pop() ?? new Uint16Array(TILE_PIXELS);
/** @param {Uint16Array} buffer */
const giveBuffer = (buffer) => {
  if (spare.length < SPARE_BUFFERS) spare.push(buffer);
};

/** @type {TileState} */
const EMPTY = Object.freeze({ uni: 0, runs: null });

/**
 * @param {number} width @param {number} height
 * @param {{hotLimit?: number}} [options] hotLimit: decoded tiles kept, 512 kB each
 */
export function createLabelMap(width, height, { hotLimit = 128 } = {}) {
  const nx = Math.ceil(width / TILE);
  const ny = Math.ceil(height / TILE);
  const count = nx * ny;
  /** @type {TileState[]} */
  const tiles = new Array(count).fill(EMPTY);
  /** @type {(Uint16Array | null)[]} */
  const hot = new Array(count).fill(null);
  const usedAt = new Float64Array(count);
  /** Pixels of a tile asked for while it was not decoded. */
  const probes = new Uint8Array(count);
  /** @type {Map<number, import("./tiles.js").TileStat>[]} */
  const stats = new Array(count);
  /** Pixels of each number. */
  const area = new Float64Array(65536);
  /** @type {Map<number, Set<number>>} tiles in which a number occurs */
  const where = new Map();
  /** @type {Map<number, Box>} rectangles (tile coordinates) changed since a renderer last asked */
  const dirty = new Map();
  let hotCount = 0;
  let clock = 0;
  /** @type {{written: Set<number>, replaced: Map<number, TileState>} | null} */
  let edit = null;
  /** Rows of each tile that the open edit has touched: only they are packed again. */
  const firstRow = new Int16Array(count);
  const lastRow = new Int16Array(count);

  /** @param {number} t */
  const validWidth = (t) => Math.min(TILE, width - (t % nx) * TILE);
  /** @param {number} t */
  const validHeight = (t) => Math.min(TILE, height - Math.floor(t / nx) * TILE);

  /** @param {number} t @param {Map<number, import("./tiles.js").TileStat>} next */
  function setStats(t, next) {
    for (const [number, [pixels]] of stats[t] ?? []) {
      area[number] -= pixels;
      if (!next.has(number)) where.get(number)?.delete(t);
    }
    for (const [number, [pixels]] of next) {
      area[number] += pixels;
      placesOf(number).add(t);
    }
    stats[t] = next;
  }

  /** @param {number} t */
  const restat = (t) => setStats(t, statsOfTile(tiles[t], validWidth(t), validHeight(t)));

  /**
   * Bring areas and boxes up to date with a tile, through what differs from the state they are of.
   * @param {number} t @param {TileState} before @param {Set<number>} [changed] numbers that gained or lost a pixel are added
   * @returns {Box | null} around what differs, tile coordinates; null if nothing does
   */
  function follow(t, before, changed) {
    const after = tiles[t];
    const isWhole = validWidth(t) === TILE && validHeight(t) === TILE;
    if (!isWhole || before.uni >= 0 || after.uni >= 0) {
      if (sameTile(before, after)) return null;
      if (changed) addChangedNumbers(before, after, changed);
      restat(t);
      return [0, 0, MASK, MASK];
    }
    const difference = differenceOf(before, after);
    if (!difference) return null;
    for (const [number, stat] of difference.gained) gain(t, number, stat);
    for (const [number, stat] of difference.lost) lose(t, number, stat);
    for (const number of [...difference.gained.keys(), ...difference.lost.keys()]) changed?.add(number);
    return difference.box;
  }

  /** @param {number} t @param {number} number @param {import("./tiles.js").TileStat} more */
  function gain(t, number, more) {
    area[number] += more[0];
    const stat = stats[t].get(number);
    if (stat) addStat(stat, more);
    else {
      stats[t].set(number, more);
      placesOf(number).add(t);
    }
  }

  /** @param {number} t @param {number} number @param {import("./tiles.js").TileStat} less */
  function lose(t, number, [pixels, x0, y0, x1, y1]) {
    area[number] -= pixels;
    const stat = stats[t].get(number);
    if (!stat) return;
    stat[0] -= pixels;
    if (stat[0] === 0) {
      stats[t].delete(number);
      placesOf(number).delete(t);
    } else if (x0 === stat[1] || y0 === stat[2] || x1 === stat[3] || y1 === stat[4]) {
      // Only what lay at an edge of the box can have held it there.
      stats[t].set(number, statOfNumber(tiles[t], number));
    }
  }

  /** Tiles in which a number occurs. @param {number} number */
  function placesOf(number) {
    let places = where.get(number);
    if (!places) where.set(number, (places = new Set()));
    return places;
  }

  /** Tell what was written to a tile: drawn next, and packed when the edit is closed.
   * @param {number} t @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
  function touch(t, x0, y0, x1, y1) {
    if (y0 < firstRow[t]) firstRow[t] = y0;
    if (y1 > lastRow[t]) lastRow[t] = y1;
    const box = dirty.get(t);
    if (!box) {
      dirty.set(t, [x0, y0, x1, y1]);
      return;
    }
    if (x0 < box[0]) box[0] = x0;
    if (y0 < box[1]) box[1] = y0;
    if (x1 > box[2]) box[2] = x1;
    if (y1 > box[3]) box[3] = y1;
  }

  /** @param {number} t */
  function cool(t) {
    const pixels = hot[t];
    if (!pixels) return;
    giveBuffer(pixels);
    hot[t] = null;
    hotCount--;
  }

  function evict() {
    const idle = [];
    for (let t = 0; t < count; t++) if (hot[t] && !edit?.written.has(t)) idle.push(t);
    idle.sort((a, b) => usedAt[a] - usedAt[b]);
    for (const t of idle) {
      if (hotCount <= hotLimit * 0.8) return;
      cool(t);
    }
  }

  /** Pixels of a tile, for reading only. @param {number} t @returns {Uint16Array} */
  function read(t) {
    let pixels = hot[t];
    if (!pixels) {
      pixels = hot[t] = unpackTile(tiles[t], takeBuffer());
      hotCount++;
      if (hotCount > hotLimit) {
        usedAt[t] = clock + 1;
        evict();
      }
    }
    usedAt[t] = ++clock;
    probes[t] = 0;
    return pixels;
  }

  /** Pixels of a tile for writing; an edit must be open. Tell `touch` all that was written, or nothing. @param {number} t @returns {Uint16Array} */
  function write(t) {
    openEdit().written.add(t);
    return read(t);
  }

  function openEdit() {
    if (!edit) throw new Error("No edit is open.");
    return edit;
  }

  /**
   * Change a tile without decoding it; an edit must be open, and have written no pixels of it that should stay.
   * @param {number} t @param {TileState} state @param {number} [first] row that changes @param {number} [last]
   */
  function replace(t, state, first = 0, last = MASK) {
    const { written, replaced } = openEdit();
    if (!replaced.has(t)) replaced.set(t, tiles[t]);
    cool(t);
    tiles[t] = state;
    written.add(t);
    touch(t, 0, first, MASK, last);
  }

  /** Make a whole tile one number without decoding it. @param {number} t @param {number} number */
  const setUniform = (t, number) => replace(t, { uni: number, runs: null });

  /** Put committed content in place: loading, undo, redo, another's version. @param {number} t @param {TileState} state */
  function install(t, state) {
    const before = tiles[t];
    tiles[t] = state;
    if (edit?.written.has(t)) {
      edit.replaced.delete(t);
      cool(t);
      restat(t);
      touch(t, 0, 0, MASK, MASK);
      return;
    }
    const box = follow(t, before);
    if (!box) return;
    const pixels = hot[t];
    if (state.uni >= 0) cool(t);
    else if (pixels) unpackRows(state, pixels, box[1], box[3]);
    touch(t, ...box);
  }

  function begin() {
    if (edit) cancel();
    edit = { written: new Set(), replaced: new Map() };
    firstRow.fill(TILE);
    lastRow.fill(-1);
  }

  /** Forget the open edit: every tile is as it was before `begin`. */
  function cancel() {
    const { written, replaced } = openEdit();
    for (const t of written) {
      tiles[t] = replaced.get(t) ?? tiles[t];
      cool(t);
      touch(t, 0, 0, MASK, MASK);
    }
    edit = null;
  }

  /** A tile as it is now; all of it is looked at if nobody has told what was written. @param {number} t @param {Uint16Array} pixels */
  function packWritten(t, pixels) {
    const isTold = lastRow[t] >= 0;
    return packRows(tiles[t], pixels, isTold ? firstRow[t] : 0, isTold ? lastRow[t] : MASK, validWidth(t), validHeight(t));
  }

  /** Close the open edit. @param {Set<number>} [changed] numbers that gained or lost a pixel are added @returns {TileChange[]} the tiles that really changed */
  function commit(changed) {
    const { written, replaced } = openEdit();
    /** @type {TileChange[]} */
    const changes = [];
    for (const t of written) {
      const before = replaced.get(t) ?? tiles[t];
      const pixels = hot[t];
      const after = pixels ? packWritten(t, pixels) : tiles[t];
      const isChanged = !sameTile(before, after);
      tiles[t] = isChanged ? after : before;
      if (after.uni >= 0) cool(t);
      if (!isChanged) continue;
      changes.push({ t, before, after });
      follow(t, before, changed);
    }
    edit = null;
    return changes;
  }

  /** @param {TileChange[]} changes @param {"before" | "after"} side */
  function apply(changes, side) {
    for (const change of changes) install(change.t, change[side]);
  }

  /** Give whole entities another number; works on runs, so its cost is that of the tiles they lie in.
   * @param {number[]} from @param {number} to @returns {TileChange[]} */
  function relabel(from, to) {
    const numbers = new Set(from);
    const places = new Set(from.flatMap((number) => [...(where.get(number) ?? [])]));
    const changes = [...places].map((t) => ({ t, before: tiles[t], after: relabelTile(tiles[t], numbers, to) }));
    apply(changes, "after");
    return changes;
  }

  /** Number at a pixel; VOID outside the image. @param {number} x @param {number} y */
  function get(x, y) {
    if (x < 0 || y < 0 || x >= width || y >= height) return 0;
    const t = (y >> SHIFT) * nx + (x >> SHIFT);
    const place = ((y & MASK) << SHIFT) | (x & MASK);
    const pixels = hot[t];
    if (pixels) return pixels[place];
    // Decoding pays for whoever comes often.
    if (tiles[t].uni < 0 && probes[t]++ >= FEW_PROBES) return read(t)[place];
    return numberOfTile(tiles[t], place);
  }

  /** @param {number} number @returns {Box | null} */
  function boxOf(number) {
    /** @type {Box} */
    const box = [Infinity, Infinity, -1, -1];
    for (const t of where.get(number) ?? []) {
      const stat = stats[t].get(number);
      if (!stat) continue;
      const left = (t % nx) * TILE;
      const top = Math.floor(t / nx) * TILE;
      box[0] = Math.min(box[0], left + stat[1]);
      box[1] = Math.min(box[1], top + stat[2]);
      box[2] = Math.max(box[2], left + stat[3]);
      box[3] = Math.max(box[3], top + stat[4]);
    }
    return box[2] < 0 ? null : box;
  }

  /** Numbers that have pixels, VOID left out. @returns {number[]} */
  const numbers = () => [...where.keys()].filter((number) => number > 0 && area[number] > 0);

  function memory() {
    let runBytes = 0;
    for (const { runs } of tiles) runBytes += runs?.byteLength ?? 0;
    return { tiles: count, runBytes, hotTiles: hotCount, hotBytes: hotCount * TILE_PIXELS * 2 };
  }

  for (let t = 0; t < count; t++) restat(t);

  return {
    width, height, nx, ny, count, tiles, hot, stats, area, where, dirty,
    validWidth, validHeight, get, read, write, replace, setUniform, touch, install, begin, cancel, commit, apply, relabel,
    boxOf, numbers, memory,
    /** Whether the open edit has written to a tile. @param {number} t */
    isWritten: (t) => edit?.written.has(t) ?? false,
    isEditing: () => edit !== null,
    /** The number of a tile that is uniform even counting the open edit, or -1. @param {number} t */
    uniformNow: (t) => (hot[t] ? -1 : tiles[t].uni),
  };
}
