import assert from "node:assert/strict";
import test from "node:test";
import {
  TILE, TILE_PIXELS, canonicalRuns, faultOfRuns, packRows, packTile, relabelTile, statsOfTile, unpackRows, unpackTile,
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

test("packing and unpacking some rows comes to the same as all of them", () => {
  const random = dice(19);
  for (let k = 0; k < 60; k++) {
    const [width, height] = k % 3 ? [TILE, TILE] : [300 + k, 420 - k];
    const pixels = new Uint16Array(TILE_PIXELS).fill(k % 4);
    for (let j = 0; j < 3 * (k % 10); j++) {
      const start = Math.floor(random() * TILE_PIXELS);
      pixels.fill(65500 + (j % 5), start, Math.min(TILE_PIXELS, start + random() ** 4 * 90000));
    }
    const before = packTile(pixels, width, height);
    const first = Math.floor(random() * height);
    const last = first + Math.floor(random() * (height - first));
    const changed = pixels.slice();
    for (let y = first; y <= last; y++) {
      const start = (y << 9) + Math.floor(random() * 100 * (k % 2));
      changed.fill(k % 5 ? k % 4 : 7, start, k % 2 ? start + 1 + Math.floor(random() * (width - 100)) : (y << 9) + width);
    }
    const after = packTile(changed.slice(), width, height);
    assert.deepEqual(packRows(before, changed, first, last, width, height), after);
    const end = last === height - 1 ? TILE - 1 : last;
    assert.ok(Buffer.from(unpackRows(after, pixels, first, end).buffer).equals(Buffer.from(changed.buffer)));
  }
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
