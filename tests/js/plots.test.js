/** What plots are made of: steps, places, labels, stacks, limits, the strength of colours. */
import assert from "node:assert/strict";
import test from "node:test";
import { stacked } from "../../frontend_static/plots/bar_chart.js";
import { limitRuns } from "../../frontend_static/plots/control_chart.js";
import { heatOf } from "../../frontend_static/plots/heat_table.js";
import { radiusOf } from "../../frontend_static/plots/scatter_chart.js";
import { distinct, evenly, linear, nearest, spread, symmetricTicks, ticks, ticksBetween } from "../../frontend_static/plots/scales.js";

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

test("labels of an axis are equally far from each other, and none is said twice", () => {
  assert.deepEqual(evenly(31, 6), [0, 6, 12, 18, 24, 30]);
  assert.deepEqual(evenly(22, 14), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  assert.deepEqual([evenly(0, 4), evenly(1, 4), evenly(3, 6)], [[], [0], [0, 1, 2]]);
  assert.deepEqual(distinct([0, 0.5, 1], (value) => value.toFixed(0)), [0, 1]);
  assert.deepEqual(distinct([0, 0.5, 1], String), [0, 0.5, 1]);
});

test("steps between two values are round and hold both", () => {
  assert.deepEqual(ticksBetween(0.62, 0.91), [0.6, 0.7, 0.8, 0.9, 1]);
  assert.deepEqual(ticksBetween(-3, 5), [-4, -2, 0, 2, 4, 6]);
  assert.deepEqual(ticksBetween(0, 1), [0, 0.5, 1]);
  assert.deepEqual(ticksBetween(7, 7), [6.5, 7, 7.5]);
});

test("steps around zero are symmetric and hold all values", () => {
  assert.deepEqual(symmetricTicks([1.2, -0.3, 2.7]), [-4, -2, 0, 2, 4]);
  assert.deepEqual(symmetricTicks([0, 0, 0]), [-0.5, 0, 0.5]);
});

test("the nearest value is found", () => {
  const steps = [10, 20, 40];
  assert.deepEqual([-5, 14, 16, 29, 31, 900].map((step) => nearest(steps, step)), [0, 0, 1, 1, 2, 2]);
  assert.equal(nearest([7], 3), 0);
});

test("bars stand on each other without gaps", () => {
  assert.deepEqual(stacked([2, 0, 3]), [{ n: 0, from: 0, to: 2 }, { n: 2, from: 2, to: 5 }]);
  assert.deepEqual(stacked([]), []);
});

test("limits are drawn where there are some", () => {
  assert.deepEqual(limitRuns([null, 3, 4, null, 5]), [[[1, 3], [2, 4]], [[4, 5]]]);
  assert.deepEqual(limitRuns([null]), []);
});

test("colours and points stay within what can be read", () => {
  assert.deepEqual([-1, 0, 0.5, 1, 2].map(heatOf), [0, 0, 28, 55, 55]);
  assert.ok(radiusOf(0) > 3 && radiusOf(1) === radiusOf(9));
});
