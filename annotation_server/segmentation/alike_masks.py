"""Which of many masks may be alike, and how many pixels two of them share, from the bounds of their runs.

Two sets of intervals differ in every other stretch between all their bounds in order. So sorting the bounds
of a pair, which merges two ascending rows, gives what they share; no pixel is touched, and masks of one side
may overlap.
"""

from typing import NamedTuple

import numpy as np

from annotation_server.segmentation.masks import Bools, Ints, Masks

_BANDS = 16
_BOUNDS_AT_ONCE = 1 << 17  # so many bounds stay in the processor's cache
_ROWS_AT_ONCE = 1 << 12


class Pairs(NamedTuple):
    """Mask ``a[i]`` of one set and mask ``b[i]`` of another are a pair: places [P]."""

    a: Ints
    b: Ints

    def only(self, chosen: Bools | Ints) -> "Pairs":
        """The chosen ones."""
        return Pairs(self.a[chosen], self.b[chosen])


class Outline(NamedTuple):
    """What M masks cover at most: px, the highest and the lowest row in each band of columns, [M, bands].

    ``width`` is that of a band. Masks with a run that reaches into another band cover all they could.
    """

    width: int
    areas: Ints
    top: Ints
    bottom: Ints


def outline(masks: Masks) -> Outline:
    """The outlines of masks, from their runs."""
    width = -(-masks.width // _BANDS)
    shape = (len(masks), _BANDS)
    areas, top, bottom = np.zeros(shape, np.int64), np.full(shape, masks.height), np.full(shape, -1)
    if not len(masks):
        return Outline(width, areas, top, bottom)
    starts, ends = np.ascontiguousarray(masks.bounds[0::2]), np.ascontiguousarray(masks.bounds[1::2])
    lengths = ends - starts
    ends -= 1
    column, last_column = starts // masks.height, ends // masks.height
    starts -= column * masks.height
    ends -= last_column * masks.height
    longer = np.flatnonzero(column < last_column)
    starts[longer], ends[longer] = 0, masks.height - 1
    band = column // width
    begins = np.append(True, band[1:] != band[:-1])
    begins[masks.first[:-1]] = True
    begin = np.flatnonzero(begins)
    cell = (np.searchsorted(masks.first, begin, "right") - 1, np.minimum(band[begin], _BANDS - 1))
    areas[cell] = np.add.reduceat(lengths, begin)
    top[cell] = np.minimum.reduceat(starts, begin)
    bottom[cell] = np.maximum.reduceat(ends, begin)
    wide = np.searchsorted(masks.first, longer[last_column[longer] // width > band[longer]], "right") - 1
    areas[wide], top[wide], bottom[wide] = masks.height * masks.width, 0, masks.height - 1
    return Outline(width, areas, top, bottom)


def may_share(a: Outline, b: Outline, pairs: Pairs, least: Ints) -> Bools:
    """Whether the masks of each pair may share ``least`` px, by their outlines."""
    rows = range(0, pairs.a.size, _ROWS_AT_ONCE)
    parts = [_may_share(a, b, Pairs(*(side[row : row + _ROWS_AT_ONCE] for side in pairs))) for row in rows]
    return np.concatenate([np.empty(0, np.int64), *parts]) >= least


def _may_share(a: Outline, b: Outline, pairs: Pairs) -> Ints:
    """The most px that the masks of each pair can share."""
    rows = np.minimum(a.bottom[pairs.a], b.bottom[pairs.b])
    rows -= np.maximum(a.top[pairs.a], b.top[pairs.b])
    rows += 1
    rows *= a.width
    most = np.minimum(a.areas[pairs.a], b.areas[pairs.b])
    np.minimum(most, rows, out=most)
    return np.maximum(most, 0, out=most).sum(axis=1)


def shared_px(a: Masks, b: Masks, pairs: Pairs) -> Ints:
    """How many pixels the masks of each pair share [P]; both sets are of one size."""
    runs = np.diff(a.first)[pairs.a] + np.diff(b.first)[pairs.b]
    pixels = a.height * a.width
    apart = np.iinfo(a.bounds.dtype).max // pixels - 1  # so many images lie one after the other
    ends = np.cumsum(runs)
    differ = []
    begin = 0
    while begin < runs.size:
        before = ends[begin] - runs[begin]
        end = max(begin + 1, int(np.searchsorted(ends, before + _BOUNDS_AT_ONCE // 2, "right")))
        end = min(end, begin + max(1, int(apart)))
        chosen = slice(begin, end)
        differ.append(_differing_px(a, b, Pairs(*(side[chosen] for side in pairs)), runs[chosen]))
        begin = end
    together = a.areas[pairs.a] + b.areas[pairs.b]
    return (together - np.concatenate([np.empty(0, np.int64), *differ])) // 2


def _differing_px(a: Masks, b: Masks, pairs: Pairs, runs: Ints) -> Ints:
    """How many pixels are of one mask of each pair only."""
    rows = zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)
    bounds = np.concatenate([side for i, j in rows for side in (a.of(i), b.of(j))])
    place = np.arange(runs.size, dtype=bounds.dtype) * bounds.dtype.type(a.height * a.width)
    bounds += np.repeat(place, 2 * runs)
    bounds.sort(kind="stable")
    return np.add.reduceat(bounds[1::2] - bounds[0::2], np.cumsum(runs) - runs, dtype=np.int64)
