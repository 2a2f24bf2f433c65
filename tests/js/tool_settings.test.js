import assert from "node:assert/strict";
import test from "node:test";
import { createDrawing } from "../../frontend_static/annotate/drawing.js";
import { createEntities } from "../../frontend_static/annotate/entities.js";
import { createGaps } from "../../frontend_static/annotate/gaps.js";
import { previewOf } from "../../frontend_static/annotate/pixels/preview.js";
import { createStore } from "../../frontend_static/annotate/store.js";
import { createToolSettings } from "../../frontend_static/annotate/tool_settings.js";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { giveGaps } from "../../frontend_static/segmentation/gaps.js";
import { polygon } from "../../frontend_static/segmentation/polygon.js";
import { edited } from "./support.js";

test("a setting stays within its bounds, and what an earlier visit left is checked", () => {
  const store = createStore({ settings: { "a.way": "gone", "a.size": 900, "a.on": true }, paintMode: "over" });
  const settings = createToolSettings(store);
  settings.declare([
    { id: "a.way", kind: "choice", label: "", start: "pull", choices: [{ value: "pull", label: "" }, { value: "push", label: "" }] },
    { id: "a.size", kind: "range", label: "", start: 7, min: 1, max: 64 },
    { id: "a.on", kind: "check", label: "", start: false },
  ]);
  assert.deepEqual([settings.text("a.way"), settings.number("a.size"), settings.isOn("a.on")], ["pull", 7, true]);
  settings.set("a.size", 500);
  assert.equal(settings.number("a.size"), 64);
  let heard = 0;
  settings.onChange(() => heard++);
  settings.set("a.size", 64);
  assert.equal(heard, 0, "nothing changed");
  assert.throws(() => settings.get("a.other"), /no setting a.other/);
});

test("gaps are walked by size; a count that the map has overtaken is not believed", async () => {
  globalThis.window ??= globalThis;
  const map = createLabelMap(60, 60);
  edited(map, () => polygon(map, [[-1, -1], [60, -1], [60, 60], [-1, 60]], 1));
  const drawing = createDrawing(map, createEntities([]), () => 0);
  const answers = [];
  const gaps = createGaps(drawing, () => {}, () => new Promise((resolve) => answers.push(resolve)));
  const gap = (area, x) => ({ area, box: [x, 0, x, area - 1], point: [x, 0], suggested: 1 });
  const first = gaps.step(1);
  const second = gaps.list();
  assert.equal(answers.length, 1, "one count serves both");
  drawing.begin();
  polygon(map, [[9.5, -1], [12.5, -1], [12.5, 6.5], [9.5, 6.5]], 0);
  drawing.commit({ tool: "eraser", number: 0 });
  answers[0]([]);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(answers.length, 2, "counted again, since the map is another");
  answers[1]([gap(7, 10), gap(3, 12)]);
  assert.deepEqual((await first).gap, gap(7, 10));
  assert.equal((await second).length, 2);
  assert.deepEqual([(await gaps.step(1)).place, (await gaps.step(1)).place, (await gaps.step(-1)).place], [2, 1, 2]);
  await gaps.chooseAt([10, 0, 10, 6]);
  assert.equal((await gaps.current()).area, 7);
});

test("a preview tells what would be gained and lost, and receivers apart", () => {
  const map = createLabelMap(100, 60);
  edited(map, () => {
    polygon(map, [[-1, -1], [100, -1], [100, 60], [-1, 60]], 1);
    polygon(map, [[49.5, -1], [100, -1], [100, 60], [49.5, 60]], 2);
    polygon(map, [[39.5, 9.5], [59.5, 9.5], [59.5, 19.5], [39.5, 19.5]], 0);
  });
  const { changes } = giveGaps(map, { rule: "nearest", maxArea: Infinity, mayReceive: () => true });
  const { kinds, grid, gained, lost } = previewOf(map, changes, 0);
  assert.deepEqual([grid.x, grid.y, grid.width, grid.height, gained, lost], [40, 10, 20, 10, 200, 0]);
  assert.equal(new Set(kinds).size, 2);
  assert.deepEqual(previewOf(map, changes.map(({ t, before, after }) => ({ t, before: after, after: before })), 2).lost, 100);
  assert.equal(previewOf(map, [], 3), null);
});
