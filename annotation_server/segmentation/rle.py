"""COCO RLE of label maps: all entities in one pass, and back, in bounded memory.

An RLE is a dict ``{"size": [height, width], "counts": …}`` of column-major run lengths that begin with the
background; the strings are byte-identical to those of pycocotools (cocoapi ``maskApi.c · rleToString``).
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.tiled_map import TiledMap, join_columns, pack_column
from annotation_server.segmentation.tiles import MAX_NUMBER, TILE, VOID, Pixels

Rle = dict[str, Any]
Ints = npt.NDArray[np.int64]

_CHARACTER_BITS = 5
_INT32_CHARACTERS = 6  # 30 bits
_MOST_CHARACTERS = 7  # 35 bits: more than any count of pixels that fits a map


class ColumnRuns(NamedTuple):
    """Column-major runs: the number (uint16), the start and the end (exclusive) of each, columns [R]."""

    numbers: Pixels
    starts: Ints
    ends: Ints


class Overlap(ValueError):
    """Two masks claim the same pixel; ``first`` and ``second`` are their numbers."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"The masks {first} and {second} overlap.")
        self.first, self.second = first, second


class BadRle(ValueError):
    """The RLE does not describe a mask of its size."""


def label_map_counts(label_map: TiledMap | Pixels) -> dict[int, Ints]:
    """Uncompressed RLE counts of every entity of a label map, by number, ascending; VOID is none."""
    numbers, starts, ends = _column_runs(label_map)
    height, width = _size(label_map)
    order = np.argsort(numbers, kind="stable")
    numbers, starts, ends = numbers[order], starts[order], ends[order]
    continues = (numbers[1:] == numbers[:-1]) & (starts[1:] == ends[:-1])
    first = np.concatenate(([True], ~continues))
    last = np.concatenate((~continues, [True]))
    numbers, starts, ends = numbers[first], starts[first], ends[last]
    bounds = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1], [True])))
    return {
        int(numbers[a]): _counts(starts[a:b], ends[a:b], height * width)
        for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        if numbers[a] != VOID
    }


def label_map_rles(label_map: TiledMap | Pixels) -> dict[int, Rle]:
    """Compressed COCO RLE of every entity of a label map, by number, in one pass over its pixels."""
    counts = label_map_counts(label_map)
    size = list(_size(label_map))
    strings = compress_counts(list(counts.values()))
    return {number: {"size": size, "counts": string} for number, string in zip(counts, strings, strict=True)}


def compress_counts(masks: list[Ints]) -> list[str]:
    """The strings of many uncompressed RLEs at once: 5-bit groups of the change against two counts before."""
    if not masks:
        return []
    deltas = np.concatenate([_deltas(counts) for counts in masks])
    characters = np.ones(deltas.size, np.int8)
    for bits in range(_CHARACTER_BITS - 1, _CHARACTER_BITS * (_MOST_CHARACTERS - 1), _CHARACTER_BITS):
        wider = (deltas >= 1 << bits) | (deltas < -(1 << bits))
        if not wider.any():
            break
        characters += wider
    ends = np.cumsum(characters, dtype=np.int64)
    text = _write_characters(deltas, characters, ends - characters)
    last_of_mask = np.cumsum([counts.size for counts in masks]) - 1
    cuts = np.concatenate(([0], ends[last_of_mask])).tolist()
    return [text[a:b].decode("ascii") for a, b in itertools.pairwise(cuts)]


def decompress_counts(string: str | bytes) -> Ints:
    """Undo :func:`compress_counts` for one string; raises BadRle."""
    text = string.encode("ascii", "replace") if isinstance(string, str) else string
    values, ends = read_characters(text)
    deltas = values[ends].astype(np.int64)
    np.cumsum(deltas[1::2], out=deltas[1::2])
    np.cumsum(deltas[2::2], out=deltas[2::2])
    return deltas


def read_characters(text: bytes) -> tuple[npt.NDArray[np.signedinteger], npt.NDArray[np.bool_]]:
    """The number that ends at each character of RLE strings one after the other, and whether one ends there.

    int32, or int64 where a number has more than 30 bits; where no number ends the value means nothing.
    Raises BadRle for characters of no such string, for a number that is cut off, and for more than 35 bits.
    """
    codes = np.frombuffer(text, np.uint8) - np.uint8(48)
    goes_on = codes > 31
    if codes.size and (codes.max() > 63 or goes_on[-1]):
        raise BadRle("The counts are not a COCO RLE string.")
    values = ((codes ^ 16) - np.uint8(16)).view(np.int8).astype(np.int16)
    low = codes & np.uint8(31)
    longer = np.negative(goes_on.view(np.int8)).view(np.uint8)  # all bits where a number goes on
    for k in (1, 2):  # up to three characters, 15 bits, for all numbers at once
        longer = longer[:-1] if k == 1 else longer[:-1] & longer[1:]
        values[k:] *= ((longer & 31) + np.uint8(1)).astype(np.int16)
        values[k:] += (low[:-k] & longer).astype(np.int16)
    return _with_long_numbers(values.astype(np.int32), low, goes_on), ~goes_on


def _with_long_numbers(
    values: npt.NDArray[np.signedinteger], low: npt.NDArray[np.uint8], goes_on: npt.NDArray[np.bool_]
) -> npt.NDArray[np.signedinteger]:
    """The same with the further characters of numbers of more than three; in place where they fit."""
    place = np.flatnonzero(goes_on[:-3] & goes_on[1:-2] & goes_on[2:-1] & ~goes_on[3:]) + 3
    for k in range(3, _MOST_CHARACTERS):
        if not place.size:
            return values
        if k == _INT32_CHARACTERS:
            values = values.astype(np.int64)
        values[place] = values[place] << _CHARACTER_BITS | low[place - k]
        place = place[place > k]
        place = place[goes_on[place - k - 1]]
    if place.size:
        raise BadRle("The counts are larger than any image.")
    return values


def counts_of(rle: Rle) -> Ints:
    """Checked counts of a compressed or uncompressed RLE; raises BadRle."""
    counts = rle["counts"]
    found = decompress_counts(counts) if isinstance(counts, str | bytes) else _listed(counts)
    height, width = rle["size"]
    if (found < 0).any() or int(found.sum()) != height * width:
        raise BadRle(f"The counts do not add up to {height} × {width} pixels.")
    return found


def _listed(counts: Any) -> Ints:
    """The counts of an uncompressed RLE."""
    listed = np.asarray(counts)
    if listed.ndim != 1 or (listed.size and listed.dtype.kind not in "iu"):
        raise BadRle("The counts are no list of whole numbers.")
    return listed.astype(np.int64, copy=False)


def rle_area(rle: Rle) -> int:
    """Area of a mask in px."""
    return int(counts_of(rle)[1::2].sum())


def label_map_from_rles(width: int, height: int, masks: Mapping[int, Rle]) -> TiledMap:
    """The label map of disjoint masks by number, one column of tiles at a time.

    Raises Overlap, naming the two masks, when a pixel is claimed twice (segmentation/non_overlap.py resolves
    overlaps by score), and BadRle for a mask of another size.
    """
    runs = sorted_runs(width, height, masks)
    reach = np.maximum.accumulate(runs.ends) if runs.ends.size else runs.ends
    if (clash := np.flatnonzero(runs.starts[1:] < reach[:-1])).size:
        second = int(clash[0]) + 1
        first = int(np.argmax(runs.ends[:second]))
        raise Overlap(*sorted((int(runs.numbers[first]), int(runs.numbers[second]))))
    columns = [
        pack_column(_disjoint_columns(runs, x, min(TILE, width - x), height)) for x in range(0, width, TILE)
    ]
    return join_columns(width, height, columns)


def sorted_runs(width: int, height: int, masks: Mapping[int, Rle]) -> ColumnRuns:
    """The runs of all masks by number, sorted by where they start; raises BadRle."""
    numbers, starts, ends = [np.empty(0, np.uint16)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, rle in masks.items():
        if not 1 <= number <= MAX_NUMBER:
            raise BadRle(f"{number} is no number of an entity: they lie between 1 and {MAX_NUMBER}.")
        if list(rle["size"]) != [height, width]:
            raise BadRle(f"Mask {number} is of size {rle['size']}, the map of {[height, width]}.")
        mask_starts, mask_ends = mask_runs(counts_of(rle))
        numbers.append(np.full(mask_starts.size, number, np.uint16))
        starts.append(mask_starts)
        ends.append(mask_ends)
    start = np.concatenate(starts)
    order = np.argsort(start, kind="stable")
    return ColumnRuns(np.concatenate(numbers)[order], start[order], np.concatenate(ends)[order])


def _disjoint_columns(runs: ColumnRuns, x: int, columns: int, height: int) -> Pixels:
    """Pixels [height, columns] of disjoint runs from column ``x`` on."""
    low, high = x * height, (x + columns) * height
    a, b = np.searchsorted(runs.ends, low, "right"), np.searchsorted(runs.starts, high, "left")
    bounds = np.empty(2 * (b - a) + 2, np.int64)
    bounds[0], bounds[-1] = low, high
    bounds[1:-1:2] = np.maximum(runs.starts[a:b], low)
    bounds[2:-1:2] = np.minimum(runs.ends[a:b], high)
    values = np.zeros(bounds.size - 1, np.uint16)
    values[1::2] = runs.numbers[a:b]
    return np.repeat(values, np.diff(bounds)).reshape(columns, height).T


def mask_runs(counts: Ints) -> tuple[Ints, Ints]:
    """Starts and ends of the foreground runs; empty ones, which others write, are dropped."""
    bounds = np.cumsum(counts)
    ends = bounds[1::2]
    starts = bounds[0::2][: ends.size]
    real = ends > starts
    return starts[real], ends[real]


def _size(label_map: TiledMap | Pixels) -> tuple[int, int]:
    if isinstance(label_map, TiledMap):
        return label_map.height, label_map.width
    height, width = label_map.shape
    return height, width


def _column_strips(label_map: TiledMap | Pixels) -> Iterator[Pixels]:
    if isinstance(label_map, TiledMap):
        return (label_map.column_strip(column) for column in range(label_map.columns))
    return (label_map[:, x : x + TILE] for x in range(0, label_map.shape[1], TILE))


def _column_runs(label_map: TiledMap | Pixels) -> ColumnRuns:
    """Column-major runs of the whole map, cut at every column's top."""
    height, width = _size(label_map)
    numbers, starts = [], []
    for strip, x in zip(_column_strips(label_map), range(0, width, TILE), strict=True):
        strip_starts = _change_keys(strip)
        column = strip_starts // height
        numbers.append(strip[strip_starts - column * height, column])
        starts.append(strip_starts + x * height)
    start = np.concatenate(starts)
    return ColumnRuns(np.concatenate(numbers), start, np.append(start[1:], height * width))


def _change_keys(strip: Pixels) -> Ints:
    """Column-major positions, ascending, where a column of ``strip`` [H, W] starts or changes its number."""
    height, width = strip.shape
    changes = np.flatnonzero(strip[1:] != strip[:-1])
    row = changes // width
    column = changes - row * width
    keys = np.concatenate((column * height + row + 1, np.arange(width) * height))
    keys.sort()
    return keys


def _counts(starts: Ints, ends: Ints, pixels: int) -> Ints:
    counts = np.empty(2 * starts.size + 1, np.int64)
    counts[0] = starts[0]
    counts[1::2] = ends - starts
    counts[2:-1:2] = starts[1:] - ends[:-1]
    counts[-1] = pixels - ends[-1]
    return counts if counts[-1] else counts[:-1]


def _deltas(counts: Ints) -> Ints:
    deltas = counts.copy()
    deltas[3:] -= counts[1:-2]
    return deltas


def _write_characters(deltas: Ints, characters: npt.NDArray[np.int8], starts: Ints) -> bytes:
    text = np.empty(int(characters.sum()), np.uint8)
    for k in range(int(characters.max())):
        more = characters > k + 1
        text[starts] = (deltas & 31) + 48 + 32 * more
        deltas, starts, characters = deltas[more] >> _CHARACTER_BITS, starts[more] + 1, characters[more]
    return text.tobytes()
