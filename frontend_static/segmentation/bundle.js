/** The ELM1 bundle: how a whole label map, or some of its tiles, travels. docs/label_map_format.md has the layout. */
import { TILE } from "./tiles.js";
import { createLabelMap } from "./label_map.js";

/** @typedef {import("./tiles.js").TileState} TileState */
/** @typedef {{width: number, height: number, tiles: TileState[], versions: Uint32Array, indices: Uint32Array | null}} Bundle */

const MAGIC = "ELM1";
const HEADER_BYTES = 20;

/**
 * @param {ArrayBuffer} buffer @param {{partial?: boolean}} [options] partial: tiles of a map, with their indices
 * @returns {Bundle}
 */
export function parseBundle(buffer, { partial = false } = {}) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || new TextDecoder().decode(new Uint8Array(buffer, 0, 4)) !== MAGIC) {
    throw new Error("This is not a label map bundle.");
  }
  const [width, height, tileSide, count] = [4, 8, 12, 16].map((offset) => view.getUint32(offset, true));
  if (tileSide !== TILE) throw new Error(`Tiles of ${tileSide} pixels are not understood.`);
  const uni = new Int32Array(buffer, HEADER_BYTES, count);
  const lengths = new Uint32Array(buffer, HEADER_BYTES + 4 * count, count);
  const versions = new Uint32Array(buffer, HEADER_BYTES + 8 * count, count).slice();
  const indices = partial ? new Uint32Array(buffer, HEADER_BYTES + 12 * count, count).slice() : null;
  let offset = HEADER_BYTES + (partial ? 16 : 12) * count;
  /** @type {TileState[]} */
  const tiles = [];
  for (let i = 0; i < count; i++) {
    // A copy of its own: whatever a tile is sent or stored with would otherwise carry the whole bundle along.
    tiles.push({ uni: uni[i], runs: uni[i] >= 0 ? null : new Uint16Array(buffer, offset, lengths[i]).slice() });
    offset += 2 * lengths[i];
  }
  return { width, height, tiles, versions, indices };
}

/**
 * @param {Bundle} bundle
 * @returns {Uint8Array}
 */
export function encodeBundle({ width, height, tiles, versions, indices }) {
  const count = tiles.length;
  const headBytes = HEADER_BYTES + (indices ? 16 : 12) * count;
  const runBytes = tiles.reduce((sum, { runs }) => sum + (runs?.byteLength ?? 0), 0);
  const bytes = new Uint8Array(headBytes + runBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  [width, height, TILE, count].forEach((value, i) => view.setUint32(4 + 4 * i, value, true));
  let offset = headBytes;
  tiles.forEach(({ uni, runs }, i) => {
    view.setInt32(HEADER_BYTES + 4 * i, uni, true);
    view.setUint32(HEADER_BYTES + 4 * (count + i), runs?.length ?? 0, true);
    view.setUint32(HEADER_BYTES + 4 * (2 * count + i), versions[i], true);
    if (indices) view.setUint32(HEADER_BYTES + 4 * (3 * count + i), indices[i], true);
    if (!runs) return;
    bytes.set(new Uint8Array(runs.buffer, runs.byteOffset, runs.byteLength), offset);
    offset += runs.byteLength;
  });
  return bytes;
}

/**
 * A label map holding a bundle's tiles.
 * @param {Bundle} bundle @param {{hotLimit?: number}} [options]
 */
export function mapOfBundle({ width, height, tiles }, options) {
  const map = createLabelMap(width, height, options);
  tiles.forEach((state, t) => {
    if (state.uni !== 0) map.install(t, state);
  });
  map.dirty.clear();
  return map;
}
