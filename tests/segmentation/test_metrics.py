"""Measures that no report shows, and the refusal of APᵉ."""

import numpy as np
import pytest

from annotation_server.segmentation import metrics
from annotation_server.segmentation.boundary import band_width
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.mask_figures import compare_masks
from annotation_server.segmentation.tiled_map import pack_map


def box(y: int, x: int, height: int, width: int) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[y : y + height, x : x + width] = True
    return mask


def test_boundary_iou_is_that_of_the_bands() -> None:
    assert band_width(40, 60) == 1
    a, b = box(5, 5, 10, 10), box(5, 6, 10, 10)
    # Bands of 36 px each: of the rows above and below 9 px are common, of the columns nothing but their ends.
    assert metrics.boundary_iou(a, a) == 1.0
    assert metrics.boundary_iou(a, b) == pytest.approx(18 / (36 + 36 - 18))
    whole = np.ones((40, 60), bool)
    assert metrics.boundary_iou(whole, whole) == 1.0  # the frame is a border
    assert metrics.boundary_iou(~whole, ~whole) is None


def test_ap_of_entities_is_refused_where_masks_overlap() -> None:
    whole, left = ({"size": [2, 4], "counts": counts} for counts in ([0, 8], [0, 4, 4]))
    overlapping = compare_masks(
        {1: whole}, {1: whole, 2: left}, {1: 0.5, 2: 0.9}, width=4, height=2, image=17
    )
    with pytest.raises(ValueError, match="overlap in the images 17"):
        metrics.entity_average_precision([overlapping])
    apart = compare_masks({1: whole}, {1: whole}, {1: 0.5}, width=4, height=2)
    assert metrics.entity_average_precision([apart]) == metrics.average_precision([apart])


def test_covering_weighs_entities_by_area_and_the_mean_best_iou_does_not() -> None:
    truth = np.ones((4, 8), np.uint16)
    truth[:, 6:] = 2
    found = np.ones((4, 8), np.uint16)
    one = compare_maps(pack_map(truth), pack_map(found), {1: 1.0})
    assert metrics.covering([one]) == pytest.approx((24 * 24 / 32 + 8 * 8 / 32) / 32)
    assert metrics.mean_best_iou([one]) == pytest.approx((24 / 32 + 8 / 32) / 2)
