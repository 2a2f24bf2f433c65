/** Which entities touch which, from the runs: the graph that colours are chosen on. */
import { SHIFT, TILE } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {Map<number, Map<number, number>>} Adjacency number → neighbour → contacts met */

/** Every so many columns a vertical contact is looked for; every horizontal one is seen. */
const COLUMN_STEP = 8;

/** @param {LabelMap} map @returns {Adjacency} VOID left out */
export function adjacencyOf(map) {
  /** @type {Adjacency} */
  const adjacency = new Map();
  /** @param {number} a @param {number} b */
  const meet = (a, b) => {
    if (a === b || a === 0 || b === 0) return;
    count(adjacency, a, b);
    count(adjacency, b, a);
  };
  for (let t = 0; t < map.count; t++) {
    const { runs } = map.tiles[t];
    if (runs) meetInside(runs, meet);
    if ((t % map.nx) + 1 < map.nx) meetBorder(map, t, t + 1, "vertical", meet);
    if (t + map.nx < map.count) meetBorder(map, t, t + map.nx, "horizontal", meet);
  }
  return adjacency;
}

/** @param {Adjacency} adjacency @param {number} a @param {number} b */
function count(adjacency, a, b) {
  let neighbours = adjacency.get(a);
  if (!neighbours) adjacency.set(a, (neighbours = new Map()));
  neighbours.set(b, (neighbours.get(b) ?? 0) + 1);
}

/** @param {Uint16Array} runs @param {(a: number, b: number) => void} meet */
function meetInside(runs, meet) {
  for (let k = 2; k < runs.length; k += 2) meet(runs[k - 2], runs[k]);
  const columns = TILE / COLUMN_STEP;
  const above = new Uint16Array(columns);
  let k = 0;
  let last = runs[1];
  for (let y = 0; y < TILE; y++) {
    for (let c = 0; c < columns; c++) {
      const place = (y << SHIFT) + c * COLUMN_STEP;
      while (last < place) {
        k += 2;
        last += runs[k + 1] + 1;
      }
      if (y > 0) meet(above[c], runs[k]);
      above[c] = runs[k];
    }
  }
}

/**
 * Contacts across the border of two tiles, where one is uniform: mixed neighbours meet inside their own tiles soon enough.
 * @param {LabelMap} map @param {number} t @param {number} next @param {"vertical" | "horizontal"} border
 * @param {(a: number, b: number) => void} meet
 */
function meetBorder(map, t, next, border, meet) {
  if (map.tiles[t].uni < 0 && map.tiles[next].uni < 0) return;
  const left = (t % map.nx) * TILE;
  const top = Math.floor(t / map.nx) * TILE;
  for (let i = 0; i < TILE; i += COLUMN_STEP) {
    const [x, y] = border === "vertical" ? [left + TILE - 1, top + i] : [left + i, top + TILE - 1];
    if (x >= map.width || y >= map.height) return;
    if (border === "vertical") meet(map.get(x, y), map.get(x + 1, y));
    else meet(map.get(x, y), map.get(x, y + 1));
  }
}
