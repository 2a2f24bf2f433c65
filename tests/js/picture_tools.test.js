import assert from "node:assert/strict";
import test from "node:test";
import { edgeCost, edgeNear, SEED, smoothWay, stepCost, wayFrom, waysTo } from "../../frontend_static/annotate/pixels/livewire.js";
import { snapBorders } from "../../frontend_static/annotate/pixels/snap.js";
import { superpixels } from "../../frontend_static/annotate/pixels/superpixels.js";
import { closeSmallHoles, colourAround, wand } from "../../frontend_static/annotate/pixels/wand.js";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { gridOver, piecesOf } from "../../frontend_static/annotate/pixels/window_in_view.js";
import { changesTo, JOBS } from "../../frontend_static/annotate/pixels/jobs.js";
import { connectedTo, denseOf, dice, edited } from "./support.js";

/** A picture of one colour per place, with grain. */
function picture(width, height, colourAt, grain = 0) {
  const random = dice(9);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const noise = (random() - 0.5) * grain;
    const colour = colourAt(i % width, Math.floor(i / width));
    for (let c = 0; c < 3; c++) data[4 * i + c] = colour[c] + noise;
    data[4 * i + 3] = 255;
  }
  return { data, width, height };
}

const RED = [200, 40, 40];
const BLUE = [30, 60, 190];
const inDisc = (x, y) => Math.hypot(x - 40, y - 32) < 20;
const disc = (grain) => picture(90, 70, (x, y) => (inDisc(x, y) ? RED : BLUE), grain);

test("the wand takes the connected pixels within the tolerance, as a breadth-first search finds them", () => {
  const image = disc(60);
  for (const tolerance of [6, 15, 40]) {
    const found = wand(image, 41, 30, tolerance);
    const [r, g, b] = colourAround(image, 41, 30);
    const fits = Uint16Array.from({ length: 90 * 70 }, (_, i) => {
      const d = (image.data[4 * i] - r) ** 2 + (image.data[4 * i + 1] - g) ** 2 + (image.data[4 * i + 2] - b) ** 2;
      return i === 30 * 90 + 41 || d <= 3 * tolerance ** 2 ? 1 : 0;
    });
    const expected = new Uint8Array(90 * 70);
    for (const place of connectedTo(fits, 90, 70, 30 * 90 + 41)) expected[place] = 1;
    assert.deepEqual(found, expected);
  }
});

test("the wand stays within what may be painted, and its small holes are closed", () => {
  const may = Uint8Array.from({ length: 90 * 70 }, (_, i) => (i % 90 < 40 ? 1 : 0));
  const found = wand(disc(0), 30, 32, 20, may);
  found.forEach((value, i) => assert.equal(value, may[i] && inDisc(i % 90, Math.floor(i / 90)) ? 1 : 0));
  assert.equal(wand(disc(0), 50, 32, 20, may).includes(1), false, "it may not even begin there");
  const holed = wand(disc(0), 30, 32, 20);
  holed[32 * 90 + 40] = 0;
  holed.fill(0, 40 * 90 + 35, 40 * 90 + 45);
  closeSmallHoles(holed, 90, 70, null, 5);
  assert.equal(holed[32 * 90 + 40], 1);
  assert.equal(holed[40 * 90 + 40], 0, "ten pixels are no oversight");
});

test("a place unlike all around it is marked by itself, not tidied away", () => {
  const allow = new Uint8Array(65536).fill(1);
  const grid = { x: 0, y: 0, stride: 1, width: 40, height: 30 };
  const wire = picture(40, 30, (_x, y) => (y === 12 ? RED : BLUE), 0);
  const { samples } = JOBS.wand({ map: createLabelMap(40, 30), picture: wire }, { grid, x: 20, y: 12, tolerance: 10, allow, isClean: true, base: null, mode: "add" });
  assert.equal(samples, 1);
});

test("ways are as short as any search finds, and each leads to the seed", () => {
  const image = disc(30);
  const cost = edgeCost(image);
  const { ways, lengths } = waysTo(cost, 90, 70, 5, 5);
  const best = new Float64Array(90 * 70).fill(Infinity);
  best[5 * 90 + 5] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let y = 0; y < 70; y++) {
      for (let x = 0; x < 90; x++) {
        for (const [k, dx, dy] of [[0, -1, -1], [1, 0, -1], [2, 1, -1], [3, -1, 0], [4, 1, 0], [5, -1, 1], [6, 0, 1], [7, 1, 1]]) {
          if (x + dx < 0 || y + dy < 0 || x + dx >= 90 || y + dy >= 70) continue;
          const next = (y + dy) * 90 + x + dx;
          const length = best[y * 90 + x] + stepCost(cost[next], k);
          if (length < best[next]) {
            best[next] = length;
            changed = true;
          }
        }
      }
    }
  }
  assert.deepEqual(Float64Array.from(lengths), best);
  assert.equal(ways[5 * 90 + 5], SEED);
  const way = wayFrom(ways, 90, 80, 60);
  assert.deepEqual([way[0], way.at(-1)], [[5, 5], [80, 60]]);
  way.slice(1).forEach(([x, y], i) => assert.equal(Math.max(Math.abs(x - way[i][0]), Math.abs(y - way[i][1])), 1));
});

test("a way round a disc follows its edge", () => {
  const { ways } = waysTo(edgeCost(disc(20)), 90, 70, 40, 12);
  const way = smoothWay(wayFrom(ways, 90, 40, 52));
  const off = way.map(([x, y]) => Math.abs(Math.hypot(x - 40, y - 32) - 20));
  assert.ok(Math.max(...off) < 2, `${Math.max(...off)}`);
});

test("a place clicked beside an edge is moved onto it, and stays where there is none", () => {
  const cost = edgeCost(disc(10));
  const [x, y] = edgeNear(cost, 90, 70, 65, 32, 7);
  assert.ok(Math.abs(Math.hypot(x - 40, y - 32) - 20) < 1.6, `${x}, ${y}`);
  assert.deepEqual(edgeNear(cost, 90, 70, 65, 32, 0), [65, 32]);
  assert.deepEqual(edgeNear(new Uint8Array(90 * 70).fill(255), 90, 70, 5, 6, 7), [5, 6]);
});

test("superpixels cover everything once, are connected, and keep to the picture's edges", () => {
  const image = disc(20);
  const { superpixelOf, count } = superpixels(image, 10);
  assert.ok(count > 40 && count < 90, `${count}`);
  const sizes = new Map();
  for (const one of superpixelOf) sizes.set(one, (sizes.get(one) ?? 0) + 1);
  assert.equal(sizes.size, count);
  const dense = Uint16Array.from(superpixelOf);
  const seen = new Uint8Array(dense.length);
  let parts = 0;
  for (let i = 0; i < dense.length; i++) {
    if (seen[i]) continue;
    connectedTo(dense, 90, 70, i, seen);
    parts++;
  }
  assert.equal(parts, count);
  const red = new Map();
  superpixelOf.forEach((one, i) => red.set(one, (red.get(one) ?? 0) + (inDisc(i % 90, Math.floor(i / 90)) ? 1 : 0)));
  const astray = [...red].reduce((sum, [one, pixels]) => sum + Math.min(pixels, sizes.get(one) - pixels), 0);
  assert.ok(astray < 90, `${astray} pixels on the wrong side`);
});

test("a sloppy border snaps to the picture's edge; a locked neighbour keeps every pixel", () => {
  const image = disc(20);
  const labels = Uint16Array.from({ length: 90 * 70 }, (_, i) => (Math.hypot((i % 90) - 43, Math.floor(i / 90) - 30) < 18 ? 7 : 3));
  labels.fill(9, 60 * 90);
  const sloppy = labels.slice();
  const movable = new Uint8Array(65536).fill(1);
  movable[9] = 0;
  snapBorders(labels, edgeCost(image), 90, 70, { number: 7, radius: 8, movable });
  const wrong = (map) => map.reduce((sum, label, i) => sum + (Math.floor(i / 90) < 60 && (label === 7) !== inDisc(i % 90, Math.floor(i / 90)) ? 1 : 0), 0);
  assert.ok(wrong(labels) < 0.25 * wrong(sloppy), `${wrong(labels)} of ${wrong(sloppy)}`);
  labels.forEach((label, i) => {
    assert.notEqual(label, 0);
    assert.equal(label === 9, sloppy[i] === 9);
  });
});

test("a window of labels is put into the map, and only there", () => {
  const map = createLabelMap(600, 520);
  const grid = { x: 500, y: 505, stride: 1, width: 40, height: 15 };
  const changes = changesTo(map, new Uint16Array(600).fill(4), grid);
  map.apply(changes, "after");
  assert.deepEqual([changes.length, map.area[4], map.boxOf(4)], [4, 600, [500, 505, 539, 519]]);
});

test("crops are aligned to their level and small enough, and name every tile they need", () => {
  const image = { width: 15000, height: 9000 };
  assert.deepEqual(gridOver(image, [100.2, -50, 300.7, 99.5], 0), { x: 100, y: 0, stride: 1, width: 201, height: 100 });
  const whole = gridOver(image, [-10, -10, 99999, 99999], 2);
  assert.ok(whole.width * whole.height <= 2 ** 21 && whole.stride === 16 && whole.width === 938);
  assert.equal(gridOver(image, [-30, 5, -2, 9], 0), null);
  globalThis.location ??= { href: "http://t/" };
  const source = { levels: 14, tileSize: 512, overlap: 1, urlOf: (level, x, y) => `/${level}/${x}_${y}` };
  const pieces = piecesOf(source, { x: 4000, y: 0, stride: 4, width: 200, height: 600 });
  assert.deepEqual(pieces.map(({ url, trimX, trimY }) => [url, trimX, trimY]), [
    ["http://t/12/1_0", 1, 0], ["http://t/12/2_0", 1, 0], ["http://t/12/1_1", 1, 1], ["http://t/12/2_1", 1, 1],
  ]);
});

test("every job leaves the worker's map as it was", () => {
  const random = dice(4);
  const map = createLabelMap(560, 540);
  edited(map, () => {
    for (let k = 0; k < 50; k++) capsule(map, [random() * 560, random() * 540], [random() * 560, random() * 540], 2 + random() * 20, 1 + (k % 4));
  });
  const before = denseOf(map);
  const allow = new Uint8Array(65536).fill(1);
  const image = picture(300, 280, (x) => (x < 150 ? RED : BLUE), 20);
  const grid = { x: 100, y: 90, stride: 1, width: 300, height: 280 };
  const mask = new Uint8Array(300 * 280).fill(1, 5000, 9000);
  const asked = {
    gaps: { locked: [] },
    giveGaps: { rule: "nearest", maxArea: 500, at: null, locked: [2] },
    fragments: { numbers: [1, 2, 3, 4] },
    specks: { numbers: [1, 2], maxArea: 90, locked: [] },
    keepLargest: { numbers: [1], toNeighbours: true, locked: [] },
    refine: { number: 2, op: "smooth", radius: 3, allow, receive: allow },
    holes: { number: 1, allow },
    flood: { x: 250, y: 250, number: 9, maxPixels: 1e6 },
    paint: { mask, grid, number: 9, allow },
    wand: { grid, x: 10, y: 10, tolerance: 30, allow, isClean: true, base: mask, mode: "add" },
    livewire: { grid, x: 10, y: 10, snap: 5 },
    superpixels: { size: 20, compactness: 10 },
    snap: { grid, number: 1, radius: 6, movable: allow },
  };
  assert.deepEqual([...Object.keys(JOBS)].filter((job) => job !== "separate").sort(), Object.keys(asked).sort());
  for (const [job, payload] of Object.entries(asked)) {
    const answer = JOBS[job]({ map, picture: image }, payload);
    assert.ok(answer, job);
    assert.deepEqual(denseOf(map), before, job);
    assert.equal(map.isEditing(), false, job);
    if (job === "flood") assert.ok(answer.pixels > 0);
  }
  assert.equal(JOBS.flood({ map, picture: null }, { x: 250, y: 250, number: 9, maxPixels: 3 }).pixels, -1);
});
