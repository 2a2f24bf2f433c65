"""Write fixtures/golden/: the cases that the Python and the JavaScript suites both read.

PYTHONPATH=. python tests/segmentation/write_golden.py
"""

import base64
import json
from pathlib import Path

import numpy as np

from annotation_server.segmentation.bundle import VersionedTile, encode_bundle, encode_tiles
from annotation_server.segmentation.components import Component, components, gaps
from annotation_server.segmentation.disagreement import disagreements
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.matching import iou_pairs, joint_histogram
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.tiled_map import TiledMap, pack_map
from annotation_server.segmentation.tiles import TILE, Tile, pack_tile, tile_stats, uniform_runs
from annotation_server.segmentation.transaction import (
    EntityChange,
    TileChange,
    Transaction,
    deflate_body,
    encode_transaction,
)

GOLDEN = Path(__file__).resolve().parents[2] / "fixtures" / "golden"


def text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def one_pixel() -> np.ndarray:
    return np.array([[7]], np.uint16)


def all_void() -> np.ndarray:
    return np.zeros((600, 530), np.uint16)


def all_one_entity() -> np.ndarray:
    return np.full((513, 700), 65000, np.uint16)


def last_pixel_differs() -> np.ndarray:
    """The first run is longer than 65,536 px, so it is cut; its remainder comes last."""
    label_map = np.full((TILE, TILE), 3, np.uint16)
    label_map[-1, -1] = 4
    return label_map


def runs_of_65536() -> np.ndarray:
    """Four runs of exactly the longest length, of two numbers."""
    return np.repeat([1, 2, 2, 1], 128).astype(np.uint16)[:, None].repeat(TILE, axis=1)


def checkerboard() -> np.ndarray:
    """VOID in 32 gaps over edges, in one over corners."""
    y, x = np.mgrid[:8, :8]
    return ((y + x) % 2 * 5).astype(np.uint16)


def nested_boxes() -> np.ndarray:
    """A gap inside an entity inside another, in two tiles, one entity in two parts."""
    label_map = np.ones((40, 520), np.uint16)
    label_map[5:35, 500:518] = 2
    label_map[10:30, 505:515] = 0
    label_map[12:14, 508:510] = 1
    label_map[0, 0] = 0
    label_map[39, 519] = 9
    return label_map


def cells(width: int, height: int, count: int, shift: float) -> np.ndarray:
    """Warped cells of a few entities, over tile borders; cell 0 is VOID."""
    y, x = np.mgrid[:height, :width].astype(float)
    y, x = y + 9 * np.sin(x / 23 + shift), x + 9 * np.cos(y / 19 + shift)
    k = np.arange(count)[:, None, None]
    py, px = (k * 0.618034 + 0.1 * shift) % 1 * height, (k * 0.754878) % 1 * width
    return np.argmin((y - py) ** 2 + (x - px) ** 2, axis=0).astype(np.uint16)


def label_maps() -> dict[str, np.ndarray]:
    return {
        "one pixel": one_pixel(),
        "all void, edge tiles": all_void(),
        "all one entity, edge tiles": all_one_entity(),
        "last pixel differs": last_pixel_differs(),
        "runs of 65536": runs_of_65536(),
        "checkerboard": checkerboard(),
        "nested boxes": nested_boxes(),
        "cells": cells(530, 520, 12, 0.0),
        "cells moved": cells(530, 520, 11, 0.8),
    }


def pixel_runs(label_map: np.ndarray) -> list[list[int]]:
    """[number, length] along the rows of the image (not of its tiles)."""
    flat = label_map.ravel()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    return [[int(flat[s]), int(n)] for s, n in zip(starts, np.diff(starts, append=flat.size), strict=True)]


def tile_case(tiled: TiledMap, t: int) -> dict:
    tile, (valid_w, valid_h) = tiled.tiles[t], tiled.valid_size(t)
    return {
        "uni": tile.uni,
        "runs": text(tile.runs),
        "sha256": tile.digest().hex(),
        "valid_w": valid_w,
        "valid_h": valid_h,
        "stats": {str(n): list(extent) for n, extent in tile_stats(tile, valid_w, valid_h).items()},
    }


def component_row(part: Component) -> list:
    return [part.number, part.area, list(part.bbox), [part.x, part.y]]


def map_case(name: str, label_map: np.ndarray) -> dict:
    tiled = pack_map(label_map)
    versions = [3 * t + 1 for t in range(len(tiled.tiles))]
    found = gaps(tiled)
    return {
        "name": name,
        "width": tiled.width,
        "height": tiled.height,
        "pixels": pixel_runs(label_map),
        "tiles": [tile_case(tiled, t) for t in range(len(tiled.tiles))],
        "map_sha256": tiled.sha256(),
        "extents": {str(number): list(extent) for number, extent in extents(tiled).items()},
        "versions": versions,
        "bundle": text(encode_bundle(tiled, versions)),
        "last_tile_alone": text(
            encode_tiles(
                tiled.width,
                tiled.height,
                {len(versions) - 1: VersionedTile(tiled.tiles[-1], versions[-1])},
            )
        ),
        "rles": {str(number): rle["counts"] for number, rle in label_map_rles(tiled).items()},
        "components_4": [component_row(part) for part in components(tiled)],
        "components_8": [component_row(part) for part in components(tiled, connectivity=8)],
        "gaps_4": [component_row(part) for part in found.largest],
        "gaps_8": [component_row(part) for part in gaps(tiled, connectivity=8).largest],
    }


def joint_cases() -> list[dict]:
    maps = label_maps()
    cases = []
    for a, b in (("cells", "cells moved"), ("cells", "cells"), ("all void, edge tiles",) * 2):
        histogram = joint_histogram(pack_map(maps[a]), pack_map(maps[b]))
        columns = (histogram.a, histogram.b, histogram.pixels)
        cases.append(
            {
                "a": a,
                "b": b,
                "joint": [list(row) for row in zip(*(c.tolist() for c in columns), strict=True)],
                "pairs": [list(pair) for pair in iou_pairs(histogram)],
            }
        )
    return cases


def cut_differently(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One scene by two people [36, 48] each: cells merged, left out, moved a little, with specks."""
    random = np.random.default_rng(seed)
    scene = cells(48, 36, 14, seed / 3)
    maps = []
    for _person in range(2):
        merged = random.permutation(14) % (9 + seed % 5)
        drawn = merged[np.roll(scene, random.integers(-2, 3), axis=1)].astype(np.uint16)
        y, x = random.integers(0, 28, 2)
        drawn[y : y + random.integers(2, 12), x : x + random.integers(2, 12)] = 40
        maps.append(drawn)
    return maps[0], maps[1]


def disagreement_cases() -> list[dict]:
    """What both sides tell alike: what was cut differently, what only one has, and borders far apart."""
    cases = []
    for seed in range(16):
        a, b = cut_differently(seed)
        found = disagreements(pack_map(a), pack_map(b))
        cases.append(
            {
                "width": a.shape[1],
                "height": a.shape[0],
                "a": pixel_runs(a),
                "b": pixel_runs(b),
                "granularity": sorted(
                    [list(one.a), list(one.b)] for one in found if one.kind == "granularity"
                ),
                "missing": sorted(one.a[0] for one in found if one.kind == "missing"),
                "extra": sorted(one.b[0] for one in found if one.kind == "extra"),
                "boundary": sorted([one.a[0], one.b[0]] for one in found if one.kind == "boundary"),
            }
        )
    return cases


def transactions() -> list[tuple[str, Transaction]]:
    mixed = pack_tile(last_pixel_differs())
    return [
        (
            "two tiles and a new entity",
            Transaction(
                txid="0b5e1f3c-6a52-4f0e-9f7b-2f6d2f1c9a10",
                lease="lease-1",
                entities=(EntityChange(number=3, raw_name="tree"), EntityChange(number=4, colour=11)),
                ops=({"tool": "brush", "number": 3, "ms": 412, "radius": 20},),
                tiles=(TileChange(0, 2, mixed), TileChange(5, 0, Tile(3))),
            ),
        ),
        (
            "a name beyond ASCII, no tiles",
            Transaction(
                txid="t-2",
                lease=None,
                entities=(EntityChange(number=1, term=17, raw_name="Bäume 木", base=4, deleted=True),),
            ),
        ),
        ("nothing", Transaction(txid="t-3", lease=None)),
    ]


def transaction_case(name: str, transaction: Transaction) -> dict:
    body = encode_transaction(transaction)
    length = int.from_bytes(body[:4], "little")
    return {"name": name, "header": json.loads(body[4 : 4 + length]), "body": text(body)}


def bodies_refused() -> list[dict]:
    body = encode_transaction(transactions()[0][1])
    odd = b'{"txid":"t"} '
    cases = {
        "empty": (b"", False, "bad_payload"),
        "header longer than the body": (b"\xff\xff\xff\x7f{}", False, "bad_payload"),
        "header not JSON": (b"\x02\0\0\0{]", False, "bad_payload"),
        "header not an object": (b"\x02\0\0\0[]", False, "bad_payload"),
        "padding not zero": (len(odd).to_bytes(4, "little") + odd + b"x", False, "bad_payload"),
        "runs cut short": (body[:-2], False, "bad_payload"),
        "bytes after the last tile": (body + b"\0\0", False, "bad_payload"),
        "not deflated": (body, True, "bad_payload"),
        "deflate cut short": (deflate_body(body)[:-3], True, "bad_payload"),
    }
    return [
        {"name": name, "body": text(data), "deflated": deflated, "code": code}
        for name, (data, deflated, code) in cases.items()
    ]


def tiles_refused() -> list[dict]:
    """Payloads of a tile whose map knows the numbers 1 to 9."""
    pair = lambda *values: np.array(values, "<u2").tobytes()  # noqa: E731
    edge = pack_tile(np.arange(1, 9, dtype=np.uint16).repeat(64)[None, :].repeat(TILE, 0))
    cases = {
        "empty": (b"", TILE, TILE),
        "half a pair": (pair(1), TILE, TILE),
        "covers too little": (pair(1, 65535, 2, 99), TILE, TILE),
        "covers too much": (uniform_runs(1) + pair(2, 0), TILE, TILE),
        "neighbouring runs of one number": (
            pair(1, 9, 1, 65525, 1, 65535, 1, 65535, 1, 65535),
            TILE,
            TILE,
        ),
        "unknown number": (pair(1, 65535, 10, 65535, 1, 65535, 2, 65535), TILE, TILE),
        "padding differs": (edge.runs, 100, TILE),
    }
    return [
        {
            "name": name,
            "known": list(range(1, 10)),
            "runs": text(runs),
            "valid_w": valid_w,
            "valid_h": valid_h,
        }
        for name, (runs, valid_w, valid_h) in cases.items()
    ]


def golden_files() -> dict[str, list[dict]]:
    """File name → cases."""
    accepted = [transaction_case(name, transaction) for name, transaction in transactions()]
    return {
        "label_maps.json": [map_case(name, label_map) for name, label_map in label_maps().items()],
        "joint_histograms.json": joint_cases(),
        "disagreements.json": disagreement_cases(),
        "transactions.json": accepted,
        "transactions_refused.json": bodies_refused(),
        "tiles_refused.json": tiles_refused(),
    }


def as_lines(cases: list[dict]) -> str:
    """JSON with one case a line, so that a change shows which case it touched."""
    rows = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    return "[\n" + ",\n".join(rows) + "\n]\n"


def main() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, cases in golden_files().items():
        (GOLDEN / name).write_text(as_lines(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
