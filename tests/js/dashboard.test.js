/** What the dashboard computes: columns of days, lengths of time. */
import assert from "node:assert/strict";
import test from "node:test";
import { duration } from "../../frontend_static/dashboard/durations.js";
import { columnsByName } from "../../frontend_static/dashboard/columns.js";

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
