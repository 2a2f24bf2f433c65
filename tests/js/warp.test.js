import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { polygon } from "../../frontend_static/segmentation/polygon.js";
import { createWarp } from "../../frontend_static/segmentation/warp.js";
import { denseOf, edited } from "./support.js";

const SIDE = 560;
const only = (...numbers) => {
  const movable = new Uint8Array(65536);
  for (const number of numbers) movable[number] = 1;
  return movable;
};

/** Left half 1, right half 2, a disc 3 on their border. */
function halves() {
  const map = createLabelMap(SIDE, SIDE);
  edited(map, () => {
    polygon(map, [[-1, -1], [SIDE, -1], [SIDE, SIDE], [-1, SIDE]], 1);
    polygon(map, [[279.5, -1], [SIDE, -1], [SIDE, SIDE], [279.5, SIDE]], 2);
    capsule(map, [280, 420], [280, 420], 40, 3);
  });
  return map;
}

test("a dragged border moves with the pointer: both neighbours change, nothing else does", () => {
  const map = halves();
  const before = denseOf(map);
  edited(map, () => createWarp(map, only(1, 2)).drag([280, 200], [310, 200], 60));
  const now = denseOf(map);
  assert.equal(map.get(305, 200), 1, "the border followed");
  assert.equal(map.get(320, 200), 2);
  assert.ok(map.area[1] > before.filter((number) => number === 1).length);
  now.forEach((number, i) => {
    assert.notEqual(number, 0);
    assert.equal(number === 3, before[i] === 3);
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    if (Math.min(Math.hypot(x - 280, y - 200), Math.hypot(x - 310, y - 200)) > 61 && Math.abs(y - 200) > 61) assert.equal(number, before[i]);
  });
});

test("what is not movable stays to the pixel, though dragged over", () => {
  const map = halves();
  const before = denseOf(map);
  edited(map, () => createWarp(map, only(1, 2)).drag([280, 360], [330, 420], 70));
  denseOf(map).forEach((number, i) => assert.equal(number === 3, before[i] === 3));
});

test("many small steps there and back restore the border but for single pixels", () => {
  const map = halves();
  const before = denseOf(map);
  map.begin();
  const warp = createWarp(map, only(1, 2, 3));
  for (let k = 0; k < 20; k++) warp.drag([280 + k, 200], [281 + k, 200], 80);
  const away = denseOf(map).reduce((sum, number, i) => sum + (number !== before[i] ? 1 : 0), 0);
  for (let k = 20; k > 0; k--) warp.drag([280 + k, 200], [279 + k, 200], 80);
  map.commit();
  const left = denseOf(map).reduce((sum, number, i) => sum + (number !== before[i] ? 1 : 0), 0);
  assert.ok(away > 1500, `${away}`);
  assert.ok(left < 0.05 * away, `${left} of ${away}`);
});

test("a border can be dragged across the edge of the image and across tiles", () => {
  const map = halves();
  edited(map, () => createWarp(map, only(1, 2)).drag([280, 5], [300, -20], 50));
  edited(map, () => createWarp(map, only(1, 2)).drag([280, 512], [340, 512], 90));
  assert.equal(map.area[0], 0);
  assert.equal(map.area[1] + map.area[2] + map.area[3], SIDE * SIDE);
  assert.equal(map.get(330, 512), 1);
});
