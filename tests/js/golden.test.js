import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { encodeBundle, mapOfBundle, parseBundle } from "../../frontend_static/segmentation/bundle.js";
import { jointHistogram } from "../../frontend_static/segmentation/compare.js";
import { hex, mapSha256, tileDigest } from "../../frontend_static/segmentation/digest.js";
import { regionsBySize } from "../../frontend_static/segmentation/regions.js";
import { rleOf } from "../../frontend_static/segmentation/rle.js";
import { faultOfRuns } from "../../frontend_static/segmentation/tiles.js";
import { decodeTransaction, encodeTransaction } from "../../frontend_static/segmentation/transaction.js";
import { paintedRuns } from "./support.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../../fixtures/golden/${name}.json`, import.meta.url), "utf8"));
const bytesOf = (base64) => Uint8Array.from(Buffer.from(base64, "base64"));
const runsOf = (base64) => new Uint16Array(bytesOf(base64).buffer.slice(0, bytesOf(base64).length & ~1));
const inclusive = ([area, x0, y0, x1, y1]) => [area, x0, y0, x1 - 1, y1 - 1];

const labelMaps = read("label_maps");

for (const golden of labelMaps) {
  test(`the server and the browser agree on "${golden.name}"`, async () => {
    const map = paintedRuns(golden);
    for (const [t, tile] of golden.tiles.entries()) {
      assert.equal(map.tiles[t].uni, tile.uni);
      assert.deepEqual(map.tiles[t].runs ?? new Uint16Array(), runsOf(tile.runs));
      assert.equal(hex(await tileDigest(map.tiles[t])), tile.sha256);
      assert.deepEqual([map.validWidth(t), map.validHeight(t)], [tile.valid_w, tile.valid_h]);
      const stats = Object.entries(tile.stats).map(([number, extent]) => [Number(number), inclusive(extent)]);
      assert.deepEqual(new Map([...map.stats[t]].sort((a, b) => a[0] - b[0])), new Map(stats.sort((a, b) => a[0] - b[0])));
    }
    assert.equal(await mapSha256(golden.width, golden.height, map.tiles), golden.map_sha256);
    for (const [number, extent] of Object.entries(golden.extents)) {
      const [area, ...box] = inclusive(extent);
      assert.equal(map.area[number], area);
      assert.deepEqual(map.boxOf(Number(number)), box);
    }
  });

  test(`the bundle of "${golden.name}" is the same, byte for byte`, () => {
    const map = paintedRuns(golden);
    const bytes = bytesOf(golden.bundle);
    const versions = Uint32Array.from(golden.versions);
    assert.deepEqual(encodeBundle({ ...map, versions, indices: null }), bytes);
    const read = mapOfBundle(parseBundle(bytes.buffer));
    assert.deepEqual(read.tiles, map.tiles);
    const last = parseBundle(bytesOf(golden.last_tile_alone).buffer, { partial: true });
    assert.deepEqual(last.tiles, map.tiles.slice(-1));
    assert.deepEqual([...last.indices], [map.count - 1]);
  });

  test(`regions and RLEs of "${golden.name}" are the same`, () => {
    const map = paintedRuns(golden);
    for (const [number, rle] of Object.entries(golden.rles)) assert.equal(rleOf(map, Number(number)), rle);
    const found = (number) =>
      regionsBySize(map, number).map(({ area, box: [x0, y0, x1, y1] }) => [number, area, [x0, y0, x1 - x0 + 1, y1 - y0 + 1]]);
    const order = (regions) => regions.map((region) => JSON.stringify(region)).sort();
    const expected = golden.components_4.map((component) => component.slice(0, 3));
    assert.deepEqual(order(map.numbers().flatMap(found)), order(expected));
    assert.deepEqual(order(found(0)), order(golden.gaps_4.map((gap) => gap.slice(0, 3))));
  });
}

test("joint histograms are the same", () => {
  const byName = new Map(labelMaps.map((golden) => [golden.name, golden]));
  for (const { a, b, joint } of read("joint_histograms")) {
    const ours = [...jointHistogram(paintedRuns(byName.get(a)), paintedRuns(byName.get(b)))];
    const theirs = joint.map(([p, q, pixels]) => [p * 65536 + q, pixels]);
    assert.deepEqual(ours.sort((p, q) => p[0] - q[0]), theirs.sort((p, q) => p[0] - q[0]));
  }
});

test("what the server refuses as a tile, the browser would never send", () => {
  for (const { name, known, runs, valid_w: width, valid_h: height } of read("tiles_refused")) {
    const half = bytesOf(runs).length % 4 !== 0;
    const fault = half ? "half a pair" : faultOfRuns(runsOf(runs), { known: new Set(known), width, height });
    assert.ok(fault, name);
  }
});

test("transactions are the same, byte for byte", () => {
  for (const { name, header, body } of read("transactions")) {
    const bytes = bytesOf(body);
    const decoded = decodeTransaction(bytes);
    assert.deepEqual(decoded.entities, header.entities, name);
    assert.deepEqual(decoded.tiles.map(({ t, base, state }) => ({ t, base, uni: state.uni, n: state.runs?.length ?? 0 })), header.tiles);
    assert.deepEqual(encodeTransaction(decoded), bytes, name);
  }
});
