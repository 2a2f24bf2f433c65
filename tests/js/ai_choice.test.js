import assert from "node:assert/strict";
import test from "node:test";
import { choose } from "../../frontend_static/annotate/ai_choice.js";
import { createEffort } from "../../frontend_static/annotate/effort.js";
import { maskOf, partAt } from "../../frontend_static/segmentation/coco_mask.js";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { ringsOf } from "../../frontend_static/segmentation/rings.js";
import { rleOf } from "../../frontend_static/segmentation/rle.js";
import { dice, edited } from "./support.js";

const IMAGE = { width: 400, height: 200 };

/** A mask of rows of "#" and "." as COCO RLE. */
function rle(rows) {
  const map = createLabelMap(rows[0].length, rows.length);
  edited(map, () => rows.forEach((row, y) => [...row].forEach((cell, x) => (map.write(0)[y * 512 + x] = cell === "#" ? 1 : 0))));
  return { size: [map.height, map.width], counts: rleOf(map, 1) };
}

/** An answer about the whole image, one cell a 10 px square; candidates by score. */
const answer = (candidates, change = {}) => ({
  view: [0, 0, 60, 40], stride: 10, split: false,
  candidates: candidates.map(([score, rows]) => ({ score, bbox: [0, 0, 60, 40], rle: rle(rows) })),
  ...change,
});
const LEFT = ["###...", "###...", "###...", "###..."];
const RIGHT = ["...###", "...###", "...###", "...###"];
const ALL = ["######", "######", "######", "######"];
const TWO = ["#....#", "#....#", "#....#", "#....#"];
const inside = (...at) => ({ at, isInside: true });
const outside = (...at) => ({ at, isInside: false });
const shown = ({ mask: { width, cells } }) => [...cells].reduce((text, cell, i) => text + (i && i % width === 0 ? "\n" : "") + (cell ? "#" : "."), "").split("\n");

test("a COCO string comes back as its cells", () => {
  const random = dice(11);
  for (let k = 0; k < 20; k++) {
    const rows = Array.from({ length: 1 + Math.floor(random() * 30) }, () => "");
    const width = 1 + Math.floor(random() * 40);
    rows.forEach((_, y) => (rows[y] = Array.from({ length: width }, () => (random() < 0.4 + 0.3 * (k % 2) ? "#" : ".")).join("")));
    if (!rows.join("").includes("#")) continue;
    assert.deepEqual(shown({ mask: maskOf(rle(rows)) }), rows);
  }
});

test("a click takes the best candidate under it, and the others follow", () => {
  const options = choose(answer([[0.5, ALL], [0.8, LEFT], [0.9, RIGHT]]), { points: [inside(15, 15)], box: null }, IMAGE);
  assert.deepEqual(options.map(shown), [LEFT, ALL]);
  assert.ok(options.every(({ fits }) => fits));
});

test("points outside rule candidates out, a box prefers what fills it", () => {
  const given = answer([[0.9, ALL], [0.4, LEFT]]);
  const [only] = choose(given, { points: [inside(15, 15), outside(45, 15)], box: null }, IMAGE);
  assert.deepEqual([shown(only), only.how], [LEFT, "whole"]);
  const [boxed] = choose(given, { points: [], box: [0, 0, 29, 39] }, IMAGE);
  assert.deepEqual(shown(boxed), LEFT);
  assert.deepEqual(choose(given, { points: [outside(45, 15)], box: null }, IMAGE), []);
});

test("of a mask in several parts the one pointed at is offered", () => {
  const click = { points: [inside(5, 15)], box: null };
  const part = ["#.....", "#.....", "#.....", "#....."];
  assert.deepEqual(choose(answer([[0.9, TWO]]), click, IMAGE).map(shown), [TWO, part]);
  assert.deepEqual(choose(answer([[0.9, TWO]], { split: true }), click, IMAGE).map(shown), [part, TWO]);
  assert.deepEqual(shown({ mask: partAt(maskOf(rle(TWO)), 5) }), [".....#", ".....#", ".....#", ".....#"]);
});

test("where no candidate fits, several are joined or cut, and the option says so", () => {
  const [joined] = choose(answer([[0.6, LEFT], [0.8, RIGHT]]), { points: [inside(15, 15), inside(45, 15)], box: null }, IMAGE);
  assert.deepEqual([shown(joined), joined.how, joined.fits, joined.score], [ALL, "joined", true, 0.8]);
  const [cut] = choose(answer([[0.6, ALL], [0.8, RIGHT]]), { points: [inside(15, 15), outside(45, 15)], box: null }, IMAGE);
  assert.deepEqual([shown(cut), cut.how, cut.fits], [LEFT, "cut", true]);
  const [short] = choose(answer([[0.6, LEFT]]), { points: [inside(15, 15), inside(45, 15)], box: null }, IMAGE);
  assert.deepEqual([shown(short), short.fits], [LEFT, false]);
});

test("masks that end where the model stopped looking come later", () => {
  const given = answer([[0.9, ALL], [0.7, LEFT]], { view: [100, 50, 60, 40] });
  given.candidates[0].bbox = [100, 50, 60, 40];
  given.candidates[1].bbox = [105, 55, 20, 20];
  const options = choose(given, { points: [inside(115, 65)], box: null }, IMAGE);
  assert.deepEqual(options.map(shown), [LEFT, ALL]);
});

test("rings go round every part and hole, and cut corners", () => {
  const rows = ["####.", "#..#.", "####.", "....#"];
  const { width, height, cells } = maskOf(rle(rows));
  const rings = ringsOf(cells, width, height, 1);
  assert.equal(rings.length, 3);
  const area = (ring) => {
    let sum = 0;
    for (let i = 0; i < ring.length; i += 2) {
      const j = (i + 2) % ring.length;
      sum += ring[i] * ring[j + 1] - ring[j] * ring[i + 1];
    }
    return sum / 2;
  };
  // Each convex corner costs an eighth of a cell; the ring of a hole goes the other way round.
  assert.deepEqual(rings.map(area).sort((a, b) => a - b), [-(2 - 0.5), 0.5, 12 - 0.5]);
  assert.equal(ringsOf(cells, width, height, 1, [4, 3, 4, 3]).length, 1);
  assert.ok(rings.every((ring) => ring.length <= 16));
});

test("time at work counts for the entity it was spent on, without pauses", () => {
  let clock = 0;
  const effort = createEffort({ now: () => clock, pause: 1000 });
  const at = (ms, change) => {
    clock = ms;
    return change ? effort.of(change) : effort.touch();
  };
  const change = (number, tiles, more = {}) => ({ tiles, operation: { tool: "brush", number, ms: 0, ...more } });
  at(500);
  at(9000);
  assert.deepEqual(at(9400, change(3, [1])), { strokes: 1, active_ms: 900 });
  assert.deepEqual(at(9700, change(0, [1])), {});
  assert.deepEqual(at(9900, change(3, [1], { undone: true })), {});
  assert.deepEqual(at(10000, change(4, [])), { active_ms: 600 });
});
