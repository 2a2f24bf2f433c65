/** Keys: no two actions answer to one, in no preset; people change them and carry them in files. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createActions } from "../../frontend_static/annotate/commands.js";
import { PRESETS } from "../../frontend_static/annotate/key_presets.js";
import { comboOf, keyLabel } from "../../frontend_static/annotate/keymap.js";
import { asPreset, conflictsIn, hindranceOf, holderOf, importedKeys, keysInForce, OWN_KEYS, withKey, withoutKey } from "../../frontend_static/annotate/shortcuts.js";
import { everyAction } from "./every_action.js";

const THREE = [
  { id: "tool.brush", keys: ["b"] },
  { id: "tool.eraser", keys: ["e", "shift+2"] },
  { id: "name.first", keys: ["1"], step: "names" },
];
const [brush, eraser] = THREE;

for (const preset of /** @type {const} */ (["tessera", "cvat"])) {
  test(`the keys of the preset ${preset} are free of conflicts and leave no action without a key`, async () => {
    const actions = (await everyAction()).keyed();
    const choice = { preset, changed: {} };
    assert.deepEqual(conflictsIn(actions, choice), []);
    const ids = new Set(actions.map(({ id }) => id));
    assert.deepEqual(Object.keys(PRESETS[preset]).filter((id) => !ids.has(id)), []);
    const inForce = keysInForce(actions, choice);
    assert.deepEqual(actions.filter(({ id, keys }) => keys.length > 0 && inForce.get(id).length === 0).map(({ id }) => id), []);
    const taken = [...inForce.values()].flat();
    assert.deepEqual(taken.filter((key) => hindranceOf(key) === "browser"), []);
  });
}

test("every action of the editor has a label and a group", async () => {
  const bare = (await everyAction()).keyed().filter(({ label, group }) => !label || !group);
  assert.deepEqual(bare, []);
});

test("two actions cannot come with one key, unless their steps never meet", () => {
  const options = { mayEdit: () => true, refuse: () => {}, stopGesture: () => false };
  const action = (id, keys, step) => ({ id, label: id, group: "Tools", keys, run: () => {}, step });
  assert.throws(() => createActions(options).add(action("a", ["x"]), action("b", ["x"])), /x is claimed by a and b/);
  assert.throws(() => createActions(options).add(action("a", ["t"]), action("b", ["t h"])), /claimed/);
  let step = "masks";
  const actions = createActions({ ...options, step: () => step });
  actions.add(action("a", ["1"], "masks"), action("b", ["1"], "names"));
  assert.equal(actions.forKey("1").id, "a");
  step = "names";
  assert.equal(actions.forKey("1").id, "b");
});

test("a key chosen for one action leaves the one that had it", () => {
  const choice = withKey(THREE, OWN_KEYS, brush, "e");
  const inForce = keysInForce(THREE, choice);
  assert.deepEqual([inForce.get("tool.brush"), inForce.get("tool.eraser")], [["b", "e"], ["shift+2"]]);
  assert.equal(holderOf(THREE, choice, eraser, "e").id, "tool.brush");
  assert.deepEqual(keysInForce(THREE, withoutKey(THREE, choice, brush, "b")).get("tool.brush"), ["e"]);
  assert.deepEqual(keysInForce(THREE, asPreset(asPreset(choice, "tool.brush"), "tool.eraser")).get("tool.eraser"), ["e", "shift+2"]);
});

test("a default that a person's own key took gives way without a fuss", () => {
  const inForce = keysInForce(THREE, { preset: "tessera", changed: { "tool.eraser": ["b"] } });
  assert.deepEqual([inForce.get("tool.brush"), inForce.get("tool.eraser")], [[], ["b"]]);
});

test("registered actions follow a change at once and tell it", () => {
  let told = 0;
  const actions = createActions({ mayEdit: () => true, refuse: () => {}, stopGesture: () => false });
  actions.onKeys(() => (told += 1));
  actions.add({ id: "tool.brush", label: "Brush", group: "Tools", keys: ["b"], run: () => {} });
  actions.rebind({ preset: "tessera", changed: { "tool.brush": ["t b"] } });
  assert.deepEqual([actions.forKey("b"), actions.forKey("t b").id, actions.begins("t"), told], [undefined, "tool.brush", true, 2]);
});

test("a file of keys brings what is known and leaves the rest", () => {
  const file = { preset: "cvat", changed: { "tool.brush": ["q"], "tool.gone": ["z"], "tool.eraser": ["<b>"], "name.first": ["ctrl+w"] } };
  assert.deepEqual(importedKeys(file, THREE), { choice: { preset: "cvat", changed: { "tool.brush": ["q"] } }, skipped: 3 });
  for (const wrong of [null, [], "keys", { preset: "vim", changed: {} }, { preset: "cvat", changed: null }]) assert.equal(importedKeys(wrong, THREE), null);
});

test("signs behind AltGr are those signs; two presses read as two", () => {
  const event = { key: "[", code: "Digit8", ctrlKey: true, altKey: true, metaKey: false, shiftKey: false, getModifierState: (name) => name === "AltGraph" };
  assert.equal(comboOf(event), "[");
  assert.equal(keyLabel("t h"), "T H");
  assert.equal(keyLabel("ctrl++"), "Ctrl++");
});
