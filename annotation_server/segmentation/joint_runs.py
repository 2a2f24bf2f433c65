"""Shared pixels of the numbers of two label maps, for many pairs of maps at once, from their runs alone.

The runs of a batch of tiles are two sparse rows: at each place where a map changes stands by how much its
number does. Their sum, which SciPy merges in one compiled pass, stands at each place where either changes;
its running total is the pair of numbers from there on. Runs are never turned into pixels.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.freed_memory import keep_freed_memory
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import TILE, TILE_PX, Tile, uniform_runs

Ints = npt.NDArray[np.int64]
_Places = npt.NDArray[np.int32]
_Numbers = npt.NDArray[np.signedinteger]

BATCH_RUNS = 1 << 18  # so many runs of both maps at once stay in the processor's cache

_TILE_RUNS = 64  # what a tile counts for beside its runs: a batch has at most 2^12 tiles, 2^30 places
_TABLE_CELLS_PER_RUN = 8  # a table of all pairs of numbers is quicker than sorting while it is not larger
_ANY_NUMBER = 1 << 16


class JointColumns(NamedTuple):
    """Numbers ``a`` and ``b`` of the maps of a pair share ``pixels`` > 0: int64 columns [P].

    ``pair`` is the pair's place among those given. Sorted by (pair, a, b); VOID is a number like any other.
    """

    pair: Ints
    a: Ints
    b: Ints
    pixels: Ints


class _Part(NamedTuple):
    """Tiles ``first`` to ``last`` (exclusive) of the maps of a pair."""

    pair: int
    a: TiledMap
    b: TiledMap
    first: int
    last: int


class _Changes(NamedTuple):
    """Where in a batch a map's number changes, and what it is from there on: columns [R]."""

    places: _Places
    numbers: _Places


def joint_columns(pairs: Iterable[tuple[TiledMap, TiledMap]]) -> Iterator[JointColumns]:
    """Shared pixels of many pairs of maps, some whole pairs at a time, in order.

    Memory is bounded by a batch of runs and the largest map. Raises ValueError for maps of different sizes.
    """
    keep_freed_memory()
    for batch in _batches(pairs):
        counted = [_counted(parts) for parts in _bounded(batch)]
        yield counted[0] if len(counted) == 1 else _summed(*map(np.concatenate, zip(*counted, strict=True)))


def _batches(pairs: Iterable[tuple[TiledMap, TiledMap]]) -> Iterator[list[_Part]]:
    """Whole pairs, so many as are good to count at once; one that is larger is alone."""
    batch: list[_Part] = []
    runs = 0
    for place, (a, b) in enumerate(pairs):
        if (a.width, a.height) != (b.width, b.height):
            raise ValueError(f"Maps of {a.width} × {a.height} and {b.width} × {b.height} cannot be compared.")
        part = _Part(place, a, b, 0, len(a.tiles))
        more = sum(map(_run_count, a.tiles, b.tiles))
        if batch and runs + more > BATCH_RUNS:
            yield batch
            batch, runs = [], 0
        batch.append(part)
        runs += more
    if batch:
        yield batch


def _bounded(batch: list[_Part]) -> Iterator[list[_Part]]:
    """The batch itself, or a large pair some tiles at a time."""
    if len(batch) > 1:
        yield batch
        return
    (part,) = batch
    first = runs = 0
    for t, more in enumerate(map(_run_count, part.a.tiles, part.b.tiles)):
        if runs and runs + more > BATCH_RUNS:
            yield [part._replace(first=first, last=t)]
            first, runs = t, 0
        runs += more
    yield [part._replace(first=first)]


def _run_count(a: Tile, b: Tile) -> int:
    return _TILE_RUNS + (len(a.runs) + len(b.runs)) // 4


def _counted(parts: list[_Part]) -> JointColumns:
    a = _changes([tile for part in parts for tile in part.a.tiles[part.first : part.last]])
    b = _changes([tile for part in parts for tile in part.b.tiles[part.first : part.last]])
    ends = np.cumsum([part.last - part.first for part in parts]) * TILE_PX
    size_a, size_b = int(a.numbers.max()) + 1, int(b.numbers.max()) + 1
    is_small = len(parts) * size_a * size_b <= _TABLE_CELLS_PER_RUN * (a.places.size + b.places.size)
    if not is_small:
        size_a = size_b = _ANY_NUMBER
    keys, places = _merged(a, b, size_a, size_b, ends)
    pixels = _lengths(parts, places, int(ends[-1]))
    pairs = np.array([part.pair for part in parts])
    if is_small:
        table = np.bincount(keys, pixels)
        keys = np.flatnonzero(table)
        return JointColumns(*_numbers(keys, pairs, size_a, size_b), table[keys].astype(np.int64))
    return _summed(*_numbers(keys, pairs, size_a, size_b), pixels.astype(np.int64))


def _numbers(keys: Ints, pairs: Ints, size_a: int, size_b: int) -> tuple[Ints, Ints, Ints]:
    """The pair and the two numbers of each key."""
    rows, b = np.divmod(keys, size_b)
    place, a = np.divmod(rows, size_a)
    return pairs[place], a, b


def _changes(tiles: list[Tile]) -> _Changes:
    """The runs of tiles one after the other: tile t begins at t · 512²."""
    joined = b"".join([tile.runs or uniform_runs(tile.uni) for tile in tiles])
    runs = np.frombuffer(joined, "<u4")
    lengths = (runs >> 16).view(np.int32)
    lengths += 1
    places = np.zeros(runs.size, np.int32)
    np.cumsum(lengths[:-1], out=places[1:])
    return _Changes(places, (runs & 0xFFFF).view(np.int32))


def _merged(a: _Changes, b: _Changes, size_a: int, size_b: int, ends: Ints) -> tuple[Ints, _Places]:
    """The pieces on which both maps are constant: their keys and where they begin, the first at 0.

    A key is (place of the part · ``size_a`` + a) · ``size_b`` + b.
    """
    dtype = np.int64 if size_b == _ANY_NUMBER else np.int32
    steps_a, steps_b = _steps(a.numbers, dtype), _steps(b.numbers, dtype)
    steps_a[np.searchsorted(a.places, ends[:-1].astype(np.int32))] += size_a
    steps_a *= size_b
    steps, places = _sum_of_rows((steps_a, a.places), (steps_b, b.places), int(ends[-1]))
    keys = np.cumsum(steps, dtype=np.int64)
    if not places.size or places[0] > 0:  # key 0 is no change, so it is not in the sum
        keys, places = np.concatenate(([0], keys)), np.concatenate((np.zeros(1, np.int32), places))
    return keys, places


def _steps(numbers: _Places, dtype: type[np.signedinteger]) -> _Numbers:
    """By how much each number is above the one before it, the first above 0."""
    steps = numbers.astype(dtype)
    np.subtract(steps[1:], numbers[:-1], out=steps[1:])
    return steps


def _sum_of_rows(
    a: tuple[_Numbers, _Places], b: tuple[_Numbers, _Places], width: int
) -> tuple[_Numbers, _Places]:
    """Two sparse rows of values and their ascending places, added up; zeros are left out."""
    from scipy.sparse import csr_array  # loads longer than a file of masks, which needs none, is evaluated

    rows = []
    for values, places in (a, b):
        row = csr_array((values, places, np.array([0, places.size], np.int32)), shape=(1, width))
        row.has_canonical_format = True
        rows.append(row)
    both = rows[0] + rows[1]
    return both.data, both.indices


def _lengths(parts: list[_Part], places: _Places, end: int) -> _Places:
    """Pixels inside the image of the pieces that begin at ``places``, int32 [R]."""
    lengths = np.empty_like(places)
    np.subtract(places[1:], places[:-1], out=lengths[:-1])
    lengths[-1] = end - places[-1]
    edges = [edge for part, tile in _with_first_tile(parts) for edge in _edge_tiles(part, tile)]
    if edges:
        lengths -= np.diff(_padding(edges, places))
    return lengths


def _with_first_tile(parts: list[_Part]) -> Iterator[tuple[_Part, int]]:
    tile = 0
    for part in parts:
        yield part, tile
        tile += part.last - part.first


def _edge_tiles(part: _Part, first_tile: int) -> Iterator[tuple[int, int, int]]:
    """The tiles of a part that are partly outside the image: place in the batch, valid width and height."""
    if part.a.width % TILE == part.a.height % TILE == 0:
        return
    for t in range(part.first, part.last):
        if (size := part.a.valid_size(t)) != (TILE, TILE):
            yield first_tile + t - part.first, *size


def _padding(edges: list[tuple[int, int, int]], places: _Places) -> _Places:
    """How many pixels before each place, and in all, are tiles' padding and in no image, int32 [R + 1]."""
    padding = np.empty(places.size + 1, np.int32)
    so_far = done = 0
    for t, width, height in edges:
        begin = t * TILE_PX
        first, last = np.searchsorted(places, np.array([begin, begin + TILE_PX], np.int32)).tolist()
        padding[done:first] = so_far
        padding[first:last] = so_far + _padding_before(places[first:last] - np.int32(begin), width, height)
        so_far += TILE_PX - width * height
        done = last
    padding[done:] = so_far
    return padding


def _padding_before(places: _Places, width: int, height: int) -> _Places:
    """How many pixels before each place of a tile lie outside its valid part."""
    row, column = places >> (TILE.bit_length() - 1), places & (TILE - 1)
    return places - np.minimum(row * width + np.minimum(column, width), width * height)


def _summed(pair: Ints, a: Ints, b: Ints, pixels: Ints) -> JointColumns:
    """Equal rows added up, those of no pixel left out."""
    order = np.lexsort((b.astype(np.uint16), a.astype(np.uint16), pair))
    pair, a, b = pair[order], a[order], b[order]
    changes = (pair[1:] != pair[:-1]) | (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    first = np.flatnonzero(np.concatenate(([True], changes)))
    sums = np.add.reduceat(pixels[order], first)
    first, sums = first[sums > 0], sums[sums > 0]
    return JointColumns(pair[first], a[first], b[first], sums)
