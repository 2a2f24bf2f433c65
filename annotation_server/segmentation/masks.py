"""Many masks of one size as the bounds of their runs, read from COCO RLE strings all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.rle import BadRle, Ints, Rle, counts_of, read_characters

Bounds = npt.NDArray[np.signedinteger]
Bools = npt.NDArray[np.bool_]

MOST_PX = 1 << 30  # of an image whose bounds are int32: a bound and one count more still fit


@dataclass(frozen=True, eq=False)
class Masks:
    """M masks on ``height`` × ``width`` px: mask i has the runs ``first[i]`` to ``first[i + 1]``.

    bounds [2 R]: the column-major start and end (exclusive) of each run in turn, ascending within a mask,
    int32 up to MOST_PX, else int64. A mask has one run at least; runs may be empty. first [M + 1].
    areas [M], px.
    """

    height: int
    width: int
    bounds: Bounds
    first: Ints
    areas: Ints

    def __len__(self) -> int:
        return self.areas.size

    def of(self, place: int) -> Bounds:
        """The bounds of a mask."""
        return self.bounds[2 * self.first[place] : 2 * self.first[place + 1]]

    def counts(self, place: int) -> Ints:
        """The uncompressed RLE of a mask."""
        bounds = np.concatenate(([0], self.of(place), [self.height * self.width]))
        counts: Ints = np.diff(bounds).astype(np.int64, copy=False)
        return counts

    def are_disjoint(self, places: range) -> bool:
        """Whether no two of these masks share a pixel."""
        bounds = self.bounds[2 * self.first[places.start] : 2 * self.first[places.stop]]
        starts, ends = (np.sort(bounds[side::2], kind="stable") for side in (0, 1))
        return bool((starts[1:] >= ends[:-1]).all())


def read_masks(rles: Sequence[Rle], height: int, width: int) -> Masks:
    """Masks from RLEs of this size, far quicker than one by one; raises BadRle if any is broken."""
    strings = [rle["counts"] for rle in rles]
    if height * width <= MOST_PX and set(map(type, strings)) == {str}:
        return _from_strings(strings, height, width)
    return masks_from_counts([counts_of(rle) for rle in rles], height, width)


def masks_from_counts(masks: Sequence[Ints], height: int, width: int) -> Masks:
    """The same from checked counts."""
    dtype = np.int32 if height * width <= MOST_PX else np.int64
    bounds = [np.cumsum(counts[: counts.size // 2 * 2]) if counts.size > 1 else [0, 0] for counts in masks]
    first = np.cumsum([0, *(len(of_mask) // 2 for of_mask in bounds)])
    joined: Bounds = np.concatenate([np.empty(0, np.int64), *bounds]).astype(dtype)
    return Masks(height, width, joined, first, _areas(joined, first))


def _areas(bounds: Bounds, first: Ints) -> Ints:
    if first.size == 1:
        return np.empty(0, np.int64)
    return np.add.reduceat(bounds[1::2] - bounds[0::2], first[:-1], dtype=np.int64)


_LOW_LANE = (1 << 32) - 1
_LOW_SIGN = 1 << 31


class _Deltas(NamedTuple):
    """By how much counts differ from those two before them: int32 [2 R], background and mask in turn.

    Mask i has ``runs[i]`` such pairs and, where ``odd``, a background after them that is told by ``tails``.
    """

    pairs: npt.NDArray[np.int32]
    runs: Ints
    odd: Bools
    tails: Ints


def _from_strings(strings: Sequence[str], height: int, width: int) -> Masks:
    """Each step is one call for all masks."""
    pixels = height * width
    deltas = _deltas(strings)
    first = np.concatenate(([0], np.cumsum(deltas.runs)))
    counts, tails = _counts(deltas, first)
    # The first count that is out of range has not left int32 yet, so that it is seen.
    if counts.view(np.uint32).max() > pixels or (tails < 0).any():
        raise BadRle("A count is negative or larger than the image.")
    lanes = np.add.reduceat(counts.view(np.int64), first[:-1])
    areas = lanes >> 32
    ends = areas + (lanes & _LOW_LANE)
    if (ends + tails != pixels).any():
        raise BadRle(f"The counts do not add up to {height} × {width} pixels.")
    counts[2 * first[1:-1]] -= ends[:-1].astype(np.int32)
    bounds = np.cumsum(counts, dtype=np.int32, out=counts)
    if bounds.view(np.uint32).max() > pixels:
        raise BadRle("A run ends outside the image.")
    return Masks(height, width, bounds, first, areas)


def _deltas(strings: Sequence[str]) -> _Deltas:
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    if not lengths.all():
        raise BadRle("A mask has no counts.")
    try:
        values, ends = read_characters("".join(strings).encode("ascii"))
    except UnicodeEncodeError as error:
        raise BadRle("The counts are not a COCO RLE string.") from error
    last = np.cumsum(lengths) - 1
    if values.dtype != np.int32 or not ends[last].all():
        raise BadRle("The counts of a mask are cut off, or larger than its image.")
    counted = np.add.reduceat(ends.view(np.uint8), last - lengths + 1, dtype=np.int32)
    if (alone := counted == 1).any():  # a mask without a run gets one of no pixel
        return _deltas([text + "0" * one for text, one in zip(strings, alone.tolist(), strict=True)])
    odd = counted % 2 == 1
    ends[last[odd]] = False
    return _Deltas(values[np.flatnonzero(ends)], counted // 2, odd, values[last].astype(np.int64))


def _counts(deltas: _Deltas, first: Ints) -> tuple[npt.NDArray[np.int32], Ints]:
    """The counts [2 R], in place, and the background after the last run [M].

    A pair is one int64 (little-endian), so that one sum adds up both of its counts.
    """
    begin = first[:-1]
    several = deltas.runs > 1
    pairs = deltas.pairs.view(np.int64)
    pairs -= (pairs & _LOW_SIGN) << 1  # a negative background is borrowed from the mask's count
    pairs[begin[several] + 1] -= deltas.pairs[2 * begin[several]]  # the third count is told as it is
    sums = np.add.reduceat(pairs, begin)
    pairs[begin[1:]] -= sums[:-1]
    np.cumsum(pairs, out=pairs)
    before = np.where(several, deltas.pairs[2 * first[1:] - 2], 0)
    return deltas.pairs, np.where(deltas.odd, deltas.tails + before, 0)
