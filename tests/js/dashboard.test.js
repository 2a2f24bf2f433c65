/** What the charts are made of: steps, places, labels, columns. */
import assert from "node:assert/strict";
import test from "node:test";
import { duration } from "../../frontend_static/dashboard/durations.js";
import { columnsByName, linear, spread, ticks } from "../../frontend_static/dashboard/scales.js";

test("steps of an axis are round and reach the largest value", () => {
  assert.deepEqual(ticks(100), [0, 50, 100]);
  assert.deepEqual(ticks(7), [0, 2, 4, 6, 8]);
  assert.deepEqual(ticks(1), [0, 0.5, 1]);
  assert.deepEqual(ticks(0), [0, 1]);
  assert.equal(ticks(48_311).at(-1), 60_000);
  for (const largest of [0.3, 3, 17, 99, 101, 1234, 99_999]) assert.ok(ticks(largest).at(-1) >= largest && ticks(largest).length <= 6, String(largest));
});

test("places are linear, and one value has one place", () => {
  assert.equal(linear([0, 10], [100, 0])(5), 50);
  assert.equal(linear([3, 3], [7, 9])(3), 7);
});

test("labels are spread with both ends", () => {
  assert.deepEqual(spread(3, 6), [0, 1, 2]);
  assert.deepEqual(spread(31, 6), [0, 6, 12, 18, 24, 30]);
  assert.deepEqual(spread(0, 6), []);
});

test("rows become columns of days, the small ones together", () => {
  const rows = [["1", "anna", 5], ["2", "rita", 9], ["2", "carl", 1], ["1", "ada", 2], ["2", "eve", 0]].map(([day, name, masks]) => ({ day: String(day), name, masks: Number(masks) }));
  const columns = columnsByName(["1", "2"], rows, ({ name }) => String(name), ({ masks }) => masks, { most: 3, rest: "others" });
  assert.deepEqual(columns, [
    { name: "rita", values: [0, 9] },
    { name: "anna", values: [5, 0] },
    { name: "others", values: [2, 1] },
  ]);
  assert.deepEqual(columnsByName(["1"], [], () => "", () => 1, { most: 3, rest: "others" }), []);
});

test("lengths of time are short", () => {
  assert.deepEqual([0, 45_000, 61_000, 600_000, 3_600_000, 5_400_000].map(duration), ["0 s", "45 s", "1 min 1 s", "10 min", "1 hour", "1 h 30 min"]);
});
