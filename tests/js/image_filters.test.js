/** Filters of the image grid between the address and the API. */
import assert from "node:assert/strict";
import test from "node:test";
import { addressOf, isNarrowed, numberOf, questionOf, readFilters, widened } from "../../frontend_static/images/filters.js";

const FULL = "?state=submitted&search=a%26b&term=3%2C5&annotator=anna&split=none&megapixels_min=12&coverage_max=99.5&ordering=-agreement&page=4";

test("an address is read and written the same", () => {
  const filters = readFilters(FULL);
  assert.deepEqual(filters.terms, [3, 5]);
  assert.deepEqual(filters.ranges.coverage, { min: null, max: 99.5 });
  const again = Object.entries(addressOf(filters)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  assert.deepEqual(readFilters(`?${again.join("&")}`), filters);
  assert.deepEqual(addressOf(readFilters("")), {});
});

test("the API is asked in its own words and units", () => {
  assert.deepEqual(questionOf(readFilters(FULL)), {
    search: "a&b", term: "3,5", annotator: "anna", split: "none", megapixels_min: 12, coverage_max: 0.995, work_state: "submitted",
    ordering: "-agreement", page: 4,
  });
});

test("what makes no sense is left out", () => {
  assert.deepEqual(addressOf(readFilters("?page=-3&term=x,0,2.5&megapixels_min=many&side_max=-1")), {});
  assert.deepEqual(["", " ", "x", "-1", "0", "1.5"].map(numberOf), [null, null, null, null, 0, 1.5]);
});

test("order and page do not narrow", () => {
  assert.equal(isNarrowed(readFilters("?ordering=score&page=2")), false);
  assert.equal(isNarrowed(readFilters("?score_max=0")), true);
  assert.equal(addressOf(widened(readFilters(FULL))).ordering, "-agreement");
});
