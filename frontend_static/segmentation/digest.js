/** The proof that two sides hold the same label map: SHA-256 over tiles, and over the tiles' digests. */
import { TILE, canonicalRuns } from "./tiles.js";

/** @typedef {import("./tiles.js").TileState} TileState */

/** Runs are immutable and shared by map, undo and journal, so a digest is worth keeping as long as they live. */
/** @type {WeakMap<Uint16Array, Promise<Uint8Array>>} */
const ofRuns = new WeakMap();
/** @type {Map<number, Promise<Uint8Array>>} */
const ofUniform = new Map();

const HANDFUL = 12;

/** Browsers hash only for pages that came over HTTPS or from this computer. */
export const canHash = () => crypto.subtle !== undefined;

/** @param {Uint16Array} runs */
const sha256 = async (runs) =>
  new Uint8Array(
    await crypto.subtle.digest("SHA-256", new Uint8Array(runs.buffer, runs.byteOffset, runs.byteLength).slice()),
  );

/**
 * @template K
 * @param {{get(key: K): Promise<Uint8Array> | undefined, set(key: K, value: Promise<Uint8Array>): unknown}} known
 * @param {K} key @param {TileState} state
 */
function remembered(known, key, state) {
  let digest = known.get(key);
  if (!digest) {
    digest = sha256(canonicalRuns(state));
    known.set(key, digest);
  }
  return digest;
}

/** @param {TileState} state @returns {Promise<Uint8Array>} 32 bytes */
export const tileDigest = (state) =>
  state.runs ? remembered(ofRuns, state.runs, state) : remembered(ofUniform, state.uni, state);

/**
 * Make the digests of many tiles, some at a time: the first proof of a large map then waits for none of them.
 * @param {TileState[]} tiles @param {() => Promise<unknown>} pause before each handful
 */
export async function digestAhead(tiles, pause) {
  for (let at = 0; at < tiles.length; at += HANDFUL) {
    await pause();
    await Promise.all(tiles.slice(at, at + HANDFUL).map(tileDigest));
  }
}

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * map_sha256 of docs/label_map_format.md.
 * @param {number} width @param {number} height @param {TileState[]} tiles in row-major order
 * @returns {Promise<string>} 64 hexadecimal digits
 */
export async function mapSha256(width, height, tiles) {
  const digests = await Promise.all(tiles.map(tileDigest));
  const bytes = new Uint8Array(16 + 32 * digests.length);
  bytes.set(new TextEncoder().encode("ELM1"));
  const header = new DataView(bytes.buffer);
  [width, height, TILE].forEach((value, i) => header.setUint32(4 + 4 * i, value, true));
  digests.forEach((digest, t) => bytes.set(digest, 16 + 32 * t));
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
