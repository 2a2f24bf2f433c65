/** Which entities touch which, from the runs: the graph that colours are chosen on. */
import { MASK, SHIFT, TILE } from "./tiles.js";

/** @typedef {import("./tiles.js").TileState} TileState */
/** @typedef {Map<number, Map<number, number>>} Adjacency number → neighbour → contacts met */
/** What is needed of a label map; it can be sent to a worker. @typedef {{width: number, height: number, nx: number, count: number, tiles: TileState[]}} Tiles */

/** Every so many rows or columns a contact across is looked for; inside a tile every horizontal one is seen. */
const STEP = 8;

/** @param {Tiles} map @returns {Adjacency} VOID left out */
export function adjacencyOf({ width, height, nx, count, tiles }) {
  /** @type {Map<number, number>} both numbers in one, the smaller first → contacts */
  const contacts = new Map();
  /** @param {number} a @param {number} b */
  const meet = (a, b) => {
    if (a === b || a === 0 || b === 0) return;
    const pair = a < b ? a * 65536 + b : b * 65536 + a;
    contacts.set(pair, (contacts.get(pair) ?? 0) + 1);
  };
  for (let t = 0; t < count; t++) {
    const { runs } = tiles[t];
    if (runs) meetInside(runs, meet);
    const right = (t % nx) + 1 < nx ? tiles[t + 1] : null;
    const below = t + nx < count ? tiles[t + nx] : null;
    const rows = Math.min(TILE, height - Math.floor(t / nx) * TILE);
    const columns = Math.min(TILE, width - (t % nx) * TILE);
    if (right) meetAcross(valuesAt(tiles[t], rows, (i) => (i << SHIFT) | MASK), valuesAt(right, rows, (i) => i << SHIFT), meet);
    if (below) meetAcross(valuesAt(tiles[t], columns, (i) => (MASK << SHIFT) | i), valuesAt(below, columns, (i) => i), meet);
  }
  return graphOf(contacts);
}

/** @param {Map<number, number>} contacts @returns {Adjacency} */
function graphOf(contacts) {
  /** @type {Adjacency} */
  const adjacency = new Map();
  /** @param {number} number @param {number} other @param {number} met */
  const add = (number, other, met) => {
    let neighbours = adjacency.get(number);
    if (!neighbours) adjacency.set(number, (neighbours = new Map()));
    neighbours.set(other, met);
  };
  for (const [pair, met] of contacts) {
    const [a, b] = [Math.floor(pair / 65536), pair & 65535];
    add(a, b, met);
    add(b, a, met);
  }
  return adjacency;
}

/** @param {Uint16Array} runs @param {(a: number, b: number) => void} meet */
function meetInside(runs, meet) {
  for (let k = 2; k < runs.length; k += 2) meet(runs[k - 2], runs[k]);
  const columns = TILE / STEP;
  const above = new Uint16Array(columns);
  let k = 0;
  let last = runs[1];
  for (let y = 0; y < TILE; y++) {
    for (let c = 0; c < columns; c++) {
      const place = (y << SHIFT) + c * STEP;
      while (last < place) {
        k += 2;
        last += runs[k + 1] + 1;
      }
      if (y > 0) meet(above[c], runs[k]);
      above[c] = runs[k];
    }
  }
}

/** The numbers along a border. @param {TileState} tile @param {number} length @param {(i: number) => number} placeOf ascending */
function valuesAt({ uni, runs }, length, placeOf) {
  const values = new Uint16Array(Math.ceil(length / STEP));
  if (!runs) return values.fill(uni);
  let k = 0;
  let last = runs[1];
  for (let i = 0; i < values.length; i++) {
    const place = placeOf(i * STEP);
    while (last < place) {
      k += 2;
      last += runs[k + 1] + 1;
    }
    values[i] = runs[k];
  }
  return values;
}

/** @param {Uint16Array} one @param {Uint16Array} other @param {(a: number, b: number) => void} meet */
function meetAcross(one, other, meet) {
  for (let i = 0; i < one.length; i++) meet(one[i], other[i]);
}
