from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.spatial import ConvexHull

from annotation_server.segmentation.shape import Shape, hull_areas, perimeters, shapes
from annotation_server.segmentation.tiled_map import pack_map, void_map

from .conftest import label_maps


def shape_of(mask: np.ndarray) -> Shape:
    return shapes(pack_map(mask.astype(np.uint16)))[1]


def disc(radius: float) -> np.ndarray:
    side = int(2 * radius) + 6
    y, x = np.mgrid[:side, :side]
    return np.hypot(y - side / 2 - 0.3, x - side / 2 - 0.1) <= radius


@pytest.mark.parametrize(("radius", "tolerance"), [(10, 0.08), (30, 0.04), (300, 0.01)])
def test_a_disc_has_convexity_and_simplicity_one(radius, tolerance):
    shape = shape_of(disc(radius))
    assert shape.perimeter == pytest.approx(2 * pi * radius, rel=tolerance / 2)
    assert shape.convexity == pytest.approx(1, abs=tolerance)
    assert shape.simplicity == pytest.approx(1, abs=tolerance / 2)


def test_a_square_is_convex_and_less_simple_than_a_disc():
    shape = shape_of(np.pad(np.ones((600, 600)), 3))
    assert shape.convexity == pytest.approx(1)
    assert shape.simplicity == pytest.approx(sqrt(pi) / 2, abs=0.02)


def test_a_comb_is_neither_convex_nor_simple():
    comb = np.zeros((110, 210))
    comb[5:15, 5:205] = 1
    for tooth in range(5, 205, 20):
        comb[15:105, tooth : tooth + 10] = 1
    shape = shape_of(comb)
    assert shape.area == 200 * 10 + 10 * 90 * 10
    assert shape.hull_area == pytest.approx(200 * 10 + 195 * 90, rel=0.03)
    assert shape.perimeter == pytest.approx(2 * 200 + 2 * 10 + 10 * 2 * 90, rel=0.03)
    assert shape.simplicity < 0.2


@pytest.mark.parametrize("angle", [0, 10, 22.5, 45, 70])
def test_the_perimeter_of_a_turned_square_is_right_within_three_percent(angle):
    y, x = np.mgrid[-300:300, -300:300]
    turn = np.deg2rad(angle)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    shape = shape_of((abs(u) < 150) & (abs(v) < 150))
    assert shape.perimeter == pytest.approx(1200, rel=0.03)
    assert shape.convexity > 0.98


def test_a_single_pixel_is_at_most_perfect():
    assert shape_of(np.ones((1, 1))).simplicity == 1
    assert shape_of(np.ones((1, 1))).convexity == 1


def test_shapes_do_not_depend_on_where_tiles_are_cut(ragged_map):
    whole = shapes(pack_map(np.pad(ragged_map, ((0, 40), (0, 40)))))
    moved = shapes(pack_map(np.pad(ragged_map, ((17, 23), (31, 9)))))
    assert whole.keys() == moved.keys()
    for number, shape in whole.items():
        assert moved[number] == pytest.approx(shape)


@settings(max_examples=15)
@given(label_maps().filter(lambda label_map: label_map.size < 50_000))
def test_hulls_and_perimeters_equal_those_from_pixels(label_map):
    tiled = pack_map(label_map)
    hulls, lengths = hull_areas(tiled), perimeters(tiled)
    numbers = {int(number) for number in np.unique(label_map)} - {0}
    assert set(hulls) == set(lengths) == numbers
    for number in numbers:
        y, x = np.nonzero(label_map == number)
        corners = [np.column_stack((x + dx, y + dy)) for dx in (0, 1) for dy in (0, 1)]
        assert hulls[number] == pytest.approx(ConvexHull(np.concatenate(corners)).volume)
        assert lengths[number] == pytest.approx(brute_force_perimeter(label_map == number))


def brute_force_perimeter(mask: np.ndarray) -> float:
    """Steps of the contour, block of 2 × 2 pixels by block, as the module's docstring defines them."""
    framed = np.pad(mask, 1).astype(int)
    block = framed[:-1, :-1] + framed[:-1, 1:] + framed[1:, :-1] + framed[1:, 1:]
    opposite = framed[:-1, :-1] == framed[1:, 1:]
    straight = (block == 2) & ~(opposite & (framed[:-1, 1:] == framed[1:, :-1]))
    half_diagonals = (block == 1).sum() + (block == 3).sum() + 2 * ((block == 2) & ~straight).sum()
    beside = framed[1:-1, :-1] != framed[1:-1, 1:]
    above = framed[:-1, 1:-1] != framed[1:, 1:-1]
    changes = (beside & (straight[:-1] != straight[1:])).sum()
    changes += (above & (straight[:, :-1] != straight[:, 1:])).sum()
    return 0.980 * straight.sum() + 1.406 * half_diagonals / 2 - 0.091 * changes


def test_a_void_map_has_no_shapes():
    assert shapes(void_map(600, 3)) == {}
