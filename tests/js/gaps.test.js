import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { divideGap } from "../../frontend_static/segmentation/fill_nearest.js";
import { fragmentsOf, giveSpecksAway, keepLargest, separateFragments } from "../../frontend_static/segmentation/fragments.js";
import { gapsOf, giveGaps } from "../../frontend_static/segmentation/gaps.js";
import { polygon } from "../../frontend_static/segmentation/polygon.js";
import { connectedTo, denseOf, dice, edited } from "./support.js";

const WIDTH = 540;
const HEIGHT = 530;
const anyone = () => true;
const box = (left, top, width, height) => [
  [left - 0.5, top - 0.5], [left + width - 0.5, top - 0.5], [left + width - 0.5, top + height - 0.5], [left - 0.5, top + height - 0.5],
];

/** Two halves with gaps of 4 to 30 px across the border and specks inside. */
function torn() {
  const random = dice(6);
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => {
    polygon(map, box(0, 0, WIDTH, HEIGHT), 1);
    polygon(map, box(300, 0, 240, HEIGHT), 2);
    for (let k = 0; k < 30; k++) capsule(map, [random() * WIDTH, random() * HEIGHT], [random() * WIDTH, random() * HEIGHT], 1 + random() * 6, k % 3 ? 0 : 3);
  });
  return map;
}

function after(map, changes) {
  map.apply(changes, "after");
  const dense = denseOf(map);
  map.apply(changes, "before");
  return dense;
}

test("each gap is told with the neighbour that has the longest border", () => {
  const map = createLabelMap(100, 100);
  edited(map, () => {
    polygon(map, box(0, 0, 100, 100), 1);
    polygon(map, box(60, 0, 40, 100), 2);
    polygon(map, box(50, 10, 12, 5), 0);
    polygon(map, box(80, 50, 4, 4), 0);
  });
  const told = gapsOf(map, anyone).map(({ area, box: where, suggested }) => ({ area, where, suggested }));
  assert.deepEqual(told, [
    { area: 60, where: [50, 10, 61, 14], suggested: 1 },
    { area: 16, where: [80, 50, 83, 53], suggested: 2 },
  ]);
  assert.deepEqual(gapsOf(map, (number) => number !== 2).map(({ suggested }) => suggested), [1, 0]);
});

test("all gaps under a size go at once; larger gaps and entities stay as they were", () => {
  const map = torn();
  const before = denseOf(map);
  const areas = gapsOf(map, anyone).map(({ area }) => area);
  const limit = areas[areas.length >> 1] + 1;
  for (const rule of ["neighbour", "nearest"]) {
    const { changes, given, left, pixels } = giveGaps(map, { rule, maxArea: limit, mayReceive: anyone });
    const full = after(map, changes);
    assert.equal(given, areas.filter((area) => area < limit).length);
    assert.equal(left, 0);
    const seen = new Uint8Array(before.length);
    let filled = 0;
    before.forEach((number, place) => {
      if (number > 0) assert.equal(full[place], number);
      else if (!seen[place]) {
        const gap = connectedTo(before, WIDTH, HEIGHT, place, seen);
        const receivers = new Set(gap.map((i) => full[i]));
        if (gap.length >= limit) assert.deepEqual([...receivers], [0]);
        else {
          assert.equal(receivers.has(0), false);
          if (rule === "neighbour") assert.equal(receivers.size, 1);
          filled += gap.length;
        }
      }
    });
    assert.equal(filled, pixels);
  }
});

test("only the gap pointed at is given, and never to a locked entity", () => {
  const map = torn();
  const [largest] = gapsOf(map, anyone);
  const { given, receivers } = giveGaps(map, { rule: "nearest", maxArea: Infinity, at: largest.point, mayReceive: (number) => number !== 1 });
  assert.equal(given, 1);
  assert.equal(receivers.includes(1), false);
  assert.equal(giveGaps(map, { rule: "neighbour", maxArea: Infinity, mayReceive: () => false }).given, 0);
});

test("a gap that spreads over a whole large image is not divided, but can be given as a whole", () => {
  const map = createLabelMap(9000, 9000);
  edited(map, () => {
    polygon(map, box(0, 0, 9000, 9000), 1);
    capsule(map, [10, 10], [8990, 8990], 1, 0);
    capsule(map, [8990, 8990], [8990, 10], 1, 0);
  });
  const ask = (rule) => giveGaps(map, { rule, maxArea: Infinity, mayReceive: anyone });
  assert.deepEqual([ask("nearest").given, ask("nearest").left > 0, ask("nearest").changes], [0, true, []]);
  assert.equal(ask("neighbour").left, 0);
});

test("a divided gap goes to the neighbour nearest through the gap", () => {
  const map = createLabelMap(60, 50);
  edited(map, () => {
    polygon(map, box(0, 0, 60, 50), 1);
    polygon(map, box(30, 0, 30, 50), 2);
    polygon(map, box(10, 10, 41, 20), 0);
    polygon(map, box(24, 10, 3, 17), 3);
  });
  const [gap] = fragmentsOf(map, 0);
  const rows = divideGap(map, gap.spans, gap.box, anyone);
  const owner = new Map(rows.flatMap(({ y, xa, xb, number }) => Array.from({ length: xb - xa + 1 }, (_, i) => [y * 60 + xa + i, number])));
  assert.equal(owner.size, gap.area);
  // Bellman and Ford's way: relax until nothing gets shorter.
  const best = new Map([...owner.keys()].map((place) => [place, [Infinity, 0]]));
  const offer = (place, length, number) => {
    const [known, who] = best.get(place);
    if (length < known || (length === known && number < who)) return best.set(place, [length, number]);
    return null;
  };
  for (const place of owner.keys()) for (const step of [-1, 1, -60, 60]) if (!best.has(place + step)) offer(place, 5, map.get((place + step) % 60, Math.floor((place + step) / 60)));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [place, [length, number]] of best) {
      if (number === 0) continue;
      for (const step of [-1, 1, -60, 60]) if (best.has(place + step) && offer(place + step, length + 5, number)) changed = true;
      for (const step of [-61, -59, 59, 61]) if (best.has(place + step) && offer(place + step, length + 7, number)) changed = true;
    }
  }
  for (const [place, number] of owner) assert.equal(number, best.get(place)[1]);
});

test("parts of an entity are listed, kept, separated and given away", () => {
  const map = createLabelMap(200, 100);
  edited(map, () => {
    polygon(map, box(0, 0, 200, 100), 1);
    polygon(map, box(10, 10, 50, 50), 5);
    polygon(map, box(80, 10, 20, 20), 5);
    polygon(map, box(120, 10, 2, 2), 5);
    polygon(map, box(150, 50, 3, 3), 6);
  });
  assert.deepEqual(fragmentsOf(map, 5).map(({ area }) => area), [2500, 400, 4]);
  const given = giveSpecksAway(map, [1, 5, 6], { maxArea: 10, mayReceive: anyone });
  const clean = after(map, given.changes);
  assert.equal(given.given, 1);
  assert.equal(clean[10 * 200 + 120], 1);
  assert.equal(clean[50 * 200 + 151], 6, "an entity that is small altogether stays");
  const kept = after(map, keepLargest(map, [5], { toNeighbours: false, mayReceive: anyone }));
  assert.deepEqual([kept[15 * 200 + 85], kept[10 * 200 + 120], kept[15 * 200 + 15]], [0, 0, 5]);
  const passedOn = after(map, keepLargest(map, [5], { toNeighbours: true, mayReceive: anyone }));
  assert.equal(passedOn[15 * 200 + 85], 1);
  const apart = after(map, separateFragments(map, 5, [8, 9]));
  assert.deepEqual([apart[15 * 200 + 85], apart[10 * 200 + 120], apart[15 * 200 + 15]], [8, 9, 5]);
  assert.throws(() => separateFragments(map, 5, [8]), /has 3 parts now/);
  assert.equal(map.area[5], 2904, "nothing was applied");
});
