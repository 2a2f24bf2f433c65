/** What the pages of studies compute: what is sent, the protocol in words, what is chosen of a report, where a disagreement is. */
import assert from "node:assert/strict";
import test from "node:test";
import { populationText } from "../../frontend_static/consistency/protocol.js";
import { driftSeries, matrixOf, pairsOf } from "../../frontend_static/consistency/report_shape.js";
import { orderOf, populationOf } from "../../frontend_static/consistency/study_order.js";
import { viewOn } from "../../frontend_static/pictures/zoom.js";

const form = (fields) => Object.entries(fields).reduce((data, [name, value]) => ([value].flat().forEach((one) => data.append(name, one)), data), new FormData());

test("a study asks for what was filled in and leaves the rest to the server", () => {
  const fields = { name: " Spring ", split: "val", source: "", accepted_before: "", min_masks: "3", file_name: "", size: "12", annotators: "2", members: ["bea", "carl"], not_before_days: "120", start: "as_first", every: "4", names_phase: "on", instructions: "", seed: "" };
  const order = orderOf(7, form(fields));
  assert.deepEqual(order.population, { split: "val", min_masks: 3 });
  assert.deepEqual([order.name, order.size, order.members, order.names_phase, "seed" in order], ["Spring", 12, ["bea", "carl"], true, false]);
  assert.equal(orderOf(7, form({ ...fields, seed: "0" })).seed, 0);
  assert.deepEqual(populationOf(form({})), {});
  assert.equal(populationText({}), "all accepted images");
  assert.equal(populationText({ split: "val", min_masks: 3 }), "split val, at least 3 entities");
});

test("the matrix of a report is the one that is asked for, its interval only where it belongs to it", () => {
  const report = {
    places: [{ place: 1, label: "A1" }, { place: 2, label: "A2" }],
    masks: { pooled: [[null, 0.8], [0.6, null]], per_image: [[null, 0.7], [0.7, null]], intervals: [[null, [0.5, 0.9]], [[0.4, 0.7], null]], other_tie_break: { pooled: [[null, 0.3], [0.2, null]], per_image: [[null, 0.1], [0.1, null]] } },
    pq: [[null, 0.5], [0.5, null]], pq_intervals: [[null, [0.4, 0.6]], [[0.4, 0.6], null]], f1: [[null, 1], [1, null]], covering: [[null, 0.9], [0.8, null]],
  };
  const ap = { measure: "ap", form: "pooled", order: "first" };
  assert.deepEqual(matrixOf(report, ap), { values: report.masks.pooled, bounds: report.masks.intervals });
  assert.deepEqual(matrixOf(report, { ...ap, form: "per_image" }), { values: report.masks.per_image, bounds: null });
  assert.deepEqual(matrixOf(report, { ...ap, order: "other" }), { values: report.masks.other_tie_break.pooled, bounds: null });
  assert.deepEqual(matrixOf(report, { ...ap, measure: "pq" }), { values: report.pq, bounds: report.pq_intervals });
  assert.equal(matrixOf(report, { ...ap, measure: "covering" }).values, report.covering);
  assert.deepEqual(pairsOf(report.places, report.masks.pooled).map(({ key, value }) => [key, value.toFixed(6)]), [["1-2", "0.700000"]]);
  assert.equal(pairsOf(report.places, [[null, null], [null, null]])[0].value, null);
});

test("people of unequal diligence share one axis", () => {
  const batch = (pq) => ({ from: "", to: "", pq, images: 10 });
  assert.deepEqual(driftSeries([{ annotator: "bea", batches: [batch(0.9), batch(0.8)] }, { annotator: "carl", batches: [batch(0.7)] }]), {
    batches: [1, 2], series: [{ annotator: "bea", values: [0.9, 0.8] }, { annotator: "carl", values: [0.7, null] }],
  });
});

test("a box comes into the middle of its window, whatever the shapes", () => {
  const wide = viewOn([0.5, 0.25, 0.6, 0.35], 2, 1, 1); // the picture fills the window's width and half of its height
  assert.deepEqual([wide.scale.toFixed(6), wide.x.toFixed(6), wide.y.toFixed(6)], ["10.000000", "0.550000", "0.400000"]);
  assert.deepEqual(viewOn([0, 0, 1, 1], 1, 1), { scale: 1, x: 0.5, y: 0.5 });
  assert.equal(viewOn([0.5, 0.5, 0.5, 0.5], 1, 3).scale, 16);
});
