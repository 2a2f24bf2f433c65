import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { copyEntity, jointHistogram } from "../../frontend_static/segmentation/compare.js";
import { faultOfRuns } from "../../frontend_static/segmentation/tiles.js";
import { denseOf, dice, edited } from "./support.js";

function scribbles(seed) {
  const random = dice(seed);
  const map = createLabelMap(800, 600);
  const at = () => [random() * 800, random() * 600];
  edited(map, () => {
    for (let k = 0; k < 40; k++) capsule(map, at(), at(), random() * 40, 1 + (k % 7));
  });
  return map;
}

test("the joint histogram counts every pair of numbers, padding left out", () => {
  const [a, b] = [scribbles(1), scribbles(2)];
  const expected = new Map();
  const denseB = denseOf(b);
  denseOf(a).forEach((number, place) => {
    const key = number * 65536 + denseB[place];
    expected.set(key, (expected.get(key) ?? 0) + 1);
  });
  assert.deepEqual(new Map([...jointHistogram(a, b)].sort()), new Map([...expected].sort()));
});

test("maps of different sizes are refused", () => {
  assert.throws(() => jointHistogram(createLabelMap(10, 10), createLabelMap(11, 10)), /differ in size/);
});

test("an entity is copied only where it is allowed", () => {
  const [map, other] = [scribbles(4), scribbles(5)];
  const before = denseOf(map);
  const proposed = denseOf(other);
  const onlyVoid = new Uint8Array(65536);
  onlyVoid[0] = 1;
  const changes = copyEntity(map, other, 3, 50, onlyVoid);
  assert.deepEqual(denseOf(map), before.map((number, place) => (number === 0 && proposed[place] === 3 ? 50 : number)));
  for (const { after } of changes) if (after.runs) assert.equal(faultOfRuns(after.runs), null);
  map.apply(changes, "before");
  assert.deepEqual(denseOf(map), before);
});
