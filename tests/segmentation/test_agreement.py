"""One number for how far two label maps agree."""

import numpy as np
import pytest

from annotation_server.segmentation.agreement import agreement
from annotation_server.segmentation.tiled_map import pack_map, void_map


def halves(at: int, *, left: int = 1, right: int = 2) -> np.ndarray:
    """Uint16 [10, 10]: one entity left of column ``at``, another right of it."""
    label_map = np.full((10, 10), right, np.uint16)
    label_map[:, :at] = left
    return label_map


def test_it_works():
    assert agreement(pack_map(halves(5)), pack_map(halves(5, left=7, right=3))) == 1.0


def test_a_moved_border_costs_what_it_moves():
    a, b = pack_map(halves(5)), pack_map(halves(6))
    expected = (50 / 60 + 40 / 50) / 2
    assert agreement(a, b) == pytest.approx(expected)
    assert agreement(b, a) == pytest.approx(expected)


def test_a_split_entity_counts_against_both():
    split = halves(5)
    split[:6, :5] = 9
    # Left: IoU 30/50 with its larger part; right: 1; entities 2 and 3.
    assert agreement(pack_map(halves(5)), pack_map(split)) == pytest.approx((0.6 + 1) / 2.5)


def test_empty_maps():
    assert agreement(void_map(10, 10), void_map(10, 10)) == 1.0
    assert agreement(void_map(10, 10), pack_map(halves(5))) == 0.0


def test_maps_of_two_images_cannot_agree():
    with pytest.raises(ValueError, match="cannot be compared"):
        agreement(void_map(10, 10), void_map(10, 11))
