/** Choosing several, walking to the next, naming and propagating, without a page. */
import assert from "node:assert/strict";
import test from "node:test";
import { createChosen, meant, ranged, toggled } from "../../frontend_static/annotate/chosen.js";
import { createDrawing } from "../../frontend_static/annotate/drawing.js";
import { createEntities } from "../../frontend_static/annotate/entities.js";
import { numbersInside } from "../../frontend_static/annotate/lasso_choice.js";
import { createNaming, faultOf } from "../../frontend_static/annotate/naming.js";
import { createPropagation, LEAST_CHECKED, LEAST_OFFERED, MOST_OFFERED, offerOf } from "../../frontend_static/annotate/propagation.js";
import { createStore } from "../../frontend_static/annotate/store.js";
import { nextUnnamed } from "../../frontend_static/annotate/walk_order.js";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { span } from "../../frontend_static/segmentation/raster.js";
import { edited } from "./support.js";

/** A map of rectangles [number, x, y, width, height]. */
function mapOf(width, height, ...rectangles) {
  const map = createLabelMap(width, height);
  edited(map, () => {
    for (const [number, x, y, w, h] of rectangles) for (let row = y; row < y + h; row++) span(map, row, x, x + w - 1, number);
  });
  return map;
}

const TREE = { id: 7, name: "tree", kind: "thing", aliases: [], parent: "plant", uses: 0 };

/** A drawing of four entities with everything naming needs. */
function desk() {
  const map = mapOf(400, 300, [1, 0, 0, 200, 100], [2, 200, 0, 200, 100], [3, 0, 100, 400, 150], [4, 0, 250, 400, 50]);
  const entities = createEntities([1, 2, 3, 4].map((number) => ({ number })));
  const drawing = createDrawing(map, entities, () => 1);
  const store = createStore({ selected: 1, previous: 0, chosen: [] });
  const said = [];
  const named = [];
  const vocabulary = { find: (name) => (name === "tree" ? TREE : undefined), termFor: async (name) => (name === "tree" ? TREE : { ...TREE, id: 8, name }), noteUse: (term, masks) => (term.uses += masks) };
  const chosen = createChosen(store, () => [3, 1, 2, 4]);
  const naming = createNaming({
    drawing, vocabulary, chosen: chosen.numbers, circumstances: () => ({ suggested: [9] }),
    onNamed: (numbers) => named.push(numbers), say: (sentence) => said.push(sentence),
  });
  return { map, entities, drawing, store, chosen, naming, said, named, names: () => [1, 2, 3, 4].map((n) => entities.get(n).name) };
}

test("one more, one less, and everything between two", () => {
  assert.deepEqual(meant({ selected: 0, chosen: [] }), []);
  assert.deepEqual(meant({ selected: 5, chosen: [] }), [5]);
  const two = toggled({ selected: 5, chosen: [] }, 6);
  assert.deepEqual(meant(two), [6, 5]);
  assert.deepEqual(toggled(two, 5), { selected: 6, chosen: [] });
  assert.deepEqual(toggled({ selected: 5, chosen: [] }, 5), { selected: 5, chosen: [] });
  assert.deepEqual(meant(ranged([3, 1, 2, 4], 4, 1)), [1, 2, 4]);
  assert.deepEqual(meant(ranged([3, 1, 2, 4], 99, 1)), [1]);
});

test("a plain choice ends the choice of several; Shift goes on from where it began", () => {
  const { chosen, store } = desk();
  chosen.only(1);
  chosen.extendTo(4);
  assert.deepEqual(new Set(chosen.numbers()), new Set([1, 2, 4]));
  chosen.extendTo(3);
  assert.deepEqual(new Set(chosen.numbers()), new Set([1, 3]));
  chosen.all();
  assert.equal(chosen.numbers().length, 4);
  store.set({ selected: 0 });
  assert.deepEqual(chosen.numbers(), []);
  chosen.these([2, 4]);
  store.set({ selected: 4 });
  assert.deepEqual(chosen.numbers(), [4, 2]);
  chosen.only(2);
  assert.deepEqual(chosen.numbers(), [2]);
});

test("several are named in one command and unnamed by one undo", () => {
  const { chosen, naming, drawing, names, named } = desk();
  const operations = [];
  drawing.onChange(({ operation, entities }) => operations.push([operation, entities]));
  chosen.these([2, 4, 1]);
  naming.withTerm(TREE);
  assert.deepEqual(names(), ["tree", "tree", "", "tree"]);
  assert.equal(drawing.history.depth().undo, 1);
  const [[operation, entities]] = operations;
  assert.deepEqual([operation.tool, operation.number, operation.numbers, operation.suggested], ["name", 2, [2, 4, 1], [9]]);
  assert.deepEqual(new Set(entities), new Set([1, 2, 4]));
  assert.deepEqual(named, [[2, 4, 1]]);
  drawing.undo();
  assert.deepEqual(names(), ["", "", "", ""]);
  drawing.redo();
  assert.deepEqual(names(), ["tree", "tree", "", "tree"]);
});

test("what is no name is refused with a sentence", async () => {
  const { naming, names, said } = desk();
  for (const bad of ["  ", "a\0b", "x".repeat(101), "a\u202eb"]) await naming.withText(bad);
  assert.deepEqual(names(), ["", "", "", ""]);
  assert.equal(said.length, 4);
  assert.equal(faultOf("x".repeat(100)), "");
  assert.equal(faultOf("🌳".repeat(100)), "");
  await naming.withText("oak");
  assert.equal(names()[0], "oak");
});

test("the largest comes first, or the next as one reads, and none when all have names", () => {
  const map = mapOf(600, 600, [1, 0, 0, 50, 50], [2, 500, 10, 90, 90], [3, 0, 400, 300, 150], [4, 400, 420, 60, 60]);
  assert.equal(nextUnnamed(map, [1, 2, 4], "area", 3), 2);
  assert.equal(nextUnnamed(map, [1, 3, 4], "space", 2), 3);
  assert.equal(nextUnnamed(map, [1, 2, 3], "space", 4), 1);
  assert.equal(nextUnnamed(map, [4], "space", 4), 4);
  assert.equal(nextUnnamed(map, [], "area", 4), 0);
});

test("a lasso takes in what lies inside by half or more", () => {
  const map = mapOf(1200, 900, [1, 100, 100, 200, 200], [2, 400, 100, 300, 200], [3, 800, 600, 300, 200], [4, 350, 350, 2, 2], [5, 0, 880, 1200, 20]);
  const box = (x0, y0, x1, y1) => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  assert.deepEqual(numbersInside(map, box(90, 90, 460, 400)), [1, 4]);
  assert.deepEqual(numbersInside(map, box(90, 90, 600, 400)), [2, 1, 4]);
  assert.deepEqual(numbersInside(map, [[90, 90], [260, 90], [90, 260]]), []);
  assert.deepEqual(numbersInside(map, [[0, 0], [5, 5]]), []);
  assert.deepEqual(numbersInside(map, box(-500, -500, 5000, 5000)), [2, 3, 1, 5, 4]);
});

test("only what is alike and unnamed is offered, and only what is very alike is ticked", () => {
  const similar = [[1, 0.99], [2, LEAST_CHECKED], [3, LEAST_CHECKED - 0.01], [4, LEAST_OFFERED - 0.01]].map(([number, similarity]) => ({ number, similarity }));
  assert.deepEqual(offerOf(similar, (n) => n !== 1).map(({ number, checked }) => [number, checked]), [[2, true], [3, false]]);
  const many = Array.from({ length: 40 }, (_, i) => ({ number: i + 1, similarity: 0.99 }));
  assert.equal(offerOf(many, () => true).length, MOST_OFFERED);
});

test("an offer is taken in one command, for those ticked and still unnamed", async () => {
  const { entities, drawing, naming, names } = desk();
  const isUnnamed = (n) => !entities.get(n).name;
  const answers = [{ number: 2, similarity: 0.99 }, { number: 3, similarity: 0.97 }, { number: 4, similarity: 0.9 }];
  const propagation = createPropagation({ similarTo: async () => answers, isUnnamed, give: naming.propagate });
  await propagation.look([1], TREE);
  assert.deepEqual(propagation.current().offered.map(({ checked }) => checked), [true, true, false]);
  propagation.toggle(4);
  propagation.toggle(3);
  drawing.describe("name", 2, { term: 5, name: "car", rawName: "car" });
  propagation.refresh();
  assert.equal(propagation.take(), 1);
  assert.deepEqual(names(), ["", "car", "", "tree"]);
  assert.equal(propagation.current(), null);
  drawing.undo();
  assert.deepEqual(names(), ["", "car", "", ""]);
});

test("an answer that comes after the next name is not offered", async () => {
  const waiting = [];
  const propagation = createPropagation({ similarTo: () => new Promise((resolve) => waiting.push(resolve)), isUnnamed: () => true, give: () => {} });
  const first = propagation.look([1], TREE);
  const second = propagation.look([2], { ...TREE, id: 8, name: "car" });
  waiting[1]([{ number: 3, similarity: 0.99 }]);
  waiting[0]([{ number: 4, similarity: 0.99 }]);
  await Promise.all([first, second]);
  assert.equal(propagation.current().term.name, "car");
  assert.deepEqual(propagation.current().offered.map(({ number }) => number), [3]);
});
