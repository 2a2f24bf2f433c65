"""The runs of a label map along the image's rows, one row of tiles at a time."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import TILE, FlatRuns, Lookup, Pixels

Ints = npt.NDArray[np.int64]
Chosen = npt.NDArray[np.intp] | npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Segments:
    """Pieces of image rows that bear one number, sorted by (y, x0): columns [S]; ``x1`` is exclusive.

    A row's run that crosses a tile border comes as two pieces.
    """

    number: Pixels
    y: Ints
    x0: Ints
    x1: Ints

    def take(self, chosen: Chosen) -> "Segments":
        """The chosen rows of all columns."""
        return Segments(self.number[chosen], self.y[chosen], self.x0[chosen], self.x1[chosen])

    @classmethod
    def none(cls) -> Self:
        """No segments."""
        empty = np.empty(0, np.int64)
        return cls(np.empty(0, np.uint16), empty, empty, empty)

    @classmethod
    def stacked(cls, *pieces: "Segments") -> Self:
        """The rows of all ``pieces`` one after the other."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in names))


def strip_segments(label_map: TiledMap, row: int, wanted: Lookup) -> Segments:
    """Segments of the numbers ``wanted`` (bool [65536]) in one row of tiles, padding left out."""
    begin = row * label_map.columns
    pieces = [
        _cut_at_rows(runs, wanted, first - begin, row * TILE)
        for first, runs in label_map.chunks(begin, begin + label_map.columns)
    ]
    segments = Segments.stacked(*pieces)
    return segments.take(np.argsort(segments.y * label_map.width + segments.x0, kind="stable"))


def _cut_at_rows(runs: FlatRuns, wanted: Lookup, column: int, top: int) -> Segments:
    chosen = wanted[runs.numbers]
    numbers, starts, ends = runs.numbers[chosen], runs.starts[chosen], runs.ends[chosen] - 1
    first_row = starts // TILE
    rows = ends // TILE - first_row + 1
    of = np.repeat(np.arange(numbers.size), rows)
    nth = np.arange(of.size) - np.repeat(np.cumsum(rows) - rows, rows)
    tile = starts[of] // (TILE * TILE)
    y = (first_row[of] + nth) % TILE
    x0 = np.where(nth == 0, starts[of] % TILE, 0)
    x1 = np.where(nth == rows[of] - 1, ends[of] % TILE + 1, TILE)
    x1 = np.minimum(x1, runs.valid_w[tile])
    inside = (y < runs.valid_h[tile]) & (x0 < x1)
    left = (column + tile) * TILE
    return Segments(numbers[of], y + top, x0 + left, x1 + left).take(inside)
