"""Convexity and simplicity of entities, as the EntitySeg statistics have them (COCO-Amodal, Zhu et al. 2017).

* convexity = area / area of the convex hull; the hull is that of the pixels' squares: a rectangle has 1.
* simplicity = √(4π · area) / perimeter, at most 1: a disc has 1, a square 0.90 (its true perimeter: 0.886).

The perimeter is estimated from local counts on the contour that joins the middles of the pixel edges
between inside and outside, with the corner-count weights of Vossepoel and Smeulders (1982):
0.980 · straight steps + 1.406 · diagonal steps - 0.091 · changes between the two. Every pixel edge on the
border lies between two half steps, so it adds 0.980 (both straight), 0.703 (both diagonal) or 0.7505 (one of
each). The image's frame counts as border. Pixels of an entity that touch at a corner only are apart.
"""

from collections.abc import Iterator
from math import pi, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull

from annotation_server.segmentation.label_map import areas
from annotation_server.segmentation.segments import Ints, Segments, strip_segments
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID, Pixels

_OUTSIDE = 65535
_EDGE_LENGTHS = np.array([0.703, 0.7505, 0.980])  # by how many of the two half steps are straight


class Shape(NamedTuple):
    """Area (px), area of the convex hull (px) and estimated perimeter (px) of one entity."""

    area: int
    hull_area: float
    perimeter: float

    @property
    def convexity(self) -> float:
        """Area over hull area, in (0, 1]."""
        return self.area / self.hull_area

    @property
    def simplicity(self) -> float:
        """√(4π · area) over perimeter, in (0, 1]."""
        return min(1.0, sqrt(4 * pi * self.area) / self.perimeter)


def shapes(label_map: TiledMap) -> dict[int, Shape]:
    """Shape of every entity of a label map, by number, one row of tiles at a time."""
    hulls = hull_areas(label_map)
    lengths = perimeters(label_map)
    return {
        number: Shape(area, hulls[number], lengths[number])
        for number, area in areas(label_map).items()
        if number != VOID
    }


def hull_areas(label_map: TiledMap) -> dict[int, float]:
    """Area (px) of the convex hull of every entity."""
    wanted = np.ones(65536, bool)
    wanted[VOID] = False
    strips = [_row_ends(strip_segments(label_map, row, wanted)) for row in range(label_map.rows)]
    ends = Segments.stacked(*strips)
    if not ends.y.size:
        return {}
    ends = ends.take(np.argsort(ends.number, kind="stable"))
    cuts = np.flatnonzero(np.concatenate(([True], ends.number[1:] != ends.number[:-1], [True])))
    return {
        int(ends.number[a]): _hull_area(ends.y[a:b], ends.x0[a:b], ends.x1[a:b])
        for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    }


def perimeters(label_map: TiledMap) -> dict[int, float]:
    """Estimated perimeter (px) of every entity."""
    lengths = np.zeros(65536)
    for strip, is_last in _framed_strips(label_map):
        flat, stride = strip.ravel(), strip.shape[1]
        beside = _edges(strip[1:-1, :-1], strip[1:-1, 1:], stride) + stride
        above = strip[:-1] if is_last else strip[:-2]
        below = strip[1:] if is_last else strip[1:-1]
        _add_edges(lengths, flat, beside, across=1, along=stride)
        _add_edges(lengths, flat, _edges(above, below, stride), across=stride, along=1)
    return {number: float(lengths[number]) for number in np.flatnonzero(lengths).tolist()}


def _row_ends(segments: Segments) -> Segments:
    """The first and last pixel of every number in every row, as one segment each."""
    ordered = segments.take(np.argsort(segments.number, kind="stable"))
    if not ordered.y.size:
        return ordered
    changes = (ordered.number[1:] != ordered.number[:-1]) | (ordered.y[1:] != ordered.y[:-1])
    first, last = np.concatenate(([True], changes)), np.concatenate((changes, [True]))
    return Segments(ordered.number[first], ordered.y[first], ordered.x0[first], ordered.x1[last])


def _hull_area(y: Ints, x0: Ints, x1: Ints) -> float:
    corners = [np.column_stack((x, row)) for x in (x0, x1) for row in (y, y + 1)]
    return float(ConvexHull(np.concatenate(corners)).volume)  # in two dimensions Qhull's volume is the area


def _framed_strips(label_map: TiledMap) -> Iterator[tuple[Pixels, bool]]:
    """Rows of tiles framed by the pixels around them, each with whether it is the last row of tiles."""
    width = label_map.width
    above = np.full(width, _OUTSIDE, np.uint16)
    strip = label_map.row_strip(0)
    for row in range(label_map.rows):
        is_last = row == label_map.rows - 1
        following = np.full((1, width), _OUTSIDE, np.uint16) if is_last else label_map.row_strip(row + 1)
        framed = np.full((len(strip) + 2, width + 2), _OUTSIDE, np.uint16)
        framed[0, 1:-1], framed[1:-1, 1:-1], framed[-1, 1:-1] = above, strip, following[0]
        yield framed, is_last
        above, strip = strip[-1], following


def _edges(a: Pixels, b: Pixels, stride: int) -> npt.NDArray[np.intp]:
    """Positions in rows of ``stride`` where ``a`` and its neighbour ``b`` differ."""
    found = np.flatnonzero(a != b)
    return found + found // a.shape[1] * (stride - a.shape[1])


def _add_edges(
    lengths: npt.NDArray[np.float64], flat: Pixels, at: npt.NDArray[np.intp], *, across: int, along: int
) -> None:
    """Add the length of the border edges between ``at`` and ``at + across`` to the entities on both sides."""
    for inside, outside in ((at, at + across), (at + across, at)):
        number = flat[inside]
        real = (number != VOID) & (number != _OUTSIDE)
        inside, outside, number = inside[real], outside[real], number[real]
        straight = np.zeros(number.size, np.int8)
        for step in (-along, along):
            straight += (flat[inside + step] == number) & (flat[outside + step] != number)
        lengths += np.bincount(number, _EDGE_LENGTHS[straight], minlength=lengths.size)
