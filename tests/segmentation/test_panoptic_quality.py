"""PQ against its definition, pixel set by pixel set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation_server.segmentation.matching import joint_histogram_dense
from annotation_server.segmentation.panoptic_quality import Counts, Segment, count_image, quality

NUMBERS = 5


def by_definition(
    true_map: np.ndarray,
    found_map: np.ndarray,
    true: dict[int, Segment],
    found: dict[int, Segment],
    category: int,
) -> tuple[int, int, int, float]:
    """Hits, false alarms, misses and summed IoU of one category, from sets of pixels."""
    void = np.isin(true_map, list(true), invert=True)
    hits, iou_sum, used = [], 0.0, set()
    for a in (a for a, segment in true.items() if segment.category == category and not segment.crowd):
        for b in (b for b, segment in found.items() if segment.category == category):
            first, second = true_map == a, (found_map == b) & ~void
            iou = (first & second).sum() / (first | second).sum()
            if iou > 0.5:
                hits.append(a)
                used.add(b)
                iou_sum += iou
    countable = [a for a, segment in true.items() if segment.category == category and not segment.crowd]
    crowds = [a for a, segment in true.items() if segment.category == category and segment.crowd]
    false_alarms = 0
    for b in (b for b, segment in found.items() if segment.category == category and b not in used):
        forgiven = void | (true_map == crowds[-1]) if crowds else void
        inside = (forgiven & (found_map == b)).sum()
        false_alarms += inside / (found_map == b).sum() <= 0.5
    return len(hits), false_alarms, len(countable) - len(hits), iou_sum


small_maps = st.lists(st.integers(0, NUMBERS), min_size=30, max_size=30)
kinds = st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=NUMBERS, max_size=NUMBERS)


@settings(max_examples=150, deadline=None)
@given(small_maps, st.lists(st.integers(0, 29), max_size=12), kinds, st.integers(0, NUMBERS))
def test_counts_follow_the_definition(
    pixels: list[int], changed: list[int], kind: list[tuple[int, bool]], unnamed: int
) -> None:
    true_map = np.array(pixels, np.uint16).reshape(5, 6)
    found_map = true_map.copy().ravel()
    found_map[changed] = (found_map[changed] + 1) % (NUMBERS + 1)
    found_map = found_map.reshape(5, 6)
    true = {n: Segment(*kind[n - 1]) for n in np.unique(true_map).tolist() if n not in (0, unnamed)}
    found = {n: Segment(kind[n - 1][0]) for n in np.unique(found_map).tolist() if n}
    counts = count_image(joint_histogram_dense(true_map, found_map), true, found)
    for category in (0, 1):
        ours = counts.get(category, Counts())
        expected = by_definition(true_map, found_map, true, found, category)
        assert (ours.hits, ours.false_alarms, ours.misses) == expected[:3]
        assert ours.iou == pytest.approx(expected[3])


def test_the_mean_is_over_categories_that_occur() -> None:
    counts = {1: Counts(hits=1, iou=0.8), 2: Counts(misses=1, false_alarms=1), 3: Counts()}
    assert quality(counts, [1, 2, 3, 4]) == (0.4, 0.4, 0.5, 2)
    assert quality(counts, [3, 4]) == (0, 0, 0, 0)


def test_an_entity_without_a_pixel_is_named() -> None:
    histogram = joint_histogram_dense(np.ones((2, 2), np.uint16), np.ones((2, 2), np.uint16))
    with pytest.raises(ValueError, match="Entity 7 of the true map"):
        count_image(histogram, {1: Segment(1), 7: Segment(1)}, {1: Segment(1)})
