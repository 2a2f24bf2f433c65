/** The colours of entities are those that the server draws small pictures with. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { COLOURS } from "../../frontend_static/annotate/palette.js";

test("the palette is the one that the server knows", () => {
  const golden = JSON.parse(readFileSync(new URL("../../fixtures/golden/palette.json", import.meta.url), "utf8"));
  assert.deepEqual(COLOURS, golden.colours);
});
