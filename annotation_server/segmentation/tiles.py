"""The tiles of a label map: canonical runs, their check, their statistics and their digests.

A tile is a square of 512 × 512 pixels kept as runs (see docs/label_map_format.md). Tiles are immutable and
compare equal exactly when their pixels do.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

TILE = 512
TILE_PX = TILE * TILE
VOID = 0
MAX_NUMBER = 65000
MAX_RUN = 65536
MAGIC = b"ELM1"

Pixels = npt.NDArray[np.uint16]
Lookup = npt.NDArray[np.bool_]

_ROW_SHIFT = TILE.bit_length() - 1
_TILE_SHIFT = 2 * _ROW_SHIFT


class BadTile(ValueError):
    """A tile's payload breaks the format; the sentence says how."""


class UnknownNumber(BadTile):
    """A tile's payload uses a number that is no entity of this label map."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Number {number} is no entity of this label map.")
        self.number = number


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of a label map: ``uni`` is its only number and ``runs`` empty, or ``uni`` is -1.

    ``runs`` are little-endian uint16 pairs (number, length - 1) in row-major order over the whole square.
    """

    uni: int
    runs: bytes = b""

    @classmethod
    def from_runs(cls, runs: bytes) -> Self:
        """The tile of canonical runs; a tile of one number gets its short form."""
        first = int.from_bytes(runs[:2], "little")
        return cls(first) if runs == uniform_runs(first) else cls(-1, runs)

    @classmethod
    def from_lengths(cls, numbers: Pixels, lengths: npt.NDArray[np.int64]) -> Self:
        """The canonical tile of runs [R] that need be neither joined nor cut; lengths sum to 512²."""
        first = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
        numbers = numbers[first]
        if numbers.size == 1:
            return cls(int(numbers[0]))
        lengths = np.add.reduceat(lengths, first)
        if lengths.max() > MAX_RUN:
            numbers, lengths = _cut_long_runs(numbers, lengths)
        pairs = np.empty(2 * numbers.size, dtype="<u2")
        pairs[0::2] = numbers
        pairs[1::2] = lengths - 1
        return cls(-1, pairs.tobytes())

    @property
    def pairs(self) -> Pixels:
        """The stored runs as uint16 [2R], read-only; empty for a uniform tile."""
        return np.frombuffer(self.runs, dtype="<u2")

    @property
    def canonical_runs(self) -> bytes:
        """The bytes the digest is taken of; a uniform tile has 16 of them."""
        return self.runs if self.uni < 0 else uniform_runs(self.uni)

    def digest(self) -> bytes:
        """SHA-256 of the canonical runs (32 bytes): the tile's name in the content-addressed store."""
        return hashlib.sha256(self.canonical_runs).digest()


class Extent(NamedTuple):
    """Where an entity is: its area (px) and its box, ``x1`` and ``y1`` exclusive."""

    area: int
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def bbox(self) -> list[int]:
        """The box as COCO has it: [x, y, width, height]."""
        return [self.x0, self.y0, self.x1 - self.x0, self.y1 - self.y0]

    def joined(self, other: "Extent") -> "Extent":
        """The extent of two disjoint parts of one entity."""
        return Extent(
            self.area + other.area,
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def shifted(self, dx: int, dy: int) -> "Extent":
        """The same extent, seen from an origin ``dx``, ``dy`` px further left and up."""
        return Extent(self.area, self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)


def uniform_runs(number: int) -> bytes:
    """Canonical runs of a tile that bears one number only."""
    return struct.pack("<2H", number, MAX_RUN - 1) * (TILE_PX // MAX_RUN)


def pack_tile(pixels: Pixels) -> Tile:
    """Canonical tile of pixels [512, 512]; smaller arrays are edge tiles and get their padding here."""
    height, width = pixels.shape
    if (height, width) != (TILE, TILE):
        pixels = np.pad(pixels, ((0, TILE - height), (0, TILE - width)), mode="edge")
    flat = np.ascontiguousarray(pixels, dtype="<u2").ravel()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    return Tile.from_lengths(flat[starts], np.diff(starts, append=TILE_PX))


def _cut_long_runs(numbers: Pixels, lengths: npt.NDArray[np.int64]) -> tuple[Pixels, npt.NDArray[np.int64]]:
    pieces = -(-lengths // MAX_RUN)
    of = np.repeat(np.arange(lengths.size), pieces)
    nth = np.arange(of.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return numbers[of], np.minimum(MAX_RUN, lengths[of] - nth * MAX_RUN)


def unpack_tile(tile: Tile) -> Pixels:
    """Pixels uint16 [512, 512] of a tile, padding included."""
    if tile.uni >= 0:
        return np.full((TILE, TILE), tile.uni, np.uint16)
    pairs = tile.pairs
    return np.repeat(pairs[0::2], pairs[1::2].astype(np.int64) + 1).reshape(TILE, TILE)


def known_lookup(numbers: Iterable[int]) -> Lookup:
    """Lookup table bool [65536] of the numbers a payload may use; VOID is always among them."""
    known = np.zeros(65536, bool)
    known[np.fromiter(numbers, np.int64)] = True
    known[VOID] = True
    known[MAX_NUMBER + 1 :] = False
    return known


def check_runs(runs: bytes, known: Lookup, valid_w: int = TILE, valid_h: int = TILE) -> None:
    """Refuse a payload that is not the canonical runs of a tile; raises BadTile, which says why.

    ``known`` is a lookup table from :func:`known_lookup`; ``valid_w`` × ``valid_h`` is the part of the square
    inside the image: the padding beyond it must repeat the last valid column and row.
    """
    if not runs or len(runs) % 4:
        raise BadTile(f"A tile's runs are pairs of 2-byte numbers; {len(runs)} bytes are not.")
    pairs = np.frombuffer(runs, dtype="<u2")
    numbers, lengths = pairs[0::2], pairs[1::2].astype(np.int64) + 1
    if (covered := int(lengths.sum())) != TILE_PX:
        raise BadTile(f"The runs cover {covered} pixels of a tile; it has {TILE_PX}.")
    repeated = numbers[1:] == numbers[:-1]
    if (lengths[:-1][repeated] != MAX_RUN).any():
        raise BadTile("The runs are not canonical: neighbouring runs of one number must be joined.")
    if not (is_known := known[numbers]).all():
        raise UnknownNumber(int(numbers[~is_known][0]))
    if (valid_w, valid_h) != (TILE, TILE):
        changed = np.concatenate(([True], ~repeated))
        starts = (np.cumsum(lengths) - lengths)[changed]
        if not (_columns_repeat(starts, valid_w) and _rows_repeat(numbers[changed], starts, valid_h)):
            raise BadTile("The padding of an edge tile must repeat the image's last column and row.")


def _columns_repeat(starts: npt.NDArray[np.int64], valid_w: int) -> bool:
    """Whether no run begins right of the image's last column."""
    return bool(((starts & (TILE - 1)) < valid_w).all())


def _rows_repeat(numbers: Pixels, starts: npt.NDArray[np.int64], valid_h: int) -> bool:
    """Whether the rows below the image change where its last row does, to the same numbers."""
    top = (valid_h - 1) * TILE
    first = int(np.searchsorted(starts, top, "right")) - 1
    below = int(np.searchsorted(starts, top + TILE))
    row_numbers, row_starts = numbers[first:below], np.maximum(starts[first:below] - top, 0)
    if row_numbers[0] == row_numbers[-1]:  # the next row goes on with the number this one ends with
        row_numbers, row_starts = row_numbers[1:], row_starts[1:]
    rows = TILE - valid_h
    wanted = (row_starts + top + TILE * np.arange(1, rows + 1)[:, None]).ravel()
    return np.array_equal(starts[below:], wanted) and np.array_equal(
        numbers[below:], np.tile(row_numbers, rows)
    )


def are_canonical(pairs: npt.NDArray[np.uint32], sizes: npt.NDArray[np.int64], known: Lookup) -> bool:
    """Whether the runs of whole tiles pass :func:`check_runs`; all in one pass.

    Args:
        pairs: the tiles' runs [R], one tile after the other, at least one.
        sizes: how many of them, 1 or more, each tile has.
        known: as for :func:`check_runs`.
    """
    numbers, short = pairs & 0xFFFF, pairs >> 16
    first = np.cumsum(sizes) - sizes
    covered = np.add.reduceat(short, first, dtype=np.int64) + sizes
    repeated = numbers[1:] == numbers[:-1]
    repeated[first[1:] - 1] = False
    is_cut = not repeated.any() or (short[:-1][repeated] == MAX_RUN - 1).all()
    are_known = known[: numbers.max() + 1].all() or known[numbers].all()  # most maps use low numbers only
    return bool((covered == TILE_PX).all() and is_cut and are_known)


def check_tile(tile: Tile, known: Lookup, valid_w: int = TILE, valid_h: int = TILE) -> None:
    """:func:`check_runs` for a tile in either form; raises BadTile."""
    if tile.uni < 0:
        check_runs(tile.runs, known, valid_w, valid_h)
    elif tile.runs:
        raise BadTile("A tile of one number carries no runs.")
    elif tile.uni > MAX_NUMBER or not known[tile.uni]:
        raise UnknownNumber(tile.uni)


@dataclass(frozen=True, slots=True)
class FlatRuns:
    """The runs of consecutive tiles in one row of arrays: pixel p of tile t is at t · 512² + p.

    No run crosses from one tile to the next. ``valid_w`` and ``valid_h`` are int64 [tiles].
    """

    numbers: Pixels  # [R]
    starts: npt.NDArray[np.int64]  # [R]
    ends: npt.NDArray[np.int64]  # [R]
    valid_w: npt.NDArray[np.int64]
    valid_h: npt.NDArray[np.int64]

    def valid_before(
        self, position: npt.NDArray[np.int64], tile: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """How many pixels of ``tile`` before ``position`` lie inside the image, int64 [R]."""
        inside = position - tile * TILE_PX
        width, height = self.valid_w[tile], self.valid_h[tile]
        row, column = inside >> _ROW_SHIFT, inside & (TILE - 1)
        return np.where(row < height, row * width + np.minimum(column, width), width * height)

    def areas(self) -> npt.NDArray[np.int64]:
        """Pixels of every run that lie inside the image, int64 [R]."""
        tile = self.starts >> _TILE_SHIFT
        return self.valid_before(self.ends, tile) - self.valid_before(self.starts, tile)


def flat_runs(tiles: Sequence[Tile], sizes: Sequence[tuple[int, int]]) -> FlatRuns:
    """The runs of ``tiles`` one after the other; ``sizes`` are their valid (width, height)."""
    numbers, lengths = [], []
    for tile in tiles:
        if tile.uni >= 0:
            numbers.append(np.array([tile.uni], np.uint16))
            lengths.append(np.array([TILE_PX], np.int64))
        else:
            pairs = tile.pairs
            numbers.append(pairs[0::2])
            lengths.append(pairs[1::2].astype(np.int64) + 1)
    ends = np.cumsum(np.concatenate(lengths))
    valid = np.array(sizes, np.int64).reshape(-1, 2)
    starts = np.concatenate(([0], ends[:-1]))
    return FlatRuns(np.concatenate(numbers), starts, ends, valid[:, 0], valid[:, 1])


def run_boxes(runs: FlatRuns) -> tuple[npt.NDArray[np.int64], ...]:
    """Tile-local boxes x0, y0, x1, y1 (exclusive) of every run inside the image, each int64 [R].

    Relies on the padding rule: a run starts in a valid column, so it holds a valid pixel unless it starts
    below the last valid row; such a run has area 0 and a meaningless box.
    """
    tile = runs.starts >> _TILE_SHIFT
    width, height = runs.valid_w[tile], runs.valid_h[tile]
    start = runs.starts - tile * TILE_PX
    last = np.minimum(runs.ends - tile * TILE_PX, height * TILE) - 1
    y0, y1 = start >> _ROW_SHIFT, last >> _ROW_SHIFT
    crosses_rows = y1 > y0
    x0 = np.where(crosses_rows, 0, start & (TILE - 1))
    x1 = np.where(crosses_rows, width, np.minimum((last & (TILE - 1)) + 1, width))
    return x0, y0, x1, y1 + 1


def tile_stats(tile: Tile, valid_w: int = TILE, valid_h: int = TILE) -> dict[int, Extent]:
    """Area and box of every number of a tile, VOID included, from its runs; boxes are tile-local."""
    if tile.uni >= 0:
        return {tile.uni: Extent(valid_w * valid_h, 0, 0, valid_w, valid_h)}
    runs = flat_runs([tile], [(valid_w, valid_h)])
    return group_extents(runs.numbers, runs.areas(), run_boxes(runs))


def group_extents(
    numbers: Pixels, areas: npt.NDArray[np.int64], boxes: Sequence[npt.NDArray[np.int64]]
) -> dict[int, Extent]:
    """Extents by number of parts with a number, an area and a box each; parts of area 0 are left out."""
    real = areas > 0
    if not real.all():
        numbers, areas, boxes = numbers[real], areas[real], [side[real] for side in boxes]
    order = np.argsort(numbers, kind="stable")
    grouped = numbers[order]
    first = np.flatnonzero(np.concatenate(([True], grouped[1:] != grouped[:-1])))
    x0, y0, x1, y1 = (side[order] for side in boxes)
    columns = (
        np.add.reduceat(areas[order], first),
        np.minimum.reduceat(x0, first),
        np.minimum.reduceat(y0, first),
        np.maximum.reduceat(x1, first),
        np.maximum.reduceat(y1, first),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {number: Extent(*row) for number, row in zip(grouped[first].tolist(), rows, strict=True)}


def map_sha256(width: int, height: int, digests: Iterable[bytes]) -> str:
    """Hex digest that names a whole label map, from the digests of its tiles in order."""
    proof = hashlib.sha256(MAGIC + struct.pack("<3I", width, height, TILE))
    for digest in digests:
        proof.update(digest)
    return proof.hexdigest()
