import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { polygon } from "../../frontend_static/segmentation/polygon.js";
import { flood } from "../../frontend_static/segmentation/flood.js";
import { fillGap } from "../../frontend_static/segmentation/fill_gap.js";
import { splitAlong } from "../../frontend_static/segmentation/split.js";
import { connectedTo, denseOf, dice, edited } from "./support.js";

const WIDTH = 900;
const HEIGHT = 600;
/** Corners between pixels, so that no pixel's centre lies on an edge. */
const box = (left, top, width, height) => [
  [left - 0.5, top - 0.5], [left + width - 0.5, top - 0.5], [left + width - 0.5, top + height - 0.5], [left - 0.5, top + height - 0.5],
];
const square = (left, top, side) => box(left, top, side, side);

test("a stroke paints exactly the pixels within the radius of its segment", () => {
  const random = dice(3);
  for (let k = 0; k < 12; k++) {
    const map = createLabelMap(WIDTH, HEIGHT);
    const [x0, y0, radius] = [random() * WIDTH, random() * HEIGHT, 0.5 + random() * 60];
    const [x1, y1] = [x0 + random() * 300 - 150, y0 + random() * 300 - 150];
    edited(map, () => capsule(map, [x0, y0], [x1, y1], radius, 5));
    const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const along = Math.max(0, Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared));
        const distance = Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
        if (Math.abs(distance - radius) > 1e-6) assert.equal(map.get(x, y), distance <= radius ? 5 : 0);
      }
    }
  }
});

test("painting behind leaves every entity untouched", () => {
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => capsule(map, [450, 300], [450, 300], 100, 1));
  const before = map.area[1];
  const onlyVoid = new Uint8Array(65536);
  onlyVoid[0] = 1;
  edited(map, () => capsule(map, [300, 300], [600, 300], 120, 2, onlyVoid));
  assert.equal(map.area[1], before);
  assert.ok(map.area[2] > 0);
});

test("a polygon is filled to the pixel, across tiles and where it crosses itself", () => {
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => assert.equal(polygon(map, square(500, 500, 40), 3), 1600));
  assert.equal(map.area[3], 1600);
  assert.deepEqual(map.boxOf(3), [500, 500, 539, 539]);
  const bow = createLabelMap(100, 100);
  edited(bow, () => polygon(bow, [[10, 10], [50, 10], [50, 50], [10, 50], [10, 10], [50, 10], [50, 50], [10, 50]], 1));
  assert.equal(bow.get(30, 30), 1, "wound twice is still inside");
});

test("a polygon over everything makes uniform tiles", () => {
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => polygon(map, [[-5, -5], [WIDTH + 5, -5], [WIDTH + 5, HEIGHT + 5], [-5, HEIGHT + 5]], 2));
  assert.equal(map.area[2], WIDTH * HEIGHT);
  assert.ok(map.tiles.every(({ uni }) => uni === 2));
});

test("a flood fills the 4-connected region, no more and no less", () => {
  const random = dice(11);
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => {
    for (let k = 0; k < 60; k++) {
      const at = () => [random() * WIDTH, random() * HEIGHT];
      capsule(map, at(), at(), random() * 25, 1 + (k % 5));
    }
  });
  const before = denseOf(map);
  const region = connectedTo(before, WIDTH, HEIGHT, 300 * WIDTH + 450);
  edited(map, () => assert.equal(flood(map, 450, 300, 77), region.length));
  const expected = before.slice();
  for (const place of region) expected[place] = 77;
  assert.deepEqual(denseOf(map), expected);
});

test("a flood larger than allowed reports it", () => {
  const map = createLabelMap(WIDTH, HEIGHT);
  map.begin();
  assert.equal(flood(map, 5, 5, 1, { maxPixels: 1000 }), -1);
  map.cancel();
  assert.equal(map.area[0], WIDTH * HEIGHT);
});

test("a gap goes to the neighbour with the longest shared border", () => {
  const map = createLabelMap(300, 300);
  edited(map, () => {
    polygon(map, square(0, 0, 300), 1);
    polygon(map, box(200, 0, 100, 300), 2);
    polygon(map, box(180, 100, 30, 30), 0);
  });
  map.begin();
  assert.deepEqual(fillGap(map, 190, 110), { number: 1, pixels: 900 });
  map.commit();
  assert.equal(map.area[0], 0);
  map.begin();
  assert.match(fillGap(map, 190, 110).refusal, /already belongs/);
  map.cancel();
});

test("a gap touched only by locked entities is not filled", () => {
  const map = createLabelMap(64, 64);
  edited(map, () => {
    polygon(map, square(0, 0, 64), 1);
    polygon(map, square(10, 10, 5), 0);
  });
  map.begin();
  assert.match(fillGap(map, 12, 12, { mayReceive: () => false }).refusal, /No unlocked entity/);
  map.cancel();
});

test("a line splits an entity; islands and a grazed part keep the number", () => {
  const map = createLabelMap(400, 300);
  edited(map, () => {
    polygon(map, box(50, 50, 200, 100), 1);
    polygon(map, square(100, 200, 40), 1);
    polygon(map, square(350, 250, 20), 1);
  });
  const whole = map.area[1];
  const made = splitAlong(map, 1, [[100, 20], [100, 210]], () => 9);
  map.commit();
  assert.deepEqual(made, [9]);
  assert.equal(map.area[9], 50 * 100);
  assert.equal(map.area[1] + map.area[9], whole);
  assert.equal(map.get(120, 230), 1, "the grazed island");
  assert.equal(map.get(355, 255), 1, "the far island");
});

test("a line that separates nothing splits nothing", () => {
  const map = createLabelMap(200, 200);
  edited(map, () => polygon(map, square(50, 50, 100), 1));
  assert.equal(splitAlong(map, 1, [[20, 100], [90, 100]], () => 9), null);
  assert.equal(map.isEditing(), false);
});
