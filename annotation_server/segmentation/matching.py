"""The joint histogram of two label maps of one image, and the IoU of every pair of their entities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.joint_runs import joint_columns
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID, Pixels

Ints = npt.NDArray[np.int64]

# Two partitions have at most one partner above it for each entity (panoptic segmentation, §4.1).
SAME_ENTITY = 0.5

_ROWS_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class JointHistogram:
    """How many pixels bear number ``a[i]`` in the first map and ``b[i]`` in the second: columns [P].

    Pairs that share no pixel are left out; sorted by (a, b); VOID is a number like any other here.
    """

    a: Ints
    b: Ints
    pixels: Ints

    def areas_a(self) -> dict[int, int]:
        """Area of every number of the first map."""
        return _summed(self.a, self.pixels)

    def areas_b(self) -> dict[int, int]:
        """Area of every number of the second map."""
        return _summed(self.b, self.pixels)


class Pair(NamedTuple):
    """An entity of each map, the pixels they share and their IoU."""

    a: int
    b: int
    shared: int
    iou: float


def joint_histogram(a: TiledMap, b: TiledMap) -> JointHistogram:
    """Joint histogram of two tiled maps from their runs alone; raises ValueError for different sizes."""
    return next(joint_histograms([(a, b)]))


def joint_histograms(pairs: Iterable[tuple[TiledMap, TiledMap]]) -> Iterator[JointHistogram]:
    """Joint histograms of many pairs of tiled maps, in order: many small ones cost far less together.

    Memory is bounded by the largest pair. Raises ValueError for maps of different sizes.
    """
    for columns in joint_columns(pairs):
        bounds = np.flatnonzero(np.diff(columns.pair)) + 1
        for first, last in pairwise([0, *bounds.tolist(), columns.pair.size]):
            yield JointHistogram(*(column[first:last] for column in columns[1:]))


def joint_histogram_dense(a: Pixels, b: Pixels) -> JointHistogram:
    """Joint histogram of two dense label maps uint16 [H, W]."""
    if a.shape != b.shape:
        raise ValueError(f"Maps of shape {a.shape} and {b.shape} cannot be compared.")
    rows = range(0, a.shape[0], _ROWS_AT_ONCE)
    return _total(_shared_pixels(a[y : y + _ROWS_AT_ONCE], b[y : y + _ROWS_AT_ONCE]) for y in rows)


def joined(parts: Iterable[JointHistogram]) -> JointHistogram:
    """The joint histogram of an image that was counted in parts, at least one."""
    return _total((part.a, part.b, part.pixels) for part in parts)


def iou_pairs(histogram: JointHistogram) -> list[Pair]:
    """All pairs of entities that share a pixel, sorted by (a, b).

    IoU is shared / (area in a + area in b - shared), areas counted on the whole image: pixels that are VOID
    on one side lie in the union. Two partitions have at most one partner with IoU > 0.5 each.
    """
    areas_a, areas_b = histogram.areas_a(), histogram.areas_b()
    rows = zip(histogram.a.tolist(), histogram.b.tolist(), histogram.pixels.tolist(), strict=True)
    return [
        Pair(a, b, shared, shared / (areas_a[a] + areas_b[b] - shared))
        for a, b, shared in rows
        if a != VOID and b != VOID
    ]


def _shared_pixels(a: Pixels, b: Pixels) -> tuple[Ints, Ints, Ints]:
    """The pixels of some rows, as runs along the rows so that few are counted."""
    flat_a, flat_b = a.ravel(), b.ravel()
    changes = (flat_a[1:] != flat_a[:-1]) | (flat_b[1:] != flat_b[:-1])
    starts = np.concatenate(([0], np.flatnonzero(changes) + 1))
    return _counted(flat_a[starts], flat_b[starts], np.diff(starts, append=flat_a.size))


def _counted(a: Pixels, b: Pixels, pixels: Ints) -> tuple[Ints, Ints, Ints]:
    keys = a.astype(np.uint32) << np.uint32(16) | b
    order = np.argsort(keys, kind="stable")
    keys, pixels = keys[order], pixels[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sums = np.add.reduceat(pixels, first)
    pairs: Ints = keys[first].astype(np.int64)[sums > 0]
    return pairs >> 16, pairs & 0xFFFF, sums[sums > 0]


def _total(parts: Iterable[tuple[Ints, Ints, Ints]]) -> JointHistogram:
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return JointHistogram(*_counted(columns[0].astype(np.uint16), columns[1].astype(np.uint16), columns[2]))


def _summed(numbers: Ints, pixels: Ints) -> dict[int, int]:
    sums = np.bincount(numbers, pixels).astype(np.int64)
    return {int(number): int(sums[number]) for number in np.unique(numbers)}
