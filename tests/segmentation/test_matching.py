import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as reference

from annotation_server.segmentation import joint_runs, matching
from annotation_server.segmentation.matching import (
    iou_pairs,
    joint_histogram,
    joint_histogram_dense,
    joint_histograms,
)
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.tiled_map import pack_map

from .conftest import EDGES, blobs, label_maps


@st.composite
def pairs_of_maps(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    sizes = draw(st.sampled_from(EDGES)), draw(st.sampled_from(EDGES))
    return draw(label_maps(sizes)), draw(label_maps(sizes))


def brute_force(a: np.ndarray, b: np.ndarray) -> list[tuple[int, int, int]]:
    keys, counts = np.unique(a.astype(np.int64) << 16 | b, return_counts=True)
    return list(zip((keys >> 16).tolist(), (keys & 65535).tolist(), counts.tolist(), strict=True))


def rows(histogram: matching.JointHistogram) -> list[tuple[int, int, int]]:
    columns = (histogram.a.tolist(), histogram.b.tolist(), histogram.pixels.tolist())
    return list(zip(*columns, strict=True))


@given(pairs_of_maps())
def test_the_histogram_from_runs_equals_that_from_pixels(maps):
    a, b = maps
    assert rows(joint_histogram(pack_map(a), pack_map(b))) == brute_force(a, b)
    assert rows(joint_histogram_dense(a, b)) == brute_force(a, b)


def test_the_iou_of_every_pair_equals_that_of_pycocotools(ragged_map):
    other = blobs(1100, 600, 25, seed=4)
    a, b = label_map_rles(ragged_map), label_map_rles(other)
    expected = reference.iou(list(a.values()), list(b.values()), [0] * len(b))
    found = np.zeros_like(expected)
    rank_a, rank_b = {n: i for i, n in enumerate(a)}, {n: i for i, n in enumerate(b)}
    for pair in iou_pairs(joint_histogram(pack_map(ragged_map), pack_map(other))):
        found[rank_a[pair.a], rank_b[pair.b]] = pair.iou
    assert (found == expected).all()


def test_small_batches_give_the_same_histograms(ragged_map, monkeypatch):
    maps = [ragged_map, np.roll(ragged_map, (3, 5), (0, 1)), ragged_map[:30, :40], ragged_map[:1, :1]]
    pairs = [(a, b) for a in maps for b in maps if a.shape == b.shape]
    expected = [brute_force(a, b) for a, b in pairs]
    for runs in (1, 300, 5000, 1 << 18):
        monkeypatch.setattr(joint_runs, "BATCH_RUNS", runs)
        found = joint_histograms((pack_map(a), pack_map(b)) for a, b in pairs)
        assert [rows(histogram) for histogram in found] == expected


def test_numbers_far_apart_are_sorted_instead_of_tabled(monkeypatch):
    random = np.random.default_rng(2)
    numbers = np.array([0, 1, 64999, 65000], np.uint16)
    pairs = [tuple(numbers[random.integers(0, 4, (2, 40, 50))]) for _ in range(3)]
    expected = [brute_force(a, b) for a, b in pairs]
    packed = [(pack_map(a), pack_map(b)) for a, b in pairs]
    assert [rows(histogram) for histogram in joint_histograms(packed)] == expected
    monkeypatch.setattr(joint_runs, "_TABLE_CELLS_PER_RUN", 0)
    assert [rows(histogram) for histogram in joint_histograms(packed)] == expected


def test_no_pair_has_no_histogram():
    assert list(joint_histograms([])) == []


def test_areas_are_the_margins(ragged_map):
    histogram = joint_histogram_dense(ragged_map, np.zeros_like(ragged_map))
    assert histogram.areas_b() == {0: ragged_map.size}
    assert histogram.areas_a()[5] == np.count_nonzero(ragged_map == 5)


def test_maps_of_different_sizes_are_refused():
    a, b = np.ones((2, 3), np.uint16), np.ones((3, 2), np.uint16)
    with pytest.raises(ValueError, match="cannot be compared"):
        joint_histogram(pack_map(a), pack_map(b))
    with pytest.raises(ValueError, match="cannot be compared"):
        joint_histogram_dense(a, b)
