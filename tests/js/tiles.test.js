import assert from "node:assert/strict";
import test from "node:test";
import {
  TILE, TILE_PIXELS, canonicalRuns, faultOfRuns, packTile, relabelTile, statsOfTile, unpackTile,
} from "../../frontend_static/segmentation/tiles.js";
import { dice } from "./support.js";

test("packing and unpacking is lossless and canonical, long runs included", () => {
  const random = dice(7);
  for (let k = 0; k < 24; k++) {
    const pixels = new Uint16Array(TILE_PIXELS);
    for (let j = 0; j < k * 4; j++) {
      const start = Math.floor(random() * TILE_PIXELS);
      pixels.fill(1 + (j % 9), start, Math.min(TILE_PIXELS, start + random() * 90000));
    }
    const state = packTile(pixels);
    assert.deepEqual(unpackTile(state, new Uint16Array(TILE_PIXELS)), pixels);
    if (state.runs) assert.equal(faultOfRuns(state.runs), null);
  }
});

test("a run is cut at 65536 pixels, the remainder last", () => {
  const pixels = new Uint16Array(TILE_PIXELS).fill(3);
  pixels[TILE_PIXELS - 1] = 4;
  assert.deepEqual([...packTile(pixels).runs], [3, 65535, 3, 65535, 3, 65535, 3, 65534, 4, 0]);
});

test("an edge tile repeats its last column and row, so that it can be uniform", () => {
  const pixels = new Uint16Array(TILE_PIXELS).fill(8);
  for (let y = 0; y < 10; y++) pixels.fill(5, y * TILE, y * TILE + 20);
  const state = packTile(pixels, 20, 10);
  assert.deepEqual(state, { uni: 5, runs: null });
  assert.deepEqual(statsOfTile(state, 20, 10), new Map([[5, [200, 0, 0, 19, 9]]]));
  assert.deepEqual([...canonicalRuns(state)], [5, 65535, 5, 65535, 5, 65535, 5, 65535]);
});

test("relabelling joins runs that have become equal", () => {
  const pixels = new Uint16Array(TILE_PIXELS);
  for (let i = 0; i < TILE_PIXELS; i++) pixels[i] = i % 3;
  const state = relabelTile(packTile(pixels), new Set([1]), 2);
  assert.equal(faultOfRuns(state.runs), null);
  assert.deepEqual(unpackTile(state, new Uint16Array(TILE_PIXELS)), pixels.map((number) => (number === 1 ? 2 : number)));
  assert.deepEqual(relabelTile(state, new Set([0]), 2), { uni: 2, runs: null });
});

test("runs that are not canonical are named", () => {
  assert.match(faultOfRuns(Uint16Array.from([1, 10, 1, 20])), /same number/);
  assert.match(faultOfRuns(Uint16Array.from([1, 10, 2, 20])), /cover 32 pixels/);
  assert.match(faultOfRuns(new Uint16Array(3)), /pairs/);
});
