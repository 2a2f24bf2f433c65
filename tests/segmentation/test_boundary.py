"""Bands of a whole map at once are those that eroding each mask leaves, as boundary-iou-api does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from annotation_server.segmentation.boundary import VOID_REGION, band_histogram, label_map_bands
from annotation_server.segmentation.matching import joint_histogram_dense
from annotation_server.segmentation.tiled_map import pack_map


def eroded_bands(label_map: np.ndarray, distance: int) -> np.ndarray:
    bands = np.zeros_like(label_map)
    for number in np.unique(label_map):
        mask = np.pad(label_map == number, 1)
        inner = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=distance)
        bands[(mask & ~inner)[1:-1, 1:-1]] = number
    return bands


@st.composite
def maps(draw: st.DrawFn) -> np.ndarray:
    height, width, cell = draw(st.integers(1, 30)), draw(st.integers(1, 30)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    cells = random.integers(0, draw(st.integers(1, 4)), (height // cell + 1, width // cell + 1))
    return np.kron(cells, np.ones((cell, cell), int))[:height, :width].astype(np.uint16)


@settings(max_examples=80)
@given(maps(), st.integers(1, 40))
def test_every_pixel_is_that_of_the_erosion(label_map: np.ndarray, distance: int) -> None:
    """At the image's border, for single pixels and rows, and for bands wider than the image."""
    np.testing.assert_array_equal(label_map_bands(label_map, distance), eroded_bands(label_map, distance))


@pytest.mark.parametrize("distance", [1, 7, 300])
def test_bands_go_on_from_tile_to_tile(distance: int) -> None:
    random = np.random.default_rng(4)
    a, b = (np.kron(random.integers(0, 3, (7, 9)), np.ones((150, 130), int))[:1030, :1100] for _ in range(2))
    a, b = a.astype(np.uint16), b.astype(np.uint16)
    region = np.where(a == 0, VOID_REGION, a).astype(np.uint16)
    expected = joint_histogram_dense(label_map_bands(region, distance), label_map_bands(b, distance))
    found = band_histogram(pack_map(a), pack_map(b), distance)
    for column in ("a", "b", "pixels"):
        np.testing.assert_array_equal(getattr(found, column), getattr(expected, column))
