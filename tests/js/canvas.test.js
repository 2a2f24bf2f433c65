import assert from "node:assert/strict";
import test from "node:test";
import { createFingers } from "../../frontend_static/annotate/fingers.js";
import { sizeOf } from "../../frontend_static/annotate/pen.js";
import { createLevels } from "../../frontend_static/annotate/render/levels.js";
import { adjacencyOf } from "../../frontend_static/segmentation/adjacency.js";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { differenceOf } from "../../frontend_static/segmentation/tile_difference.js";
import { TILE, numberOfTile, packTile, unpackTile } from "../../frontend_static/segmentation/tiles.js";
import { denseOf, dice, edited } from "./support.js";

const [WIDTH, HEIGHT] = [1300, 900];

function scribbles(seed) {
  const random = dice(seed);
  const map = createLabelMap(WIDTH, HEIGHT);
  const at = () => [random() * WIDTH, random() * HEIGHT];
  edited(map, () => {
    for (let k = 0; k < 80; k++) capsule(map, at(), at(), 2 + random() * 40, 1 + (k % 9));
  });
  return map;
}

test("whoever touches whom is found, within tiles and across their borders", () => {
  const map = scribbles(5);
  const dense = denseOf(map);
  const meets = new Map();
  const meet = (a, b) => a !== b && a && b && meets.set(`${Math.min(a, b)}-${Math.max(a, b)}`, (meets.get(`${Math.min(a, b)}-${Math.max(a, b)}`) ?? 0) + 1);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      if (x + 1 < WIDTH) meet(dense[y * WIDTH + x], dense[y * WIDTH + x + 1]);
      if (y + 1 < HEIGHT) meet(dense[y * WIDTH + x], dense[(y + 1) * WIDTH + x]);
    }
  }
  const adjacency = adjacencyOf(map);
  for (const [a, around] of adjacency) for (const b of around.keys()) assert.ok(meets.has(`${Math.min(a, b)}-${Math.max(a, b)}`), `${a} and ${b} do not touch`);
  // Contacts are sampled: a pair may be missed only if it hardly touches.
  for (const [pair, count] of meets) if (count > 30) assert.ok(adjacency.get(Number(pair.split("-")[0]))?.has(Number(pair.split("-")[1])), `${pair} (${count})`);
});

test("two uniform tiles side by side touch", () => {
  const map = createLabelMap(2 * TILE, TILE);
  edited(map, () => {
    map.setUniform(0, 3);
    map.setUniform(1, 4);
  });
  assert.deepEqual([...adjacencyOf(map)].map(([number, around]) => [number, [...around.keys()]]), [[3, [4]], [4, [3]]]);
});

test("samples at every level are the centres of their squares, also after an edit", () => {
  const map = scribbles(9);
  const levels = createLevels(map);
  const check = () => {
    for (let k = 0; k <= levels.deepest; k++) {
      for (let y = 0; y < HEIGHT; y += 61) {
        for (let x = 0; x < WIDTH; x += 53) {
          const centre = [((x >> k) << k) + (1 << k >> 1), ((y >> k) << k) + (1 << k >> 1)];
          if (centre[0] < WIDTH && centre[1] < HEIGHT) assert.equal(levels.numberNear(k, x, y), map.get(...centre), `${x}, ${y} at ${k}`);
        }
      }
    }
  };
  check();
  edited(map, () => capsule(map, [100, 100], [1200, 800], 37, 77));
  levels.flush();
  check();
});

test("the pixels of a tile are known without decoding it, and where two tiles differ", () => {
  const random = dice(4);
  const pixels = Uint16Array.from({ length: TILE * TILE }, (_, i) => ((i >> 11) % 3) + (random() < 0.01 ? 5 : 0));
  const tile = packTile(pixels);
  for (let i = 0; i < pixels.length; i += 977) assert.equal(numberOfTile(tile, i), pixels[i]);
  assert.equal(differenceOf(tile, packTile(pixels.slice())), null);
  const changed = unpackTile(tile, new Uint16Array(TILE * TILE));
  changed[37 * TILE + 5] = 91;
  changed[40 * TILE + 500] = 92;
  const { box, gained, lost } = differenceOf(tile, packTile(changed));
  assert.deepEqual(box, [5, 37, 500, 40]);
  assert.deepEqual(gained, new Map([[91, [1, 5, 37, 5, 37]], [92, [1, 500, 40, 500, 40]]]));
  assert.equal([...lost.values()].reduce((sum, [area]) => sum + area, 0), 2);
});

function fingers() {
  const heard = [];
  const tell = (what) => (event) => heard.push(event?.clientX === undefined ? what : `${what} ${event.clientX}`);
  const made = createFingers({
    press: tell("press"), move: tell("move"), release: tell("release"), drop: tell("drop"),
    pinch: ({ dx, factor }) => heard.push(`pinch ${Math.round(dx)} ${factor.toFixed(2)}`), tap: (count) => heard.push(`tap ${count}`),
  });
  const event = (pointerId, clientX, timeStamp, clientY = 0) => ({ pointerId, clientX, clientY, timeStamp });
  return { heard, ...made, event };
}

test("one finger is a press once it moves, or when it is lifted", () => {
  const { heard, onDown, onMove, onUp, event } = fingers();
  onDown(event(1, 10, 0));
  onMove(event(1, 12, 8));
  assert.deepEqual(heard, []);
  onMove(event(1, 40, 16));
  onUp(event(1, 50, 24));
  onDown(event(2, 70, 500));
  onUp(event(2, 70, 520));
  assert.deepEqual(heard, ["press 10", "move 40", "release 50", "press 70", "release 70"]);
});

test("a tap of two or three fingers is told from a pinch and from a stroke", () => {
  const { heard, onDown, onMove, onUp, event } = fingers();
  onDown(event(1, 10, 0));
  onDown(event(2, 90, 30));
  onUp(event(1, 11, 90));
  onUp(event(2, 90, 100));
  for (const id of [3, 4, 5]) onDown(event(id, 50 * id, 1000 + id));
  for (const id of [3, 4, 5]) onUp(event(id, 50 * id, 1100));
  assert.deepEqual(heard.splice(0), ["tap 2", "tap 3"]);
  onDown(event(6, 100, 2000));
  onDown(event(7, 200, 2010));
  onMove(event(6, 50, 2030));
  onMove(event(7, 250, 2050));
  onUp(event(6, 50, 2060));
  onUp(event(7, 250, 2070));
  assert.deepEqual(heard, ["pinch -25 1.50", "pinch 25 1.33"]);
});

test("a stroke begun by the first of two fingers is dropped; a finger that comes late changes nothing", () => {
  const { heard, onDown, onMove, onUp, cancel, event } = fingers();
  onDown(event(1, 10, 0));
  onMove(event(1, 25, 20));
  onDown(event(2, 90, 60));
  onUp(event(1, 25, 80));
  onUp(event(2, 90, 500));
  assert.deepEqual(heard.splice(0), ["press 10", "move 25", "drop"]);
  onDown(event(1, 10, 1000));
  onMove(event(1, 90, 1020));
  onDown(event(2, 300, 1600));
  onMove(event(1, 95, 1620));
  cancel();
  assert.deepEqual(heard, ["press 10", "move 90", "move 95", "drop"]);
});

test("a pen's pressure sets the size; other pointers and no pressure do not", () => {
  const pen = (pressure) => ({ pointerType: "pen", pressure });
  assert.equal(sizeOf(pen(1), "linear"), 1);
  assert.ok(sizeOf(pen(0.1), "firm") < sizeOf(pen(0.1), "linear"));
  assert.ok(sizeOf(pen(0.1), "linear") < sizeOf(pen(0.1), "soft"));
  assert.equal(sizeOf(pen(0.1), "off"), 1);
  assert.equal(sizeOf({ pointerType: "mouse", pressure: 0.5 }, "linear"), 1);
  assert.equal(sizeOf(undefined, "linear"), 1);
});
