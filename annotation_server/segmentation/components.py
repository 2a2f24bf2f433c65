"""Connected parts of the entities of a label map, and its gaps, straight from the runs.

The map is walked one row of tiles at a time. Parts that do not reach the last row walked are finished and
leave memory, so what is held is one row of tiles and the parts still open.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from annotation_server.segmentation.segments import Chosen, Ints, Segments, strip_segments
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import TILE, VOID, Pixels


class Component(NamedTuple):
    """A connected part of an entity, or a gap: ``x``, ``y`` is its first pixel in reading order."""

    number: int
    area: int
    bbox: tuple[int, int, int, int]  # x, y, width, height
    x: int
    y: int


@dataclass(frozen=True)
class Gaps:
    """The connected parts of VOID: how many there are, and the largest of them, largest first."""

    count: int
    largest: list[Component]


@dataclass(frozen=True)
class _Parts:
    """Columns int64 [P] of parts: area, box (x1, y1 exclusive) and first pixel as y · width + x."""

    number: Pixels
    area: Ints
    x0: Ints
    y0: Ints
    x1: Ints
    y1: Ints
    first: Ints

    def take(self, chosen: Chosen) -> "_Parts":
        return _Parts(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def rows(self, width: int) -> list[Component]:
        columns = (getattr(self, name).tolist() for name in self.__dataclass_fields__)
        return [
            Component(number, area, (x0, y0, x1 - x0, y1 - y0), first % width, first // width)
            for number, area, x0, y0, x1, y1, first in zip(*columns, strict=True)
        ]


def components(
    label_map: TiledMap, numbers: Collection[int] | None = None, *, connectivity: int = 4
) -> list[Component]:
    """Connected parts of the entities ``numbers`` (all but VOID when left out).

    Sorted by number, then largest first, then reading order of their first pixels. ``connectivity`` is 4
    (edges, as the bucket tool floods) or 8 (corners too).
    """
    found = [
        part
        for parts in _finished_parts(label_map, numbers, connectivity)
        for part in parts.rows(label_map.width)
    ]
    return sorted(found, key=lambda part: (part.number, -part.area, part.y, part.x))


def gaps(label_map: TiledMap, *, most: int = 500, connectivity: int = 4) -> Gaps:
    """The gaps of a label map: all counted, the ``most`` largest listed (ties in reading order)."""
    count, largest = 0, list[Component]()
    for parts in _finished_parts(label_map, [VOID], connectivity):
        count += parts.area.size
        if parts.area.size > most:
            parts = parts.take(np.lexsort((parts.first, -parts.area))[:most])
        largest = nlargest(most, largest + parts.rows(label_map.width), key=_size_then_reading_order)
    return Gaps(count, largest)


def _size_then_reading_order(part: Component) -> tuple[int, int, int]:
    return part.area, -part.y, -part.x


def _finished_parts(
    label_map: TiledMap, numbers: Collection[int] | None, connectivity: int
) -> Iterator[_Parts]:
    if connectivity not in (4, 8):
        raise ValueError(f"Pixels connect over 4 or 8 neighbours, not {connectivity}.")
    wanted = np.zeros(65536, bool)
    wanted[list(range(1, 65536) if numbers is None else numbers)] = True
    carry, carried = Segments.none(), _measure(Segments.none(), label_map.width)
    carry_part = np.empty(0, np.int64)
    for row in range(label_map.rows):
        fresh = strip_segments(label_map, row, wanted)
        segments = Segments.stacked(carry, fresh)
        part = _join(segments, carry_part, connectivity == 8)
        measured = _measure(fresh, label_map.width)
        carried_part = np.zeros(carried.area.size, np.int64)
        carried_part[carry_part] = part[: carry.y.size]
        parts = _grouped(
            _concatenated(carried, measured), np.concatenate((carried_part, part[carry.y.size :]))
        )
        bottom = segments.y == min(label_map.height, (row + 1) * TILE) - 1
        carry, open_parts = segments.take(bottom), np.unique(part[bottom])
        carry_part = np.searchsorted(open_parts, part[bottom])
        closed = np.ones(parts.area.size, bool)
        closed[open_parts] = False
        yield parts.take(closed)
        carried = parts.take(open_parts)
    yield carried


def _join(segments: Segments, carry_part: Ints, corners: bool) -> Ints:
    """Part index of every segment, int64 [S]; ``carry_part`` are those known from the strip above."""
    count = segments.y.size
    if not count:
        return np.empty(0, np.int64)
    stride = int(segments.x1.max()) + 2
    start, end = segments.y * stride + segments.x0, segments.y * stride + segments.x1
    beside = np.flatnonzero(end[:-1] == start[1:])
    low = np.searchsorted(end, start + stride, "left" if corners else "right")
    high = np.searchsorted(start, end + stride, "right" if corners else "left")
    below = np.maximum(high - low, 0)
    upper = np.repeat(np.arange(count), below)
    lower = np.arange(upper.size) - np.repeat(np.cumsum(below) - below - low, below)
    ends_a, ends_b = np.concatenate((beside, upper)), np.concatenate((beside + 1, lower))
    same = segments.number[ends_a] == segments.number[ends_b]
    representative = np.zeros(carry_part.size, np.int64)
    representative[carry_part] = np.arange(carry_part.size)
    ends_a = np.concatenate((ends_a[same], np.arange(carry_part.size)))
    ends_b = np.concatenate((ends_b[same], representative[carry_part]))
    graph = coo_array((np.ones(ends_a.size, np.int8), (ends_a, ends_b)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _measure(segments: Segments, width: int) -> _Parts:
    """Every segment as a part of its own."""
    length = segments.x1 - segments.x0
    first = segments.y * width + segments.x0
    return _Parts(segments.number, length, segments.x0, segments.y, segments.x1, segments.y + 1, first)


def _grouped(parts: _Parts, group: Ints) -> _Parts:
    """Parts joined by their group 0..G-1, every one of which occurs."""
    if not group.size:
        return parts
    order = np.argsort(group, kind="stable")
    parts, group = parts.take(order), group[order]
    begin = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    return _Parts(
        parts.number[begin],
        np.add.reduceat(parts.area, begin),
        np.minimum.reduceat(parts.x0, begin),
        np.minimum.reduceat(parts.y0, begin),
        np.maximum.reduceat(parts.x1, begin),
        np.maximum.reduceat(parts.y1, begin),
        np.minimum.reduceat(parts.first, begin),
    )


def _concatenated(a: _Parts, b: _Parts) -> _Parts:
    names = _Parts.__dataclass_fields__
    return _Parts(*(np.concatenate((getattr(a, name), getattr(b, name))) for name in names))
