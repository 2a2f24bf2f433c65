/** Where two states of a tile differ, found through their runs: what they share at both ends is passed over. */
import { MASK, SHIFT, TILE_PIXELS } from "./tiles.js";

/** @typedef {import("./tiles.js").TileState} TileState */
/** @typedef {import("./tiles.js").TileStat} TileStat */
/**
 * What became of a tile.
 * @typedef {object} TileDifference
 * @property {[number, number, number, number]} box  around all that differs: x0, y0, x1, y1 in tile coordinates, both ends inside
 * @property {Map<number, TileStat>} gained  pixels that got a number
 * @property {Map<number, TileStat>} lost  pixels that had a number
 */

/**
 * Visit every stretch of pixels, row-major, in which two states differ and either has one number.
 * @param {TileState} before @param {TileState} after
 * @param {(old: number, now: number, start: number, end: number) => void} visit pixels start..end - 1
 */
export function eachDifference({ uni: oldUni, runs: p }, { uni: newUni, runs: q }, visit) {
  let [i, j] = [0, 0];
  let position = 0;
  let stop = TILE_PIXELS;
  if (p && q) {
    for (; i < p.length && p[i] === q[i] && p[i + 1] === q[i + 1]; i += 2) position += p[i + 1] + 1;
    if (position === TILE_PIXELS) return;
    j = i;
    let [a, b] = [p.length - 2, q.length - 2];
    for (; a >= i && b >= j && p[a] === q[b] && p[a + 1] === q[b + 1]; a -= 2, b -= 2) stop -= p[a + 1] + 1;
  }
  let endOld = p ? position + p[i + 1] + 1 : TILE_PIXELS;
  let endNew = q ? position + q[j + 1] + 1 : TILE_PIXELS;
  for (;;) {
    const end = Math.min(endOld, endNew);
    const old = p ? p[i] : oldUni;
    const now = q ? q[j] : newUni;
    if (old !== now) visit(old, now, position, end);
    position = end;
    if (position >= stop) return;
    if (p && endOld === position) endOld += p[(i += 2) + 1] + 1;
    if (q && endNew === position) endNew += q[(j += 2) + 1] + 1;
  }
}

/**
 * Add every number that gained or lost a pixel.
 * @param {TileState} before @param {TileState} after @param {Set<number>} numbers added to
 */
export function addChangedNumbers(before, after, numbers) {
  let [lastOld, lastNew] = [-1, -1];
  eachDifference(before, after, (old, now) => {
    if (old === lastOld && now === lastNew) return;
    numbers.add(old).add(now);
    lastOld = old;
    lastNew = now;
  });
}

/** @param {TileState} before @param {TileState} after @returns {TileDifference | null} null if they are the same */
export function differenceOf(before, after) {
  /** @type {Map<number, TileStat>} */
  const gained = new Map();
  /** @type {Map<number, TileStat>} */
  const lost = new Map();
  let [lastOld, lastNew] = [-1, -1];
  /** @type {TileStat} */
  let loss = nothing();
  /** @type {TileStat} */
  let gain = nothing();
  eachDifference(before, after, (old, now, start, end) => {
    if (old !== lastOld) loss = statIn(lost, (lastOld = old));
    if (now !== lastNew) gain = statIn(gained, (lastNew = now));
    addStretch(loss, start, end - 1);
    addStretch(gain, start, end - 1);
  });
  if (gained.size === 0) return null;
  const whole = nothing();
  for (const stat of gained.values()) addStat(whole, stat);
  return { box: [whole[1], whole[2], whole[3], whole[4]], gained, lost };
}

/** @returns {TileStat} */
const nothing = () => [0, MASK, MASK, 0, 0];

/** @param {Map<number, TileStat>} stats @param {number} number */
function statIn(stats, number) {
  let stat = stats.get(number);
  if (!stat) stats.set(number, (stat = nothing()));
  return stat;
}

/** @param {TileStat} stat added to @param {number} first @param {number} last */
function addStretch(stat, first, last) {
  const y0 = first >> SHIFT;
  const y1 = last >> SHIFT;
  // Whatever goes on into the next row touches the right and the left edge.
  const x0 = y0 === y1 ? first & MASK : 0;
  const x1 = y0 === y1 ? last & MASK : MASK;
  stat[0] += last - first + 1;
  if (x0 < stat[1]) stat[1] = x0;
  if (y0 < stat[2]) stat[2] = y0;
  if (x1 > stat[3]) stat[3] = x1;
  if (y1 > stat[4]) stat[4] = y1;
}

/** @param {TileStat} stat added to @param {TileStat} more */
export function addStat(stat, [pixels, x0, y0, x1, y1]) {
  stat[0] += pixels;
  if (x0 < stat[1]) stat[1] = x0;
  if (y0 < stat[2]) stat[2] = y0;
  if (x1 > stat[3]) stat[3] = x1;
  if (y1 > stat[4]) stat[4] = y1;
}

/** Area and box of one number in a tile that lies inside the image. @param {TileState} state not uniform @param {number} number @returns {TileStat} */
export function statOfNumber({ runs }, number) {
  const stat = nothing();
  if (!runs) return stat;
  for (let k = 0, position = 0; k < runs.length; k += 2) {
    const last = position + runs[k + 1];
    if (runs[k] === number) addStretch(stat, position, last);
    position = last + 1;
  }
  return stat;
}
