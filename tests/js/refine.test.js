import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { cellsOf, spansOfGrid } from "../../frontend_static/segmentation/grid.js";
import { fillHoles } from "../../frontend_static/segmentation/holes.js";
import { nearest } from "../../frontend_static/segmentation/nearest.js";
import { polygon } from "../../frontend_static/segmentation/polygon.js";
import { majority, refineEntity } from "../../frontend_static/segmentation/refine.js";
import { paintSpans } from "../../frontend_static/segmentation/spans.js";
import { readWindow, sampleWindow } from "../../frontend_static/segmentation/window.js";
import { connectedTo, denseOf, dice, edited } from "./support.js";

const WIDTH = 560;
const HEIGHT = 540;
const everything = () => new Uint8Array(65536).fill(1);
const except = (...numbers) => {
  const allow = everything();
  for (const number of numbers) allow[number] = 0;
  return allow;
};

function scribbles(seed, strokes = 40) {
  const random = dice(seed);
  const map = createLabelMap(WIDTH, HEIGHT);
  const at = () => [random() * WIDTH, random() * HEIGHT];
  edited(map, () => {
    for (let k = 0; k < strokes; k++) capsule(map, at(), at(), 4 + random() * 22, 1 + (k % 5));
  });
  return map;
}

/** The dense map after changes that were not applied. */
function after(map, changes) {
  map.apply(changes, "after");
  const dense = denseOf(map);
  map.apply(changes, "before");
  return dense;
}

test("the nearest source is the one a full search finds", () => {
  const random = dice(5);
  const [width, height] = [37, 29];
  const sources = Uint8Array.from({ length: width * height }, () => (random() < 0.02 ? 1 : 0));
  const { squared, at } = nearest(sources, width, height);
  for (let i = 0; i < sources.length; i++) {
    const best = sources.reduce((least, is, k) => {
      const d = (k % width - (i % width)) ** 2 + (Math.floor(k / width) - Math.floor(i / width)) ** 2;
      return is ? Math.min(least, d) : least;
    }, Infinity);
    assert.equal(squared[i], best);
    assert.equal(sources[at[i]], 1);
  }
  assert.equal(nearest(new Uint8Array(6), 3, 2).at[0], -1);
});

test("a majority is counted pixel by pixel", () => {
  const random = dice(8);
  const [width, height, radius] = [23, 17, 2];
  const mask = Uint8Array.from({ length: width * height }, () => (random() < 0.5 ? 1 : 0));
  const found = majority(mask, width, height, radius);
  const clamp = (value, end) => Math.max(0, Math.min(end - 1, value));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = -radius; dy <= radius; dy++) for (let dx = -radius; dx <= radius; dx++) sum += mask[clamp(y + dy, height) * width + clamp(x + dx, width)];
      assert.equal(found[y * width + x], 2 * sum > 25 ? 1 : 0);
    }
  }
});

test("growing takes exactly what lies within the radius, and nothing locked", () => {
  const map = scribbles(21);
  const before = denseOf(map);
  const own = Uint8Array.from(before, (number) => (number === 2 ? 1 : 0));
  const { squared } = nearest(own, WIDTH, HEIGHT);
  const grown = after(map, refineEntity(map, 2, { op: "grow", radius: 7, allow: except(4), receive: everything() }));
  before.forEach((number, i) => assert.equal(grown[i], number !== 4 && squared[i] <= 49 ? 2 : number));
  assert.deepEqual(denseOf(map), before, "the map itself is only read");
});

test("shrinking gives every lost pixel to the nearest neighbour that may receive it; nobody else changes", () => {
  const map = scribbles(22);
  const before = denseOf(map);
  const others = Uint8Array.from(before, (number) => (number !== 2 && number !== 4 ? 1 : 0));
  const { squared } = nearest(others, WIDTH, HEIGHT);
  const shrunk = after(map, refineEntity(map, 2, { op: "shrink", radius: 5, allow: everything(), receive: except(4) }));
  before.forEach((number, i) => {
    if (number !== 2 || squared[i] > 25) assert.equal(shrunk[i], number);
    else assert.ok(shrunk[i] !== 2 && shrunk[i] !== 4);
  });
});

test("shrinking does not withdraw from the edge of the image", () => {
  const map = createLabelMap(100, 80);
  edited(map, () => polygon(map, [[-1, -1], [200, -1], [200, 200], [-1, 200]], 3));
  assert.deepEqual(refineEntity(map, 3, { op: "shrink", radius: 9, allow: everything(), receive: everything() }), []);
});

test("smoothing leaves no gap, changes no locked entity, and lets neighbours share the border", () => {
  const random = dice(3);
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => {
    polygon(map, [[-1, -1], [WIDTH, -1], [WIDTH, HEIGHT], [-1, HEIGHT]], 1);
    for (let x = 0; x < WIDTH; x++) capsule(map, [x, HEIGHT / 2 + random() * 16 - 8], [x, HEIGHT], 0.4, 2);
    polygon(map, [[20, 240], [60, 240], [60, 300], [20, 300]], 3);
  });
  const raggedness = (dense) => dense.reduce((sum, number, i) => sum + ((i + 1) % WIDTH && number !== dense[i + 1] ? 1 : 0), 0);
  const before = denseOf(map);
  const smooth = after(map, refineEntity(map, 2, { op: "smooth", radius: 6, allow: except(3), receive: except(3) }));
  assert.ok(raggedness(smooth) < 0.4 * raggedness(before));
  before.forEach((number, i) => {
    assert.notEqual(smooth[i], 0);
    if (number === 3) assert.equal(smooth[i], 3);
    else assert.notEqual(smooth[i], 3);
  });
});

test("holes are filled, bays and what the mask forbids are not", () => {
  const map = createLabelMap(WIDTH, HEIGHT);
  edited(map, () => {
    capsule(map, [280, 270], [280, 270], 200, 1);
    capsule(map, [280, 270], [280, 270], 40, 0);
    capsule(map, [400, 270], [400, 270], 20, 2);
    capsule(map, [100, 270], [60, 270], 15, 0);
  });
  const before = denseOf(map);
  const hole = connectedTo(before, WIDTH, HEIGHT, 270 * WIDTH + 280);
  const onlyVoid = new Uint8Array(65536);
  onlyVoid[0] = 1;
  const filled = after(map, fillHoles(map, 1, onlyVoid));
  const expected = before.slice();
  for (const place of hole) expected[place] = 1;
  assert.deepEqual(filled, expected);
  const swallowed = after(map, fillHoles(map, 1, everything()));
  assert.equal(swallowed.includes(2), false);
  edited(map, () => polygon(map, [[-1, 0], [90, 0], [90, 60], [-1, 60]], 7));
  edited(map, () => polygon(map, [[-1, 20], [30, 20], [30, 40], [-1, 40]], 0));
  assert.deepEqual(fillHoles(map, 7, everything()), [], "open to the edge of the image is no hole");
});

test("samples become rows with interpolated borders; two halves share every border pixel exactly once", () => {
  const random = dice(2);
  const grid = { x: 40, y: 24, stride: 8, width: 31, height: 27 };
  const left = Uint8Array.from({ length: grid.width * grid.height }, () => (random() < 0.5 ? 1 : 0));
  const right = left.map((value) => 1 - value);
  const seen = new Uint8Array(WIDTH * HEIGHT);
  for (const mask of [left, right]) {
    const spans = spansOfGrid(mask, grid, { width: WIDTH, height: HEIGHT });
    for (let i = 0; i < spans.length; i += 3) for (let x = spans[i + 1]; x <= spans[i + 2]; x++) seen[spans[i] * WIDTH + x]++;
  }
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const inside = x >= 40 && x < 40 + 31 * 8 && y >= 24 && y < 24 + 27 * 8;
      assert.equal(seen[y * WIDTH + x], inside ? 1 : 0, `${x}, ${y}`);
    }
  }
  const single = new Uint8Array(grid.width * grid.height);
  single[5 * grid.width + 7] = 1;
  assert.deepEqual(cellsOf(single, grid), [7, 5, 7, 5]);
  assert.deepEqual(spansOfGrid(single, { ...grid, stride: 1 }, { width: WIDTH, height: HEIGHT }), [29, 47, 47]);
});

test("many rows at once paint what one row after the other does, locked numbers excepted", () => {
  const random = dice(14);
  const [a, b] = [scribbles(31), scribbles(31)];
  const spans = [];
  for (let y = 0; y < HEIGHT; y++) spans.push(y, 0, WIDTH - 1 - Math.floor(random() * 3) * (y % 2));
  edited(a, () => paintSpans(a, spans, 9, except(3)));
  edited(b, () => {
    for (let i = 0; i < spans.length; i += 3) for (let x = spans[i + 1]; x <= spans[i + 2]; x++) if (b.get(x, spans[i]) !== 3) capsule(b, [x, spans[i]], [x, spans[i]], 0, 9);
  });
  assert.deepEqual(denseOf(a), denseOf(b));
});

test("a window repeats the image's edge, samples sit in the middle of their squares", () => {
  const map = scribbles(40);
  const [x0, y0, width, height] = [-9, 500, 590, 60];
  const pixels = readWindow(map, x0, y0, width, height);
  const clamp = (value, end) => Math.max(0, Math.min(end - 1, value));
  for (let y = 0; y < height; y += 3) for (let x = 0; x < width; x++) assert.equal(pixels[y * width + x], map.get(clamp(x0 + x, WIDTH), clamp(y0 + y, HEIGHT)));
  const grid = { x: 4, y: 8, stride: 4, width: 139, height: 133 };
  const samples = sampleWindow(map, grid);
  for (let j = 0; j < grid.height; j++) for (let i = 0; i < grid.width; i++) assert.equal(samples[j * grid.width + i], map.get(clamp(4 + 4 * i + 2, WIDTH), clamp(8 + 4 * j + 2, HEIGHT)));
});
