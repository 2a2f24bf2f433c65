import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { adjacencyOf } from "../../frontend_static/segmentation/adjacency.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { chooseColours } from "../../frontend_static/annotate/colouring.js";
import { createActions } from "../../frontend_static/annotate/commands.js";
import { createDrawing } from "../../frontend_static/annotate/drawing.js";
import { createEntities } from "../../frontend_static/annotate/entities.js";
import { percentText, pixelsText } from "../../frontend_static/annotate/format.js";
import { comboOf, keyLabel } from "../../frontend_static/annotate/keymap.js";
import { COLOURS, DISTANCE } from "../../frontend_static/annotate/palette.js";
import { allowErasing, allowFor } from "../../frontend_static/annotate/paint_modes.js";
import { createPending } from "../../frontend_static/annotate/pending.js";
import { knownTerm, suggest } from "../../frontend_static/annotate/suggestions.js";
import { dice, edited } from "./support.js";

const draw = () => {
  const map = createLabelMap(300, 200);
  return createDrawing(map, createEntities([]), () => 7);
};

function stroke(drawing, number, from, to) {
  drawing.begin();
  capsule(drawing.map, from, to, 10, number);
  return drawing.commit({ tool: "brush", number });
}

test("a first stroke brings an entity to life, undo takes it away again, redo brings it back", () => {
  const drawing = draw();
  stroke(drawing, 5, [50, 50], [150, 50]);
  const { deleted, colour } = drawing.entities.get(5);
  assert.deepEqual([deleted, colour], [false, 7]);
  const area = drawing.map.area[5];
  drawing.undo();
  assert.equal(drawing.map.area[5], 0);
  assert.equal(drawing.entities.get(5).deleted, true);
  drawing.redo();
  assert.equal(drawing.map.area[5], area);
  assert.equal(drawing.entities.get(5).deleted, false);
});

test("an entity painted over entirely is deleted with its last pixel, in the same command", () => {
  const drawing = draw();
  stroke(drawing, 5, [50, 50], [150, 50]);
  const command = drawing.run({ tool: "merge", number: 6 }, drawing.map.relabel([5], 6));
  assert.deepEqual(command.entities.map(({ number, after }) => [number, after.deleted]).sort(), [[5, true], [6, false]]);
  drawing.undo();
  assert.equal(drawing.entities.get(5).deleted, false);
});

test("names are undone like strokes, and every change says what has to be saved", () => {
  const drawing = draw();
  const changes = [];
  drawing.onChange((change) => changes.push(change));
  stroke(drawing, 5, [50, 50], [150, 50]);
  drawing.describe("name", 5, { term: 3, name: "tree", rawName: "tree" });
  drawing.undo();
  assert.equal(drawing.entities.get(5).name, "");
  assert.deepEqual(changes.map(({ tiles, entities }) => [tiles.length, entities]), [[1, [5]], [0, [5]], [0, [5]]]);
  assert.equal(changes[2].operation.undone, true);
  assert.deepEqual(drawing.entities.rowOf(5), { number: 5, term: null, raw_name: "", colour: 7, deleted: false, base: 0 });
});

test("a stroke that changes nothing is no command", () => {
  const drawing = draw();
  stroke(drawing, 5, [50, 50], [150, 50]);
  assert.equal(stroke(drawing, 5, [60, 50], [140, 50]), null);
  assert.equal(drawing.history.depth().undo, 1);
});

test("one look-up table says what may be painted over", () => {
  const over = allowFor("over", { start: 3, locked: [4] });
  assert.deepEqual([over[0], over[3], over[4]], [1, 1, 0]);
  const behind = allowFor("behind", { start: 3, locked: [] });
  assert.deepEqual([behind[0], behind[3]], [1, 0]);
  const within = allowFor("within", { start: 3, locked: [] });
  assert.deepEqual([within[0], within[3]], [0, 1]);
  assert.equal(allowFor("within", { start: 3, locked: [3] })[3], 0);
  const erase = allowErasing({ onlyActive: true, active: 2, locked: [] });
  assert.deepEqual([erase[2], erase[3]], [1, 0]);
});

test("neighbours get colours that everyone can tell apart", () => {
  const random = dice(2);
  const map = createLabelMap(1200, 900);
  edited(map, () => {
    for (let k = 0; k < 90; k++) capsule(map, [random() * 1200, random() * 900], [random() * 1200, random() * 900], 40, 1 + k);
  });
  const adjacency = adjacencyOf(map);
  const colours = chooseColours(map.numbers(), adjacency);
  assert.equal(colours.size, map.numbers().length);
  for (const [number, neighbours] of adjacency) {
    for (const other of neighbours.keys()) assert.notEqual(colours.get(number), colours.get(other));
  }
  const distances = [...adjacency].flatMap(([a, around]) => [...around.keys()].map((b) => DISTANCE[colours.get(a)][colours.get(b)]));
  assert.ok(Math.min(...distances) > 0.03, `nearest pair: ${Math.min(...distances)}`);
});

test("colours already chosen stay, and few entities share none", () => {
  const adjacency = new Map([[1, new Map([[2, 1]])], [2, new Map([[1, 1]])]]);
  assert.equal(chooseColours([2], adjacency, new Map([[1, 4]])).has(1), false);
  assert.equal(new Set(chooseColours([1, 2, 3, 4, 5, 6], new Map()).values()).size, 6);
  assert.equal(COLOURS.length, 24);
});

const term = (id, name, more = {}) => ({ id, name, kind: "thing", aliases: [], parent: null, uses: 0, ...more });
const VOCABULARY = [
  term(1, "tree", { parent: "plant", aliases: ["arbor"] }),
  term(2, "street_light", { parent: "fixture" }),
  term(3, "traffic light", { parent: "sign" }),
  term(4, "light", {}),
  term(5, "lighthouse", { parent: "building" }),
  term(6, "car", { parent: "vehicle", aliases: ["automobile"], uses: 40 }),
  term(7, "cart", { parent: "vehicle" }),
];
const names = (query) => suggest(query, VOCABULARY).map(({ term: found }) => found.name);

test("suggestions rank exact, prefix, word, alias, hypernym, infix, subsequence", () => {
  assert.deepEqual(names("light").slice(0, 2), ["light", "lighthouse"]);
  assert.deepEqual(new Set(names("light").slice(2)), new Set(["street_light", "traffic light"]));
  assert.equal(names("autom")[0], "car");
  assert.deepEqual(names("veh"), ["car", "cart"]);
  assert.equal(names("tre")[0], "tree");
  assert.equal(names("tlt")[0], "street_light");
  assert.deepEqual(names("zzz"), []);
});

test("an empty query shows what is used most", () => {
  assert.equal(names("")[0], "car");
});

test("a name is known by any spelling of it or of its alias", () => {
  assert.equal(knownTerm("Street  Light", VOCABULARY)?.id, 2);
  assert.equal(knownTerm("ARBOR", VOCABULARY)?.id, 1);
  assert.equal(knownTerm("shrub", VOCABULARY), undefined);
});

test("two actions cannot claim one key", () => {
  const actions = createActions({ mayEdit: () => true, refuse: () => {}, stopGesture: () => false });
  const action = (id, keys) => ({ id, label: id, group: "", keys, run: () => {} });
  actions.add(action("a", ["x"]));
  assert.throws(() => actions.add(action("b", ["x"])), /x is claimed by a and b/);
});

test("nothing is edited while read-only", () => {
  let ran = 0;
  const said = [];
  const actions = createActions({ mayEdit: () => false, refuse: (sentence) => said.push(sentence), stopGesture: () => false });
  actions.add({ id: "a", label: "", group: "", keys: [], edits: true, run: () => ran++ });
  actions.add({ id: "b", label: "", group: "", keys: [], run: () => ran++ });
  assert.equal(actions.run("a"), false);
  assert.equal(actions.run("b"), true);
  assert.equal(ran, 1);
  assert.equal(said.length, 1);
});

test("key presses have one name each, whatever the keyboard makes of Alt and Shift", () => {
  const press = (key, code, more = {}) => comboOf({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  assert.equal(press("G", "KeyG", { shiftKey: true }), "shift+g");
  assert.equal(press("z", "KeyZ", { metaKey: true }), "ctrl+z");
  assert.equal(press("Ü", "KeyU", { altKey: true }), "alt+u");
  assert.equal(press("!", "Digit1", { shiftKey: true }), "shift+1");
  assert.equal(press("[", "Digit8", { altKey: false }), "[");
  assert.equal(press(" ", "Space"), "space");
  assert.equal(press("Tab", "Tab", { shiftKey: true }), "shift+tab");
  assert.equal(press("+", "Equal", { shiftKey: true }), "+");
  assert.equal(keyLabel("ctrl+shift+z"), "Ctrl+Shift+Z");
  assert.equal(keyLabel("+"), "+");
});

test("what waits to be saved keeps the last state and the first base of each tile", () => {
  const pending = createPending();
  const tile = (base, uni) => ({ t: 3, base, state: { uni, runs: null } });
  pending.add({ seq: 1, tiles: [tile(4, 1)], entities: [], ops: [{ tool: "brush", number: 1, ms: 3 }] });
  pending.add({ seq: 2, tiles: [tile(9, 2)], entities: [], ops: [{ tool: "brush", number: 2, ms: 3 }] });
  const { seq, tiles, ops } = pending.contents();
  assert.equal(seq, 2);
  assert.deepEqual(tiles, [tile(4, 2)]);
  assert.equal(ops.length, 2);
  pending.renumber(7);
  assert.equal(pending.contents().seq, 7);
  pending.add({ seq: 8, tiles: [tile(9, 3)], entities: [], ops: [] });
  assert.equal(pending.contents().seq, 8);
});

test("a share never reads as complete before it is", () => {
  assert.equal(percentText(999_999, 1_000_000), "99.99+ %");
  assert.equal(percentText(1_000_000, 1_000_000), "100 %");
  assert.equal(percentText(1, 1_000_000), "< 0.01 %");
  assert.equal(percentText(0, 10), "0.00 %");
  assert.equal(pixelsText(9999), "9,999 px");
});
