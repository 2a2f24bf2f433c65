import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { flood } from "../../frontend_static/segmentation/flood.js";
import { polygon } from "../../frontend_static/segmentation/polygon.js";
import { faultOfRuns, packTile } from "../../frontend_static/segmentation/tiles.js";
import { denseOf, dice, edited } from "./support.js";

const WIDTH = 1100;
const HEIGHT = 700;

function checkStats(map) {
  const dense = denseOf(map);
  const area = new Map();
  const boxes = new Map();
  dense.forEach((number, place) => {
    const x = place % WIDTH;
    const y = (place - x) / WIDTH;
    area.set(number, (area.get(number) ?? 0) + 1);
    const box = boxes.get(number) ?? [x, y, x, y];
    boxes.set(number, [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]);
  });
  for (let number = 0; number < 32; number++) {
    assert.equal(map.area[number], area.get(number) ?? 0, `area of ${number}`);
    assert.deepEqual(map.boxOf(number), boxes.get(number) ?? null, `box of ${number}`);
  }
  map.tiles.forEach((state, t) => {
    if (state.runs) assert.equal(faultOfRuns(state.runs), null);
    if (map.hot[t]) assert.deepEqual(state, packTile(map.hot[t].slice(), map.validWidth(t), map.validHeight(t)));
  });
}

function randomEdit(map, random, k) {
  const [x, y] = [random() * WIDTH, random() * HEIGHT];
  const number = 1 + (k % 30);
  const allow = k % 3 ? null : Uint8Array.from({ length: 65536 }, (_, i) => (i + 1) % 2);
  if (k % 4 < 2) {
    capsule(map, [x, y], [x + random() * 400 - 200, y + random() * 400 - 200], random() * 90 + 0.5, number, allow);
  } else if (k % 4 === 2) {
    const points = Array.from({ length: 30 }, () => [x + (random() - 0.5) * 1600, y + (random() - 0.5) * 1600]);
    polygon(map, points, number, allow);
  } else {
    flood(map, Math.floor(x), Math.floor(y), number);
  }
}

test("areas, boxes and canonical runs stay exact through random edits, undo and redo", () => {
  const random = dice(3);
  const map = createLabelMap(WIDTH, HEIGHT, { hotLimit: 3 });
  const start = denseOf(map);
  const history = [];
  for (let k = 0; k < 48; k++) {
    history.push(edited(map, () => randomEdit(map, random, k)));
    if (k % 12 === 11) checkStats(map);
  }
  const end = denseOf(map);
  for (const changes of [...history].reverse()) map.apply(changes, "before");
  assert.deepEqual(denseOf(map), start);
  checkStats(map);
  for (const changes of history) map.apply(changes, "after");
  assert.deepEqual(denseOf(map), end);
  checkStats(map);
});

test("a cancelled edit leaves no trace", () => {
  const random = dice(5);
  const map = createLabelMap(WIDTH, HEIGHT);
  for (let k = 0; k < 6; k++) edited(map, () => randomEdit(map, random, k));
  const before = denseOf(map);
  map.begin();
  capsule(map, [600, 500], [700, 690], 60, 39);
  flood(map, 2, 2, 38);
  polygon(map, [[0, 0], [WIDTH - 1, 0], [WIDTH - 1, HEIGHT - 1], [0, HEIGHT - 1]], 37);
  map.cancel();
  assert.deepEqual(denseOf(map), before);
  checkStats(map);
});

test("an edit that changes nothing makes no change", () => {
  const map = createLabelMap(600, 600);
  edited(map, () => capsule(map, [300, 300], [310, 310], 20, 4));
  assert.deepEqual(edited(map, () => capsule(map, [300, 300], [310, 310], 20, 4)), []);
});

test("merging whole entities is exact and can be undone", () => {
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => {
    capsule(map, [200, 200], [900, 300], 80, 1);
    capsule(map, [200, 400], [900, 500], 80, 2);
  });
  const before = denseOf(map);
  const changes = map.relabel([1], 2);
  assert.deepEqual(denseOf(map), before.map((number) => (number === 1 ? 2 : number)));
  assert.equal(map.area[1], 0);
  checkStats(map);
  map.apply(changes, "before");
  assert.deepEqual(denseOf(map), before);
});

test("an image of one pixel has one uniform tile", () => {
  const map = createLabelMap(1, 1);
  const [change] = edited(map, () => capsule(map, [0, 0], [0, 0], 3, 9));
  assert.equal(change.after.uni, 9);
  assert.equal(map.area[9], 1);
  assert.deepEqual(map.boxOf(9), [0, 0, 0, 0]);
});
