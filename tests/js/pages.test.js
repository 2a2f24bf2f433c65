/** What the pages compute: figures as people read them, uploads in batches. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { inBatches } from "../../frontend_static/images/batches.js";
import { plural, t } from "../../frontend_static/shared/translate.js";
import { ago, bytes, percent } from "../../frontend_static/shell/formats.js";

test("a share is never rounded up to 100 %", () => {
  assert.equal(percent(1), "100 %");
  assert.equal(percent(0.99999), "99.9 %");
  assert.equal(percent(0.995), "99.5 %");
  assert.equal(percent(0.29, 0), "29 %");
  assert.equal(percent(0), "0.0 %");
});

test("counts agree with their nouns, places are filled in, numbers are grouped", () => {
  assert.equal(plural(1, "{n} image", "{n} images"), "1 image");
  assert.equal(plural(12000, "{n} image", "{n} images"), "12,000 images");
  assert.equal(plural(0, "{n} of {name}", "{n} of {name}s", { name: "<b>" }), "0 of <b>s");
  assert.equal(t("#{number} has {area} px, {missing}", { number: 1234, area: 1234 }), "#1234 has 1,234 px, {missing}");
});

test("sizes have three figures at most", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 999_900, 5e9].map(bytes), ["0 B", "999 B", "1.0 kB", "12.3 kB", "1.0 MB", "5.0 GB"]);
});

test("times are relative for a week", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  assert.equal(ago("2026-11-21T11:59:30Z", now), "just now");
  assert.equal(ago("2026-11-21T11:55:00Z", now), "5 minutes ago");
  assert.equal(ago("2026-11-20T12:00:00Z", now), "yesterday");
  assert.equal(ago("2026-11-01T12:00:00Z", now), "Nov 1, 2026");
});

test("an upload goes in small batches and keeps its order", () => {
  const files = Array.from({ length: 19 }, (_, index) => ({ name: index, size: 1e6 }));
  const batches = inBatches(files);
  assert.deepEqual(batches.map((batch) => batch.length), [8, 8, 3]);
  assert.deepEqual(batches.flat(), files);
});

test("a large file goes alone and nothing is lost", () => {
  const sizes = [1e6, 200e6, 1e6, 40e6, 40e6];
  assert.deepEqual(inBatches(sizes.map((size) => ({ size }))).map((batch) => batch.map(({ size }) => size)), [[1e6], [200e6], [1e6, 40e6], [40e6]]);
  assert.deepEqual(inBatches([]), []);
});
