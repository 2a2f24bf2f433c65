/** The naming step ranks, spells and warns as the server does: both read fixtures/golden/. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { nearNames } from "../../frontend_static/annotate/near_names.js";
import { normalise, suggest } from "../../frontend_static/annotate/suggestions.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../../fixtures/golden/${name}.json`, import.meta.url), "utf8"));
const termsOf = (rows) => rows.map(([name, aliases, parent, uses], i) => ({ id: i + 1, name, aliases, parent, uses, kind: "thing" }));

test("rankings are the server's", () => {
  for (const { terms: rows, rankings } of read("rankings")) {
    const terms = termsOf(rows);
    for (const { query, order, aliases } of rankings) {
      const found = suggest(query, terms);
      assert.deepEqual(found.map(({ term }) => term.name), order.map((id) => rows[id - 1][0]), `“${query}”`);
      assert.deepEqual(found.map(({ alias }) => alias), aliases, `“${query}”`);
    }
  }
});

test("near names are the server's", () => {
  for (const { terms: rows, near: cases } of read("near_names")) {
    const terms = termsOf(rows);
    for (const { name, near } of cases) {
      assert.deepEqual(nearNames(name, terms).map((found) => [found.term.id, found.name, found.kind]), near, `“${name}”`);
    }
  }
});

test("spellings are the server's", () => {
  for (const { text, normal } of read("spellings")) assert.equal(normalise(text), normal, `“${text}”`);
});
