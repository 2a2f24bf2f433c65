/** What the pages of evaluation reports compute: sets, terms in order, confusions, what was left out. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { matrixOf } from "../../frontend_static/evaluation/confusion_matrix.js";
import { countedProblems, problemSentence } from "../../frontend_static/evaluation/left_out.js";
import { orderOf } from "../../frontend_static/evaluation/report_order.js";
import { countOf, keyOf, specOf } from "../../frontend_static/evaluation/set_choice.js";
import { sizeName } from "../../frontend_static/evaluation/size_names.js";
import { chosenTerms, namedTerms, pressed } from "../../frontend_static/evaluation/term_rows.js";
import { ticks } from "../../frontend_static/evaluation/ticked.js";

const SERVER = new URL("../../annotation_server/evaluation/", import.meta.url);

test("a set goes through a select and comes back", () => {
  const specs = [{ kind: "accepted" }, { kind: "model", model_version: 7 }, { kind: "release", release: 2 }, { kind: "annotator", user: "a:b" }, { kind: "upload", upload: 1 }];
  assert.deepEqual(specs.map((spec) => specOf(keyOf(spec))), specs);
});

test("images are counted over all splits or in one", () => {
  assert.deepEqual([countOf({ train: 3, val: 2, none: 1 }, ""), countOf({ train: 3 }, "val"), countOf(undefined, "")], [6, 0, 0]);
});

test("what is asked for names every option", () => {
  const data = new FormData();
  for (const [name, value] of [["truth", "accepted"], ["found", "model:7"], ["split", "val"], ["name", " night 1 "], ["void", "crowd"], ["similarity", "identity"], ["boundary", ""]]) data.set(name, value);
  assert.deepEqual(orderOf(3, data), {
    project: 3, name: "night 1", truth: { kind: "accepted" }, found: { kind: "model", model_version: 7 }, split: "val",
    options: { overlap: "refuse", void: "crowd", similarity: "identity", boundary: false },
  });
});

test("terms are searched by every word, sorted both ways, and what has no figure comes last", () => {
  const row = (term, n, PQ) => ({ term, true: n, found: n, AP: null, AP50: null, PQ, IoU: null });
  const terms = namedTerms([row(1, 4, 0.5), row(2, 9, null), row(3, 4, 0.9), row(0, 1, 0.1)], { 1: { name: "Traffic light" }, 2: { name: "tree" }, 3: { name: "light pole" } }, "without a name");
  const names = (search, order) => chosenTerms(terms, search, order).map(({ name }) => name);
  assert.deepEqual(names("", { key: "PQ", isDown: true }), ["light pole", "Traffic light", "without a name", "tree"]);
  assert.deepEqual(names("", { key: "PQ", isDown: false }), ["without a name", "Traffic light", "light pole", "tree"]);
  assert.deepEqual(names("LIGHT tra", { key: "name", isDown: false }), ["Traffic light"]);
  assert.deepEqual(pressed({ key: "PQ", isDown: true }, "PQ"), { key: "PQ", isDown: false });
  assert.deepEqual(pressed({ key: "PQ", isDown: true }, "name"), { key: "name", isDown: false });
});

test("a thousand terms are sorted within a frame", () => {
  const rows = Array.from({ length: 1000 }, (_, term) => ({ term, true: term % 37, found: 1, AP: (term * 7919) % 1000, AP50: 0, PQ: 0, IoU: 0, name: `term ${term}`, kind: "" }));
  const begun = process.cpuUsage().user;
  for (let n = 0; n < 10; n++) chosenTerms(rows, "term 1", { key: "AP", isDown: true });
  assert.ok((process.cpuUsage().user - begun) / 10 < 16_000);
});

test("the confusion matrix shows what is mistaken most", () => {
  const pairs = [{ true: 1, found: 2, count: 5, pixels: 50 }, { true: 3, found: 2, count: 4, pixels: 1 }, { true: 1, found: 4, count: 1, pixels: 9 }, { true: 5, found: 6, count: 1, pixels: 1 }];
  const { rows, columns, counts, largest } = matrixOf(pairs, 2);
  assert.deepEqual([rows, columns, counts.get("1 2"), largest], [[1, 3], [2, 4], 5, 5]);
  assert.deepEqual(matrixOf([], 8), { rows: [], columns: [], counts: new Map(), largest: 0 });
});

test("two reports are ticked; a third takes the place of the first", () => {
  const [a, b, c] = ["a", "b", "c"].map((name, id) => ({ id, name }));
  assert.deepEqual(ticks([a, b], c, true), [b, c]);
  assert.deepEqual(ticks([a, b], a, false), [b]);
  assert.deepEqual(ticks([a], a, true), [a]);
});

test("everything that the server leaves out has a sentence", () => {
  const files = readdirSync(SERVER).filter((name) => name.endsWith(".py"));
  const kinds = files.flatMap((name) => [...readFileSync(new URL(name, SERVER), "utf8").matchAll(/(?:\.note\(\s*|left_out\[|for kind, side in \(\()"(\w+)"/g)].map((match) => match[1]));
  assert.ok(kinds.length > 20);
  assert.deepEqual(kinds.filter((kind) => problemSentence(kind) === kind.replaceAll("_", " ")), []);
  assert.deepEqual(countedProblems({ found_in_void: 2, images_without_truth: 1 }), [{ kind: "found_in_void", count: 2, examples: [] }]);
});

test("ranges of size are said in pixels or in shares of the image", () => {
  const said = [{ name: "small", unit: "px", low: 0, high: 1024 }, { name: "<0.1 %", unit: "share", low: 0, high: 0.001 }, { name: "1–10 %", unit: "share", low: 0.01, high: 0.1 }, { name: ">10 %", unit: "share", low: 0.1, high: 1 }];
  assert.deepEqual(said.map((range) => sizeName(range).name), ["Small", "Below 0.1 %", "1 to 10 %", "Above 10 %"]);
});
