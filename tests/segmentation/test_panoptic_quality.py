"""PQ against its definition, pixel set by pixel set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.panoptic_quality import Counts, quality
from annotation_server.segmentation.tiled_map import pack_map
from tests.segmentation.pixel_sets import counts_by_definition

NUMBERS = 5
small_maps = st.lists(st.integers(0, NUMBERS), min_size=30, max_size=30)


@settings(max_examples=150)
@given(small_maps, st.lists(st.integers(0, 29), max_size=12))
def test_counts_follow_the_definition(pixels: list[int], changed: list[int]) -> None:
    true_map = np.array(pixels, np.uint16).reshape(5, 6)
    found_map = true_map.copy().ravel()
    found_map[changed] = (found_map[changed] + 1) % (NUMBERS + 1)
    found_map = found_map.reshape(5, 6)
    scores = dict.fromkeys(range(1, NUMBERS + 1), 1.0)
    ours = compare_maps(pack_map(true_map), pack_map(found_map), scores, boundary=False).panoptic
    expected = counts_by_definition(true_map, found_map)[1]
    assert ours == Counts(expected.hits, expected.false_alarms, expected.misses, pytest.approx(expected.iou))


def test_the_mean_is_over_categories_that_occur() -> None:
    counts = {1: Counts(hits=1, iou=0.8), 2: Counts(misses=1, false_alarms=1), 3: Counts()}
    assert quality(counts, [1, 2, 3, 4]) == (0.4, 0.4, 0.5, 2)
    assert quality(counts, [3, 4]) == (0, 0, 0, 0)
