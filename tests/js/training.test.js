/** What the pages of models and training compute: figures, curves, intervals, zoom, names. */
import assert from "node:assert/strict";
import test from "node:test";
import { blocksOf } from "../../frontend_static/models/model_card.js";
import { parametersText, scored, stageIn } from "../../frontend_static/models/version.js";
import { nameOfFile } from "../../frontend_static/shared/upload.js";
import { knownFigures, points, signed } from "../../frontend_static/training/figures.js";
import { lossName, termsOf } from "../../frontend_static/training/loss_names.js";
import { reachFor, smoothed } from "../../frontend_static/training/smoothing.js";
import { moved, transformOf, WHOLE, zoomed } from "../../frontend_static/pictures/zoom.js";

test("figures are points of 100; what was not there to count has none", () => {
  assert.deepEqual([0.3812, 0, 1, -1, null, undefined].map(points), ["38.1", "0.0", "100.0", "–", "–", "–"]);
  assert.deepEqual([0.0123, -0.0249, 0.0004, -0.0004].map(signed), ["+1.2", "−2.5", "0.0", "0.0"]);
  assert.deepEqual(knownFigures({ AP: 0.3, APs: -1 }, { APl: 0.4, unheard: 1 }).map(({ key }) => key), ["AP", "APl"]);
});

test("smoothing looks to both sides, leaves no lag and keeps gaps", () => {
  assert.deepEqual(smoothed([4, null, 4, 4], 2), [4, null, 4, 4]);
  assert.deepEqual(smoothed([0, 0, 3, 0, 0], 1), [0, 1, 1, 1, 0]);
  const falling = Array.from({ length: 9 }, (_, n) => 9 - n);
  assert.deepEqual(smoothed(falling, 2).slice(2, -2), falling.slice(2, -2));
  assert.deepEqual(smoothed([3, 1, 2], 0), [3, 1, 2]);
  assert.deepEqual([10, 200, 1000].map(reachFor), [0, 5, 25]);
});

test("terms of the loss: known ones first, single layers left out", () => {
  const rows = [{ step: 1, loss: 3, loss_new: 1, loss_dice_2d: 1, loss_ce_2d: 1, loss_ce_2d_3: 1 }, { step: 2, loss: 2, loss_mask_3d: 1 }];
  assert.deepEqual(termsOf(rows), ["loss_ce_2d", "loss_dice_2d", "loss_mask_3d", "loss_new"]);
  assert.equal(lossName("loss_new"), "loss_new");
});

test("zooming keeps the place under the pointer and the picture in its window", () => {
  const near = zoomed(WHOLE, 4, { x: 0.25, y: 1 });
  const under = (view, at) => view.x + (at - 0.5) / view.scale;
  assert.equal(near.scale, 4);
  assert.ok(Math.abs(under(near, 0.25) - 0.25) < 1e-9);
  assert.ok(near.y + 0.5 / near.scale <= 1 + 1e-9);
  assert.deepEqual(zoomed(near, 0.01), WHOLE);
  assert.equal(zoomed(WHOLE, 1000).scale, 16);
  assert.deepEqual(moved(WHOLE, 0.5, 0.5), WHOLE);
  assert.equal(moved(near, 99, 0).x, 0.5 / 4);
  assert.equal(transformOf(WHOLE), "scale(1) translate(0.000%, 0.000%)");
});

test("a version's place depends on the project", () => {
  const shared = { stage: "champion", is_champion_of: [3] };
  assert.deepEqual([3, 4].map((project) => stageIn(shared, project)), ["champion", "candidate"]);
  assert.equal(stageIn({ stage: "retired", is_champion_of: [] }, 3), "retired");
});

test("parameters and file names are said shortly", () => {
  assert.deepEqual([999, 980_400, 5_130_000, 218_400_000].map(parametersText), ["999", "980 k", "5.1 M", "218 M"]);
  assert.equal(nameOfFile("CropFormer_swin_tiny.PTH", [".pt", ".pth"]), "CropFormer swin tiny");
  assert.equal(scored({ figures: { AP: 0.381, AP50: 0.6, AP75: 0.4, APs: 0.1 } }), "APᵉ 38.1 · APᵉ50 60.0 · APᵉ75 40.0");
});

test("a model card becomes headings, paragraphs and tables", () => {
  const card = "# Starter\n\nA small\nmodel of `5` MB.\n\n## Data\n| on | AP |\n|---|---|\n| scenes | .13 |\n";
  assert.deepEqual(blocksOf(card), [
    { kind: "heading", text: "Starter" },
    { kind: "text", text: "A small model of `5` MB." },
    { kind: "heading", text: "Data" },
    { kind: "table", rows: [["on", "AP"], ["scenes", ".13"]] },
  ]);
  assert.deepEqual(blocksOf(""), []);
});
