import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { compareRows, compareTiles, composed, existence, groupsOf } from "../../frontend_static/annotate/conflict.js";
import { createDrawing } from "../../frontend_static/annotate/drawing.js";
import { createEntities } from "../../frontend_static/annotate/entities.js";
import { fitting } from "../../frontend_static/annotate/fitting_history.js";
import { newest } from "../../frontend_static/annotate/kept_history.js";
import { createNumbers } from "../../frontend_static/annotate/numbers.js";
import { firstTransaction } from "../../frontend_static/annotate/sending.js";
import { inParts } from "../../frontend_static/annotate/splitting.js";
import { readUnsaved, restoreUnsaved, unsavedText } from "../../frontend_static/annotate/unsaved_file.js";
import { denseOf, dice, edited } from "./support.js";

const WIDTH = 700;
const HEIGHT = 560;
const draw = () => createDrawing(createLabelMap(WIDTH, HEIGHT), createEntities([]), () => 7);

function stroke(drawing, number, from, to, radius = 10) {
  drawing.begin();
  capsule(drawing.map, from, to, radius, number);
  return drawing.commit({ tool: "brush", number });
}

/** The same map again, as a reload makes it. */
function reopened(drawing) {
  const again = draw();
  drawing.map.tiles.forEach((state, t) => again.map.install(t, state));
  for (const entity of drawing.entities.all()) again.entities.update(entity.number, entity);
  return again;
}

// Undo across reloads

test("undo and redo go on after a reload, exactly", () => {
  const drawing = draw();
  const states = [denseOf(drawing.map)];
  for (let k = 1; k <= 6; k++) {
    stroke(drawing, k, [30 * k, 40], [600 - 20 * k, 500], 12);
    states.push(denseOf(drawing.map));
  }
  drawing.undo();
  drawing.undo();
  const again = reopened(drawing);
  const kept = structuredClone(drawing.history.commands());
  again.history.replace(fitting(kept, again.map.tiles, again.entities.get));
  assert.deepEqual({ undo: 4, redo: 2 }, { undo: again.history.depth().undo, redo: again.history.depth().redo });
  for (let k = 3; k >= 0; k--) {
    again.undo();
    assert.deepEqual(denseOf(again.map), states[k]);
  }
  for (let k = 1; k <= 6; k++) {
    again.redo();
    assert.deepEqual(denseOf(again.map), states[k]);
  }
  assert.equal(again.entities.get(6).deleted, false);
});

test("a history that no longer fits the map is dropped from there on, and never applied", () => {
  const drawing = draw();
  stroke(drawing, 1, [20, 20], [60, 60]); // tile 0
  stroke(drawing, 2, [600, 20], [650, 60]); // tile 1
  stroke(drawing, 3, [20, 530], [60, 540]); // tile 2
  const kept = structuredClone(drawing.history.commands());
  const again = reopened(drawing);
  edited(again.map, (map) => capsule(map, [640, 30], [640, 50], 3, 9));
  const fit = fitting(kept, again.map.tiles, again.entities.get);
  assert.deepEqual(fit.done.map(({ operation }) => operation.number), [3]);
  again.entities.update(3, { term: 5 });
  assert.equal(fitting(kept, again.map.tiles, again.entities.get).done.length, 1, "the stroke itself named nothing");
  again.entities.update(3, { deleted: true });
  assert.equal(fitting(kept, again.map.tiles, again.entities.get).done.length, 0);
});

test("what is taken up shares its tiles with the map", () => {
  const drawing = draw();
  stroke(drawing, 1, [20, 20], [60, 60]);
  stroke(drawing, 2, [30, 20], [70, 60]);
  const { done } = fitting(structuredClone(drawing.history.commands()), drawing.map.tiles, drawing.entities.get);
  assert.equal(done[1].tiles[0].after, drawing.map.tiles[0]);
  assert.equal(done[0].tiles[0].after, done[1].tiles[0].before);
});

test("the newest commands are kept, by number and by bytes", () => {
  const drawing = draw();
  for (let k = 1; k <= 8; k++) stroke(drawing, k, [30 * k, 40], [30 * k, 300]);
  for (let k = 0; k < 3; k++) drawing.undo();
  const commands = drawing.history.commands();
  const numbers = (kept) => [...kept.done, ...kept.undone].map(({ operation }) => operation.number);
  assert.deepEqual(numbers(newest(commands)), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(numbers(newest(commands, { commands: 4 })), [2, 3, 4, 5]);
  assert.deepEqual(numbers(newest(commands, { bytes: 0 })), []);
});

// Large saves

const row = (number, deleted = false) => ({ number, term: null, raw_name: "", colour: 0, deleted, base: 0 });
const tile = (t, length = 1000) => ({ t, base: 0, state: { uni: -1, runs: new Uint16Array(length) } });
const operation = (ms) => ({ tool: "brush", number: 1, ms });

test("an ordinary save is one transaction", () => {
  const contents = { tiles: [tile(1), tile(2)], entities: [row(5), row(6, true)], ops: [operation(3)] };
  assert.deepEqual(inParts(contents), [contents]);
});

test("a large save is cut so that entities are declared before they are used and deleted when they are empty", () => {
  const limits = { runBytes: 5000, rows: 3, operationBytes: 200 };
  const contents = {
    tiles: Array.from({ length: 7 }, (_, t) => tile(t)),
    entities: [row(1, true), row(2), row(3), row(4), row(5), row(6, true)],
    ops: Array.from({ length: 9 }, (_, ms) => operation(ms)),
  };
  const parts = inParts(contents, limits);
  const declared = parts.findLastIndex(({ entities }) => entities.some(({ deleted }) => !deleted));
  const firstTiles = parts.findIndex(({ tiles }) => tiles.length > 0);
  const lastTiles = parts.findLastIndex(({ tiles }) => tiles.length > 0);
  const deleted = parts.findIndex(({ entities }) => entities.some((entity) => entity.deleted));
  assert.ok(declared <= firstTiles && lastTiles <= deleted);
  for (const { tiles, entities } of parts) {
    assert.ok(tiles.reduce((sum, { state }) => sum + state.runs.byteLength, 0) <= limits.runBytes);
    assert.ok(entities.filter((entity) => !entity.deleted).length <= limits.rows);
  }
  const all = (key) => parts.flatMap((part) => part[key]);
  assert.deepEqual(all("tiles"), contents.tiles);
  assert.deepEqual(all("ops"), contents.ops);
  assert.deepEqual(all("entities").map(({ number }) => number).sort(), [1, 2, 3, 4, 5, 6]);
});

// Conflicts

/** Two versions of one map: mine with one stroke, theirs with two. */
function twoVersions() {
  const mine = draw();
  stroke(mine, 1, [0, 0], [700, 560], 900);
  const theirs = reopened(mine);
  stroke(mine, 2, [100, 100], [200, 100]);
  stroke(mine, 3, [500, 300], [530, 300]); // across the border of two tiles
  stroke(theirs, 4, [150, 100], [250, 100]);
  stroke(theirs, 5, [505, 300], [506, 400], 4);
  stroke(theirs, 6, [50, 400], [60, 400], 5);
  const conflicts = mine.map.tiles.flatMap((state, t) => (denseOf(mine.map) && state !== theirs.map.tiles[t] ? [{ t, mine: state, theirs: theirs.map.tiles[t] }] : []));
  return { mine, theirs, conflicts };
}

test("differing pixels fall into connected groups, across the borders of tiles too", () => {
  const { mine, theirs, conflicts } = twoVersions();
  const groups = groupsOf(mine.map, conflicts);
  const [a, b] = [denseOf(mine.map), denseOf(theirs.map)];
  const differing = a.reduce((sum, number, place) => sum + (number !== b[place] ? 1 : 0), 0);
  assert.equal(groups.length, 3);
  assert.equal(groups.reduce((sum, { area }) => sum + area, 0), differing);
  assert.ok(groups[0].area >= groups[1].area && groups[1].area >= groups[2].area);
  const spanning = groups.find(({ mine: numbers }) => numbers.has(3));
  assert.ok(spanning.box[0] < 512 && spanning.box[2] >= 512);
});

test("each group goes to the side chosen for it, and to no other", () => {
  const { mine, theirs, conflicts } = twoVersions();
  const groups = groupsOf(mine.map, conflicts);
  const [a, b] = [denseOf(mine.map), denseOf(theirs.map)];
  const random = dice(5);
  for (let round = 0; round < 6; round++) {
    const sides = new Map(groups.map((group) => [group, random() < 0.5 ? "mine" : "theirs"]));
    const expected = a.slice();
    for (const [group, side] of sides) {
      if (side === "mine") continue;
      for (let i = 0; i < group.segments.length; i += 3) {
        for (let x = group.segments[i + 1]; x <= group.segments[i + 2]; x++) expected[group.segments[i] * WIDTH + x] = b[group.segments[i] * WIDTH + x];
      }
    }
    const result = reopened(mine);
    for (const [t, state] of composed(mine.map, conflicts, groups, (group) => sides.get(group))) result.map.install(t, state);
    assert.deepEqual(denseOf(result.map), expected);
  }
  for (const [t, state] of composed(mine.map, conflicts, groups, () => "mine")) assert.equal(state, mine.map.tiles[t]);
  for (const [t, state] of composed(mine.map, conflicts, groups, () => "theirs")) assert.equal(state, theirs.map.tiles[t]);
});

test("a ragged edge is one group", () => {
  const mine = draw();
  const theirs = draw();
  edited(mine.map, (map) => {
    for (let x = 10; x < 400; x += 3) capsule(map, [x, 50], [x, 52], 0.5, 1);
  });
  const conflicts = [{ t: 0, mine: mine.map.tiles[0], theirs: theirs.map.tiles[0] }];
  assert.equal(groupsOf(mine.map, conflicts).length, 1);
});

test("only what both sides changed, and differently, is asked about", () => {
  const state = (uni) => ({ uni, runs: null });
  const mine = [state(1), state(2), state(3), state(4), state(5)];
  const theirs = { tiles: [state(1), state(9), state(9), state(4), state(6)], versions: [1, 2, 2, 2, 1] };
  const found = compareTiles(mine, [1, 1, 1, 1, 1], new Set([2, 3, 4]), theirs);
  assert.deepEqual(found.newer, [1]);
  assert.deepEqual(found.same, [3]);
  assert.deepEqual(found.conflicts.map(({ t }) => t), [2]);
  const fields = (number, name, version) => ({ number, term: null, name, rawName: name, deleted: false, version });
  const here = new Map([[1, fields(1, "a", 1)], [2, fields(2, "b", 1)], [3, fields(3, "c", 1)], [4, fields(4, "d", 1)]]);
  const rows = compareRows((number) => here.get(number), new Set([2, 3, 4]), [fields(1, "x", 2), fields(2, "y", 2), fields(3, "c", 2), fields(4, "z", 1)]);
  assert.deepEqual(rows.newer, [1]);
  assert.deepEqual(rows.conflicts.map(({ number }) => number), [2]);
});

test("what the server had acknowledged and has lost is saved again, not taken for a change", () => {
  const state = (uni) => ({ uni, runs: null });
  const found = compareTiles([state(1), state(2)], [9, 4], new Set(), { tiles: [state(7), state(2)], versions: [6, 4] });
  assert.deepEqual([found.lost, found.newer, found.conflicts], [[0], [], []]);
  const mine = { term: 1, name: "tree", rawName: "tree", deleted: false, version: 9 };
  const rows = compareRows(() => mine, new Set(), [{ ...mine, number: 3, term: null, version: 6 }]);
  assert.deepEqual([rows.lost, rows.newer], [[3], []]);
});

test("after a decision exactly the entities with pixels exist", () => {
  const drawing = draw();
  stroke(drawing, 1, [50, 50], [90, 50]);
  drawing.entities.update(1, { deleted: true });
  drawing.entities.update(2, { deleted: false });
  drawing.entities.update(3, { deleted: false });
  const changes = existence(drawing.map, drawing.entities.get, [2, 0]);
  assert.deepEqual(changes.map(({ number, after }) => [number, after.deleted]), [[1, false], [2, true]]);
});

// Unsaved changes as a file

test("unsaved changes leave as a file and come back as one command", () => {
  const drawing = draw();
  const entries = [];
  drawing.onChange((change) =>
    entries.push({ annotation: 7, seq: entries.length, txid: null, ops: [], tiles: change.tiles.map(({ t, state }) => ({ t, base: 1, state })), entities: change.entities.map((number) => drawing.entities.rowOf(number)) }),
  );
  stroke(drawing, 4, [100, 100], [600, 500]);
  drawing.describe("name", 4, { term: null, name: "tree", rawName: "tree" });
  const place = { annotation: 7, width: WIDTH, height: HEIGHT };
  const text = unsavedText(place, entries);
  const fresh = draw();
  restoreUnsaved(fresh, readUnsaved(text, place), () => "");
  assert.deepEqual(denseOf(fresh.map), denseOf(drawing.map));
  assert.deepEqual([fresh.entities.get(4).name, fresh.entities.get(4).deleted, fresh.history.depth().undo], ["tree", false, 1]);
  fresh.undo();
  assert.equal(fresh.map.area[4], 0);
  assert.throws(() => readUnsaved(text, { ...place, annotation: 8 }), /another image/);
  assert.throws(() => readUnsaved("{}", place), /does not hold/);
  assert.throws(() => readUnsaved("nonsense", place), /does not hold/);
});

// Numbers

test("a number in use is never given again, whatever a killed browser has forgotten", async () => {
  const kept = new Map([["tessera.numbers.7", JSON.stringify([{ next: 5, last: 7 }])]]);
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const numbers = createNumbers({ api: { post: async () => ({ first: 300, last: 555 }) }, annotation: 7, isUsed: (number) => number === 5 || number === 6, storage });
  assert.equal(numbers.take(), 7);
  await numbers.ensure();
  assert.equal(numbers.take(), 300);
});

// What an earlier session left

test("strokes that were not sealed are sent under the id they would have had", () => {
  const entry = (seq, plan, t, txid = null) => ({ annotation: 7, seq, txid, plan, tiles: [tile(t)], entities: [row(seq)], ops: [operation(seq)] });
  const first = firstTransaction([entry(3, "a", 0), entry(4, "a", 1), entry(5, "b", 2)]);
  assert.deepEqual([first.txid, first.seq, first.tiles.length, first.ops.length], ["a", 4, 2, 2]);
  const sealed = entry(3, undefined, 0, "s");
  assert.equal(firstTransaction([sealed, entry(4, "a", 1)]), sealed);
  assert.equal(firstTransaction([]), null);
  const large = { ...entry(3, "a", 0), tiles: [tile(0, 4 << 20), tile(1, 4 << 20)] };
  assert.equal(firstTransaction([large]), null, "it would have gone in several pieces, under ids of their own");
});
