/** Growing, shrinking and smoothing one entity: its neighbours share the new border, so neither gap nor overlap arises. */
import { SHIFT, TILE, TILE_PIXELS, packTile, sameTile } from "./tiles.js";
import { nearest } from "./nearest.js";
import { readWindow } from "./window.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./label_map.js").TileChange} TileChange */
/** @typedef {"grow" | "shrink" | "smooth"} Refinement */
/**
 * @typedef {object} Refining
 * @property {Refinement} op
 * @property {number} radius  whole pixels, 1 to MAX_REFINE_RADIUS
 * @property {Uint8Array} allow  65536 entries: what the entity may take
 * @property {Uint8Array} receive  65536 entries: who may be given what the entity loses
 */

export const MAX_REFINE_RADIUS = 64;

/** How far around a tile one has to look. @type {Record<Refinement, (radius: number) => number>} */
const REACH = { grow: (radius) => radius, shrink: (radius) => radius, smooth: (radius) => 2 * radius + 1 };

/**
 * @param {LabelMap} map is only read @param {number} number @param {Refining} refining
 * @returns {TileChange[]} not applied
 */
export function refineEntity(map, number, refining) {
  /** @type {TileChange[]} */
  const changes = [];
  const reach = REACH[refining.op](refining.radius);
  for (const t of tilesAround(map, number)) {
    const left = (t % map.nx) * TILE;
    const top = Math.floor(t / map.nx) * TILE;
    const side = TILE + 2 * reach;
    const labels = readWindow(map, left - reach, top - reach, side, side);
    if (!labels.includes(number)) continue;
    refineWindow(labels, side, side, number, refining);
    const pixels = new Uint16Array(TILE_PIXELS);
    for (let y = 0; y < TILE; y++) pixels.set(labels.subarray((y + reach) * side + reach, (y + reach) * side + reach + TILE), y << SHIFT);
    const after = packTile(pixels, map.validWidth(t), map.validHeight(t));
    if (!sameTile(map.tiles[t], after)) changes.push({ t, before: map.tiles[t], after });
  }
  return changes;
}

/** The tiles of an entity and those around them. @param {LabelMap} map @param {number} number @returns {Set<number>} */
function tilesAround({ where, nx, ny }, number) {
  const around = new Set();
  for (const t of where.get(number) ?? []) {
    const tx = t % nx;
    const ty = Math.floor(t / nx);
    for (let y = Math.max(0, ty - 1); y <= Math.min(ny - 1, ty + 1); y++) {
      for (let x = Math.max(0, tx - 1); x <= Math.min(nx - 1, tx + 1); x++) around.add(y * nx + x);
    }
  }
  return around;
}

/**
 * Refine within a window; exact for pixels at least the operation's reach from its edge.
 * @param {Uint16Array} labels [height × width], changed in place
 * @param {number} width @param {number} height @param {number} number @param {Refining} refining
 */
export function refineWindow(labels, width, height, number, { op, radius, allow, receive }) {
  const inside = Uint8Array.from(labels, (label) => (label === number ? 1 : 0));
  const gains = op === "shrink" ? null : op === "grow" ? within(inside, width, height, radius) : majority(inside, width, height, radius);
  if (op !== "grow") giveAway(labels, inside, width, height, { op, radius, number, receive, kept: gains });
  if (!gains) return;
  for (let i = 0; i < labels.length; i++) if (gains[i] && !inside[i] && allow[labels[i]]) labels[i] = number;
}

/** Pixels at most a radius from the mask. @param {Uint8Array} inside @param {number} width @param {number} height @param {number} radius */
function within(inside, width, height, radius) {
  const { squared } = nearest(inside, width, height);
  return Uint8Array.from(squared, (distance) => (distance <= radius * radius ? 1 : 0));
}

/**
 * Give what the entity loses to the nearest other that may receive it.
 * @param {Uint16Array} labels @param {Uint8Array} inside @param {number} width @param {number} height
 * @param {{op: Refinement, radius: number, number: number, receive: Uint8Array, kept: Uint8Array | null}} loss
 */
function giveAway(labels, inside, width, height, { op, radius, number, receive, kept }) {
  const others = Uint8Array.from(labels, (label) => (label !== number && receive[label] ? 1 : 0));
  const { squared, at } = nearest(others, width, height);
  const furthest = op === "shrink" ? radius * radius : 2 * radius * radius;
  const before = labels.slice();
  for (let i = 0; i < labels.length; i++) {
    if (inside[i] && !kept?.[i] && squared[i] <= furthest) labels[i] = before[at[i]];
  }
}

/**
 * Where more than half of the (2r + 1)² pixels around belong to the mask; beyond the window its edge is repeated.
 * @param {Uint8Array} inside @param {number} width @param {number} height @param {number} radius
 * @returns {Uint8Array}
 */
export function majority(inside, width, height, radius) {
  const across = new Uint16Array(width * height);
  const side = 2 * radius + 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let sum = 0;
    for (let x = -radius; x <= radius; x++) sum += inside[row + Math.max(0, Math.min(width - 1, x))];
    for (let x = 0; x < width; x++) {
      across[row + x] = sum;
      sum += inside[row + Math.min(width - 1, x + radius + 1)] - inside[row + Math.max(0, x - radius)];
    }
  }
  const out = new Uint8Array(width * height);
  const sums = new Int32Array(width);
  for (let y = -radius; y <= radius; y++) {
    const row = Math.max(0, Math.min(height - 1, y)) * width;
    for (let x = 0; x < width; x++) sums[x] += across[row + x];
  }
  for (let y = 0; y < height; y++) {
    const entering = Math.min(height - 1, y + radius + 1) * width;
    const leaving = Math.max(0, y - radius) * width;
    for (let x = 0; x < width; x++) {
      out[y * width + x] = 2 * sums[x] > side * side ? 1 : 0;
      sums[x] += across[entering + x] - across[leaving + x];
    }
  }
  return out;
}
