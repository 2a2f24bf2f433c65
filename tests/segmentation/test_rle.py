import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as reference

from annotation_server.segmentation.rle import (
    BadRle,
    Overlap,
    compress_counts,
    decompress_counts,
    label_map_counts,
    label_map_from_rles,
    label_map_rles,
    rle_area,
)
from annotation_server.segmentation.tiled_map import pack_map, void_map

from .conftest import label_maps


def reference_rle(mask: np.ndarray) -> dict:
    rle = reference.encode(np.asfortranarray(mask))
    return {"size": rle["size"], "counts": rle["counts"].decode()}


@given(label_maps())
def test_all_rles_are_byte_identical_to_pycocotools(label_map):
    numbers = [int(number) for number in np.unique(label_map) if number]
    expected = {number: reference_rle(label_map == number) for number in numbers}
    assert label_map_rles(pack_map(label_map)) == expected
    assert label_map_rles(label_map) == expected


@given(label_maps())
def test_rles_give_back_the_label_map(label_map):
    height, width = label_map.shape
    tiled = pack_map(label_map)
    assert label_map_from_rles(width, height, label_map_rles(tiled)) == tiled


@given(label_maps())
def test_uncompressed_counts_say_the_same(label_map):
    height, width = label_map.shape
    counts = label_map_counts(label_map)
    assert all(values.sum() == height * width for values in counts.values())
    rles = {n: {"size": [height, width], "counts": values.tolist()} for n, values in counts.items()}
    assert label_map_from_rles(width, height, rles) == pack_map(label_map)


@given(label_maps())
def test_the_area_is_that_of_pycocotools(label_map):
    for rle in label_map_rles(label_map).values():
        assert rle_area(rle) == reference.area(rle)


@given(st.lists(st.lists(st.integers(0, 300_000_000), min_size=1, max_size=40), max_size=5))
def test_strings_give_back_the_counts(masks):
    arrays = [np.array(counts, np.int64) for counts in masks]
    strings = compress_counts(arrays)
    assert [decompress_counts(string).tolist() for string in strings] == masks


def test_strings_of_large_counts_equal_those_of_pycocotools():
    counts = [16, 15, 512, 511, 16384, 1, 225_000_000, 3, 5, 1 << 24]
    size = [1, sum(counts)]
    expected = reference.frPyObjects({"size": size, "counts": counts}, *size)["counts"].decode()
    assert compress_counts([np.array(counts)]) == [expected]


def test_empty_masks_and_empty_runs_are_read():
    assert rle_area({"size": [2, 3], "counts": [6]}) == 0
    assert rle_area({"size": [2, 3], "counts": [1, 0, 2, 3]}) == 3
    assert label_map_from_rles(3, 2, {}) == void_map(3, 2)


@pytest.mark.parametrize("broken", ["P", "1P", "~~", "\n", "PPPPPPPP1"])
def test_a_broken_string_is_refused(broken):
    with pytest.raises(BadRle):
        decompress_counts(broken)


def test_an_overlap_is_refused_with_both_names():
    masks = {
        9: {"size": [2, 3], "counts": [4, 2]},
        5: {"size": [2, 3], "counts": [0, 3, 3]},
        7: {"size": [2, 3], "counts": [2, 1, 3]},
    }
    with pytest.raises(Overlap, match="5 and 7") as refusal:
        label_map_from_rles(3, 2, masks)
    assert (refusal.value.first, refusal.value.second) == (5, 7)


@pytest.mark.parametrize(
    ("number", "rle"),
    [
        (1, {"size": [3, 2], "counts": [6]}),
        (1, {"size": [2, 3], "counts": [5]}),
        (1, {"size": [2, 3], "counts": [8, -2]}),
        (1, {"size": [2, 3], "counts": "P"}),
        (1, {"size": [2, 3], "counts": "é"}),
        (1, {"size": [2, 3], "counts": "oooooooo0"}),
        (0, {"size": [2, 3], "counts": [6]}),
        (65001, {"size": [2, 3], "counts": [6]}),
    ],
)
def test_an_rle_that_fits_no_mask_is_refused(number, rle):
    with pytest.raises(BadRle):
        label_map_from_rles(3, 2, {number: rle})
