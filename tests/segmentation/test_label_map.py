import numpy as np
import pytest
from hypothesis import given

from annotation_server.segmentation.label_map import (
    Disagreement,
    areas,
    check,
    coverage,
    extents,
    renumber,
    void_px,
)
from annotation_server.segmentation.tiled_map import pack_map

from .conftest import label_maps
from .test_tiles import brute_force_stats


@given(label_maps())
def test_areas_and_boxes_equal_those_from_pixels(label_map):
    tiled = pack_map(label_map)
    assert extents(tiled) == brute_force_stats(label_map)
    assert sum(areas(tiled).values()) == label_map.size
    assert void_px(tiled) == np.count_nonzero(label_map == 0)


def test_coverage_is_the_share_that_is_not_void():
    assert coverage(10, 10, 0) == 1
    assert coverage(10, 10, 5) == pytest.approx(0.95)


def test_masks_that_agree_with_the_map_pass(ragged_map):
    tiled = pack_map(ragged_map)
    masks = {n: (extent.area, extent.bbox) for n, extent in extents(tiled).items() if n}
    check(tiled, masks | {77: (0, [0, 0, 0, 0])})


def test_every_difference_between_masks_and_map_is_named():
    tiled = pack_map(np.array([[1, 1, 2]], np.uint16))
    with pytest.raises(Disagreement) as refusal:
        check(tiled, {1: (3, [0, 0, 1, 1]), 4: (5, [0, 0, 1, 1])})
    assert len(refusal.value.problems) == 4


@given(label_maps())
def test_renumbering_is_a_lookup(label_map):
    renumbered = renumber(pack_map(label_map), {1: 2, 3: 0, 255: 9, 65000: 1})
    lookup = np.arange(65536, dtype=np.uint16)
    lookup[[1, 3, 255, 65000]] = 2, 0, 9, 1
    assert renumbered == pack_map(lookup[label_map])


@pytest.mark.parametrize("new_numbers", [{1: 65001}, {-1: 2}, {1: -2}])
def test_renumbering_to_no_number_is_refused(new_numbers):
    with pytest.raises(ValueError, match="between 0 and 65000"):
        renumber(pack_map(np.ones((1, 1), np.uint16)), new_numbers)
