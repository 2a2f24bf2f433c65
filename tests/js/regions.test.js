import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { contactsOf, regionsBySize, regionsOf, segmentsOf } from "../../frontend_static/segmentation/regions.js";
import { connectedTo, denseOf, dice, edited } from "./support.js";

const WIDTH = 900;
const HEIGHT = 600;

function scribbles(seed) {
  const random = dice(seed);
  const map = createLabelMap(WIDTH, HEIGHT);
  const at = () => [random() * WIDTH, random() * HEIGHT];
  edited(map, () => {
    for (let k = 0; k < 70; k++) capsule(map, at(), at(), random() * 22, 1 + (k % 5));
  });
  return map;
}

test("regions are those a breadth-first search finds", () => {
  const map = scribbles(13);
  const dense = denseOf(map);
  const seen = new Uint8Array(dense.length);
  const areas = new Map();
  for (let place = 0; place < dense.length; place++) {
    if (seen[place]) continue;
    const number = dense[place];
    const region = connectedTo(dense, WIDTH, HEIGHT, place, seen);
    areas.set(number, [...(areas.get(number) ?? []), region.length]);
  }
  for (let number = 0; number < 6; number++) {
    const regions = regionsBySize(map, number);
    const expected = (areas.get(number) ?? []).sort((a, b) => b - a);
    assert.deepEqual(regions.map(({ area }) => area), expected, `regions of ${number}`);
    for (const { point, box } of regions) {
      assert.equal(map.get(...point), number);
      assert.ok(box[0] <= point[0] && point[0] <= box[2] && box[1] <= point[1] && point[1] <= box[3]);
    }
  }
});

test("segments come in order and sum up to the area", () => {
  const map = scribbles(17);
  const segments = segmentsOf(map, 2);
  let area = 0;
  for (let i = 0; i < segments.length; i += 3) {
    area += segments[i + 2] - segments[i + 1] + 1;
    if (i) assert.ok(segments[i - 3] < segments[i] || (segments[i - 3] === segments[i] && segments[i - 1] < segments[i + 1]));
  }
  assert.equal(area, map.area[2]);
});

test("contacts count the sides shared with each neighbour", () => {
  const map = createLabelMap(10, 10);
  edited(map, () => {
    map.write(0).fill(1, 0, 512 * 512);
    map.write(0)[3 * 512 + 3] = 2;
    map.write(0)[3 * 512 + 4] = 3;
  });
  assert.deepEqual(contactsOf(map, segmentsOf(map, 2), 2), new Map([[1, 3], [3, 1]]));
});

test("a number that does not occur has no regions", () => {
  const map = createLabelMap(10, 10);
  assert.equal(regionsOf(segmentsOf(map, 4)).count, 0);
});
