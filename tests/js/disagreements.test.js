import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { takeSide } from "../../frontend_static/segmentation/decide.js";
import { boundaryIou, bandWidth } from "../../frontend_static/segmentation/boundary.js";
import { disagreements } from "../../frontend_static/segmentation/disagreements.js";
import { faultOfRuns } from "../../frontend_static/segmentation/tiles.js";
import { denseOf, dice, edited, paintedRuns } from "./support.js";

const [WIDTH, HEIGHT] = [800, 600];
const SIDE = 100;

/** A map of rectangles [number, x0, y0, x1, y1], both ends inside; later ones lie on top. */
function mapOf(...rectangles) {
  return painted(createLabelMap(WIDTH, HEIGHT), rectangles);
}

function painted(map, rectangles) {
  edited(map, () => {
    for (const [number, x0, y0, x1, y1] of rectangles) fill(map, number, x0, y0, x1, y1);
  });
  return map;
}

function fill(map, number, x0, y0, x1, y1) {
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const t = (y >> 9) * map.nx + (x >> 9);
      map.write(t)[((y & 511) << 9) | (x & 511)] = number;
    }
  }
}

function scribbled(map, seed, strokes, radius = 30) {
  const random = dice(seed);
  const at = () => [random() * WIDTH, random() * HEIGHT];
  edited(map, () => {
    for (let k = 0; k < strokes; k++) {
      const [x, y] = at();
      capsule(map, [x, y], [x + 90 * random(), y + 90 * random()], random() * radius, 1 + Math.floor(random() * 9));
    }
  });
  return map;
}

/** The plainest statement of what is counted. */
function bruteForce(a, b) {
  const [denseA, denseB] = [denseOf(a), denseOf(b)];
  const areas = [new Map(), new Map()];
  const both = new Map();
  denseA.forEach((n, i) => {
    const m = denseB[i];
    areas[0].set(n, (areas[0].get(n) ?? 0) + 1);
    areas[1].set(m, (areas[1].get(m) ?? 0) + 1);
    both.set(`${n},${m}`, (both.get(`${n},${m}`) ?? 0) + 1);
  });
  const iou = (n, m) => (both.get(`${n},${m}`) ?? 0) / (areas[0].get(n) + areas[1].get(m) - (both.get(`${n},${m}`) ?? 0));
  const isPair = (n, m) => (n === 0 || m === 0 ? n === m : iou(n, m) > 0.5);
  const disputed = Array.from(denseA, (n, i) => !isPair(n, denseB[i]));
  const pairs = [...both.keys()].map((key) => key.split(",").map(Number)).filter(([n, m]) => n > 0 && isPair(n, m));
  return { denseA, denseB, disputed, meanIou: pairs.reduce((sum, [n, m]) => sum + iou(n, m), 0) / pairs.length, matched: pairs.length };
}

test("areas, boxes, figures and the disputed pixels are those of the pixels", () => {
  for (const seed of [1, 2, 3]) {
    const a = scribbled(createLabelMap(WIDTH, HEIGHT), seed, 60);
    const b = scribbled(scribbled(createLabelMap(WIDTH, HEIGHT), seed, 60), 100 + seed, 12, 14);
    const { items, figures, difference } = disagreements(a, b);
    const { denseA, denseB, disputed, meanIou, matched } = bruteForce(a, b);
    assert.equal(figures.disputedPx, disputed.filter(Boolean).length);
    assert.equal(figures.matched, matched);
    assert.ok(Math.abs(figures.meanIou - meanIou) < 1e-12);
    const shown = createLabelMap(WIDTH, HEIGHT);
    difference.forEach((state, t) => shown.install(t, state));
    assert.deepEqual(Array.from(denseOf(shown), (value) => value === 0), disputed);
    // Every entity of either map is in exactly one group.
    assert.deepEqual(items.flatMap(({ a: numbers }) => numbers).sort((p, q) => p - q), a.numbers().sort((p, q) => p - q));
    assert.deepEqual(items.flatMap(({ b: numbers }) => numbers).sort((p, q) => p - q), b.numbers().sort((p, q) => p - q));
    for (const item of items) {
      const inside = (i) => item.a.includes(denseA[i]) || item.b.includes(denseB[i]);
      const places = [...disputed.keys()].filter((i) => disputed[i] && inside(i));
      assert.equal(item.area, places.length, item.key);
      const [xs, ys] = [places.map((i) => i % WIDTH), places.map((i) => Math.floor(i / WIDTH))];
      if (places.length > 0) assert.deepEqual(item.box, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
    }
    assert.deepEqual(items.map(({ area }) => area), items.map(({ area }) => area).sort((p, q) => q - p));
  }
});

test("each kind of disagreement is told apart", () => {
  const a = mapOf([1, 0, 0, 99, 99], [2, 200, 0, 299, 99], [3, 400, 0, 499, 99], [4, 600, 0, 649, 99], [5, 650, 0, 699, 99], [6, 0, 300, 99, 399], [7, 200, 300, 299, 399], [8, 400, 300, 499, 399]);
  const b = mapOf([11, 0, 0, 99, 99], [12, 202, 1, 300, 99], [13, 400, 0, 439, 99], [14, 440, 0, 499, 99], [15, 600, 0, 699, 99], [17, 218, 300, 317, 399], [9, 230, 330, 250, 350], [18, 400, 300, 499, 399], [19, 700, 500, 750, 550]);
  const names = { 8: "tree", 18: "bush", 1: "sky", 11: "sky", 2: "road" };
  const { items, figures } = disagreements(a, b, { nameA: (n) => names[n] ?? "", nameB: (n) => names[n] ?? "" });
  const found = Object.fromEntries(items.map(({ key, kind }) => [key, kind]));
  assert.deepEqual(found, {
    "1|11": "agree", "2|12": "alike", "3|14,13": "split", "4,5|15": "merged", "6|": "missing", "|19": "extra", "|9": "extra", "7|17": "boundary", "8|18": "name",
  });
  assert.deepEqual(figures.kinds, { agree: 1, alike: 1, split: 1, merged: 1, regrouped: 0, missing: 1, extra: 2, boundary: 1, name: 1 });
  assert.deepEqual([figures.bothNamed, figures.sameName], [2, 1]);
  // What only one of them drew is disputed, also where the other left the image unlabelled.
  assert.deepEqual(["6|", "|19"].map((key) => items.find((item) => item.key === key)?.area), [10000, 2601]);
  assert.deepEqual(items.find(({ key }) => key === "8|18"), { key: "8|18", kind: "name", a: [8], b: [18], iou: 1, area: 10000, box: [400, 300, 499, 399] });
  // A speck inside is an entity too many, not a split of what is around it.
  const speck = disagreements(mapOf([1, 0, 0, 99, 99]), mapOf([1, 0, 0, 99, 99], [2, 50, 50, 54, 54]));
  assert.deepEqual(speck.items.map(({ key, kind }) => [key, kind]), [["|2", "extra"], ["1|1", "alike"]]);
});

test("the band of a mask is what lies near its border, the image's frame too", () => {
  const random = dice(7);
  for (let round = 0; round < 12; round++) {
    const [a, b] = [1, 2].map(() => painted(createLabelMap(SIDE, SIDE), [[1, 0, 30, 70, 60]]));
    const [x, y] = [Math.floor(random() * 60), 25 + Math.floor(random() * 40)];
    edited(a, () => capsule(a, [x, y], [x + 9, y + 3], 1 + random() * 9, round % 2 ? 0 : 1));
    for (const distance of [1, 4, 9]) {
      const bands = [a, b].map((map) => bandOf(denseOf(map), distance));
      const count = (isThere) => bands[0].filter((_, i) => isThere(bands[0][i], bands[1][i])).length;
      assert.equal(boundaryIou(rowsOf(denseOf(a)), rowsOf(denseOf(b)), distance), count((p, q) => p && q) / count((p, q) => p || q));
    }
  }
  assert.deepEqual([bandWidth(1140, 855), bandWidth(10, 10), bandWidth(6000, 4000)], [28, 1, 144]);
});

const isOne = (dense, x, y) => x >= 0 && y >= 0 && x < SIDE && y < SIDE && dense[y * SIDE + x] === 1;

function bandOf(dense, distance) {
  return Array.from(dense, (number, i) => {
    if (number !== 1) return false;
    for (let dy = -distance; dy <= distance; dy++) for (let dx = -distance; dx <= distance; dx++) if (!isOne(dense, (i % SIDE) + dx, Math.floor(i / SIDE) + dy)) return true;
    return false;
  });
}

/** The stretches of ones in each row. */
function rowsOf(dense) {
  const rows = new Map();
  for (let y = 0; y < SIDE; y++) {
    const ends = [];
    for (let x = 0; x < SIDE; x++) {
      if (isOne(dense, x, y) && !isOne(dense, x - 1, y)) ends.push(x);
      if (isOne(dense, x, y) && !isOne(dense, x + 1, y)) ends.push(x);
    }
    if (ends.length) rows.set(y, ends);
  }
  return rows;
}

test("maps that agree have nothing to decide, empty ones too", () => {
  const map = scribbled(createLabelMap(WIDTH, HEIGHT), 5, 30);
  const { items, figures } = disagreements(map, map);
  assert.ok(items.every(({ kind, area }) => kind === "agree" && area === 0));
  assert.deepEqual([figures.meanIou, figures.disputedPx, figures.matched], [1, 0, map.numbers().length]);
  const empty = disagreements(createLabelMap(30, 20), createLabelMap(30, 20));
  assert.deepEqual([empty.items, empty.figures.meanIou], [[], 1]);
});

test("a side is taken over where the disagreement is and nowhere else", () => {
  for (const seed of [11, 12]) {
    const a = scribbled(createLabelMap(WIDTH, HEIGHT), seed, 50);
    const b = scribbled(scribbled(createLabelMap(WIDTH, HEIGHT), seed, 50), 200 + seed, 9, 20);
    const own = scribbled(createLabelMap(WIDTH, HEIGHT), seed, 50);
    const before = denseOf(own);
    const [item] = disagreements(a, b).items.filter(({ kind }) => kind !== "agree");
    const [numbers, others] = [new Set(item.b), new Set(item.a)];
    const targets = new Map([[0, 0], ...item.b.map((number, i) => [number, 60 + i])]);
    const allow = new Uint8Array(65536).fill(1);
    allow[4] = 0;
    const [denseA, denseB] = [denseOf(a), denseOf(b)];
    const expected = before.map((number, i) => {
      if (number === 4 || !(numbers.has(denseB[i]) || others.has(denseA[i]))) return number;
      return targets.get(denseB[i]) ?? number;
    });
    const changes = takeSide(own, b, a, { numbers, others, targets, allow });
    assert.deepEqual(denseOf(own), expected);
    for (const { after } of changes) if (after.runs) assert.equal(faultOfRuns(after.runs), null);
    own.apply(changes, "before");
    assert.deepEqual(denseOf(own), before);
  }
});

test("the server and the browser agree on what was cut differently, what only one has, and borders far apart", () => {
  const cases = JSON.parse(readFileSync(new URL("../../fixtures/golden/disagreements.json", import.meta.url), "utf8"));
  const ascending = (numbers) => [...numbers].sort((p, q) => p - q);
  const inOrder = (rows) => rows.map((row) => JSON.stringify(row)).sort();
  for (const { width, height, a, b, granularity, missing, extra, boundary } of cases) {
    const { items } = disagreements(paintedRuns({ width, height, pixels: a }), paintedRuns({ width, height, pixels: b }));
    const cut = items.filter(({ kind }) => ["split", "merged", "regrouped"].includes(kind));
    assert.deepEqual(inOrder(cut.map((item) => [ascending(item.a), ascending(item.b)])), inOrder(granularity));
    assert.deepEqual(ascending(items.filter(({ kind }) => kind === "missing").map((item) => item.a[0])), missing);
    assert.deepEqual(ascending(items.filter(({ kind }) => kind === "extra").map((item) => item.b[0])), extra);
    assert.deepEqual(inOrder(items.filter(({ kind }) => kind === "boundary").map((item) => [item.a[0], item.b[0]])), inOrder(boundary));
  }
  assert.ok(cases.some(({ granularity }) => granularity.some(([a, b]) => a.length > 1 && b.length > 1)));
  assert.ok(cases.some(({ boundary }) => boundary.length > 0));
});
