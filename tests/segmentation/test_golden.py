"""The golden files, which the JavaScript suite reads too, say what the code and independent readers say."""

import base64
import hashlib
import json
import struct
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as reference

from annotation_server.segmentation.tiles import BadTile, check_runs, known_lookup
from annotation_server.segmentation.transaction import BadTransaction, decode_transaction

from .test_components import brute_force
from .write_golden import GOLDEN, as_lines, golden_files


def cases(name: str) -> list[dict[str, Any]]:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def pixels(case: dict[str, Any]) -> np.ndarray:
    numbers, lengths = np.array(case["pixels"]).T
    return np.repeat(numbers, lengths).reshape(case["height"], case["width"])


label_map_cases = pytest.mark.parametrize("case", cases("label_maps.json"), ids=lambda case: case["name"])


def test_the_files_are_what_the_code_writes():
    for name, content in golden_files().items():
        assert (GOLDEN / name).read_text(encoding="utf-8") == as_lines(content), name


@label_map_cases
def test_tiles_and_their_names_follow_the_format(case):
    padded = np.pad(pixels(case), [(0, -case[side] % 512) for side in ("height", "width")], mode="edge")
    name = hashlib.sha256(b"ELM1" + struct.pack("<3I", case["width"], case["height"], 512))
    columns = padded.shape[1] // 512
    for t, tile in enumerate(case["tiles"]):
        y, x = t // columns * 512, t % columns * 512
        runs = base64.b64decode(tile["runs"]) or struct.pack("<2H", tile["uni"], 65535) * 4
        numbers, lengths = np.frombuffer(runs, "<u2").reshape(-1, 2).astype(int).T
        unpacked = np.repeat(numbers, lengths + 1).reshape(512, 512)
        assert (unpacked == padded[y : y + 512, x : x + 512]).all()
        assert tile["sha256"] == hashlib.sha256(runs).hexdigest()
        name.update(hashlib.sha256(runs).digest())
    assert case["map_sha256"] == name.hexdigest()


@label_map_cases
def test_rles_areas_and_parts_are_those_of_independent_readers(case):
    label_map = pixels(case)
    assert {int(n) for n in case["rles"]} == set(np.unique(label_map).tolist()) - {0}
    for number, counts in case["rles"].items():
        mask = np.asfortranarray(label_map == int(number))
        assert reference.encode(mask)["counts"].decode() == counts
        assert case["extents"][number][0] == mask.sum()
    for connectivity in (4, 8):
        expected = brute_force(label_map, [0], connectivity)
        rows = [[n, area, list(bbox), [x, y]] for n, area, bbox, x, y in expected]
        assert case[f"gaps_{connectivity}"] == rows


@pytest.mark.parametrize("case", cases("transactions.json"), ids=lambda case: case["name"])
def test_transactions_are_read(case):
    transaction = decode_transaction(base64.b64decode(case["body"]))
    assert transaction.txid == case["header"]["txid"]
    assert [change.t for change in transaction.tiles] == [row["t"] for row in case["header"]["tiles"]]


@pytest.mark.parametrize("case", cases("transactions_refused.json"), ids=lambda case: case["name"])
def test_bad_bodies_are_refused(case):
    with pytest.raises(BadTransaction) as refusal:
        decode_transaction(base64.b64decode(case["body"]), deflated=case["deflated"])
    assert refusal.value.code == case["code"]


@pytest.mark.parametrize("case", cases("tiles_refused.json"), ids=lambda case: case["name"])
def test_bad_tiles_are_refused(case):
    with pytest.raises(BadTile):
        check_runs(
            base64.b64decode(case["runs"]), known_lookup(case["known"]), case["valid_w"], case["valid_h"]
        )
