import assert from "node:assert/strict";
import test from "node:test";
import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { capsule } from "../../frontend_static/segmentation/raster.js";
import { encodeBundle, mapOfBundle, parseBundle } from "../../frontend_static/segmentation/bundle.js";
import { decodeTransaction, encodeTransaction } from "../../frontend_static/segmentation/transaction.js";
import { mapSha256 } from "../../frontend_static/segmentation/digest.js";
import { denseOf, edited } from "./support.js";

const painted = () => {
  const map = createLabelMap(700, 520);
  edited(map, () => capsule(map, [100, 100], [650, 500], 40, 12));
  return map;
};

test("a bundle carries a map there and back", async () => {
  const map = painted();
  const versions = Uint32Array.from(map.tiles, (_, t) => t + 5);
  const bundle = parseBundle(encodeBundle({ ...map, versions, indices: null }).buffer);
  assert.deepEqual(bundle.versions, versions);
  const copy = mapOfBundle(bundle);
  assert.deepEqual(denseOf(copy), denseOf(map));
  assert.equal(await mapSha256(700, 520, copy.tiles), await mapSha256(700, 520, map.tiles));
});

test("a bundle of some tiles carries their indices", () => {
  const map = painted();
  const indices = Uint32Array.from([3, 0]);
  const tiles = [map.tiles[3], map.tiles[0]];
  const bytes = encodeBundle({ width: 700, height: 520, tiles, versions: Uint32Array.from([9, 8]), indices });
  const bundle = parseBundle(bytes.buffer, { partial: true });
  assert.deepEqual(bundle.indices, indices);
  assert.deepEqual(bundle.tiles, tiles);
});

test("something else is not taken for a bundle", () => {
  assert.throws(() => parseBundle(new TextEncoder().encode("<!doctype html><html></html>").buffer), /not a label map bundle/);
});

test("a transaction keeps its runs on even offsets, whatever the header's length", () => {
  const map = painted();
  for (const txid of ["a", "ab"]) {
    const transaction = {
      txid,
      lease: null,
      entities: [{ number: 12, term: null, raw_name: "Straße", colour: 3, deleted: false, base: 0 }],
      ops: [{ tool: "brush", number: 12, ms: 5 }],
      tiles: map.tiles.map((state, t) => ({ t, base: 1, state })),
    };
    assert.deepEqual(decodeTransaction(encodeTransaction(transaction)), transaction);
  }
});
