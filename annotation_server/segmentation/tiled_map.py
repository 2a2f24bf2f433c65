"""A whole label map as tiles: from and to pixels, strip by strip, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from annotation_server.segmentation.tiles import (
    MAX_NUMBER,
    TILE,
    VOID,
    FlatRuns,
    Pixels,
    Tile,
    flat_runs,
    map_sha256,
    pack_tile,
    unpack_tile,
)

CHUNK_RUNS = 1 << 21  # runs taken at once by a pass over a map: about 100 MB of working memory


@dataclass(frozen=True)
class TiledMap:
    """A label map of ``width`` × ``height`` px as ``tiles`` in row-major order."""

    width: int
    height: int
    tiles: tuple[Tile, ...]

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"A label map has at least one pixel; got {self.width} × {self.height}.")
        if len(self.tiles) != self.columns * self.rows:
            raise ValueError(
                f"A map of {self.width} × {self.height} has {self.columns * self.rows} tiles; "
                f"got {len(self.tiles)}."
            )

    @property
    def columns(self) -> int:
        return -(-self.width // TILE)

    @property
    def rows(self) -> int:
        return -(-self.height // TILE)

    def sha256(self) -> str:
        """Hex digest that names this label map (docs/label_map_format.md)."""
        return map_sha256(self.width, self.height, (tile.digest() for tile in self.tiles))

    def valid_size(self, t: int) -> tuple[int, int]:
        """Width and height of the part of tile ``t`` that lies inside the image."""
        return valid_size(self.width, self.height, t)

    def row_strip(self, row: int) -> Pixels:
        """Pixels [≤512, width] of one row of tiles, without padding."""
        tiles = self.tiles[row * self.columns : (row + 1) * self.columns]
        return _side_by_side(tiles)[: self.height - row * TILE, : self.width]

    def column_strip(self, column: int) -> Pixels:
        """Pixels [height, ≤512] of one column of tiles, without padding."""
        strip = np.empty((self.rows * TILE, TILE), np.uint16)
        for row, tile in enumerate(self.tiles[column :: self.columns]):
            strip[row * TILE : (row + 1) * TILE] = tile.uni if tile.uni >= 0 else unpack_tile(tile)
        return strip[: self.height, : self.width - column * TILE]

    def row_strips(self) -> Iterator[Pixels]:
        """All rows of tiles from the top, each as pixels [≤512, width]."""
        return (self.row_strip(row) for row in range(self.rows))

    def pixels(self) -> Pixels:
        """The dense label map uint16 [height, width]: 2 bytes a pixel."""
        return np.concatenate(list(self.row_strips()))

    def chunks(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, FlatRuns]]:
        """Runs of tiles ``first`` to ``last`` (exclusive), ``CHUNK_RUNS`` at once: (first tile, runs)."""
        for a, b in self._chunk_bounds(first, len(self.tiles) if last is None else last):
            yield a, flat_runs(self.tiles[a:b], [self.valid_size(t) for t in range(a, b)])

    def _chunk_bounds(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        count = 0
        for t in range(first, last):
            runs = max(1, len(self.tiles[t].runs) // 4)
            if count and count + runs > CHUNK_RUNS:
                yield first, t
                first, count = t, 0
            count += runs
        yield first, last


def valid_size(width: int, height: int, t: int) -> tuple[int, int]:
    """Width and height of the part of tile ``t`` inside a ``width`` × ``height`` image."""
    row, column = divmod(t, -(-width // TILE))
    return min(TILE, width - column * TILE), min(TILE, height - row * TILE)


def pack_map(label_map: Pixels) -> TiledMap:
    """Tile a dense label map [H, W]; raises ValueError for numbers that are none (below 0, above 65,000)."""
    height, width = label_map.shape
    if label_map.size and not 0 <= int(label_map.min()) <= int(label_map.max()) <= MAX_NUMBER:
        raise ValueError(f"Numbers in a label map lie between 0 and {MAX_NUMBER}.")
    strips = (label_map[y : y + TILE] for y in range(0, height, TILE))
    return pack_strips(width, height, strips)


def pack_strips(width: int, height: int, strips: Iterable[Pixels]) -> TiledMap:
    """Tile a label map that comes as strips [≤512, width] from the top, one row of tiles each."""
    tiles = [
        pack_tile(strip[:, x : x + TILE].astype(np.uint16, copy=False))
        for strip in strips
        for x in range(0, width, TILE)
    ]
    return TiledMap(width, height, tuple(tiles))


def pack_column(strip: Pixels) -> list[Tile]:
    """The tiles of one column of tiles, from its pixels [height, ≤512]."""
    return [pack_tile(strip[y : y + TILE]) for y in range(0, strip.shape[0], TILE)]


def join_columns(width: int, height: int, columns: Iterable[Sequence[Tile]]) -> TiledMap:
    """The map whose columns of tiles, from the left, are given."""
    return TiledMap(width, height, tuple(tile for row in zip(*columns, strict=True) for tile in row))


def void_map(width: int, height: int) -> TiledMap:
    """The label map on which nothing is annotated yet."""
    return TiledMap(width, height, (Tile(VOID),) * (-(-width // TILE) * -(-height // TILE)))


def _side_by_side(tiles: Iterable[Tile]) -> Pixels:
    tiles = list(tiles)
    strip = np.empty((TILE, len(tiles) * TILE), np.uint16)
    for column, tile in enumerate(tiles):
        strip[:, column * TILE : (column + 1) * TILE] = tile.uni if tile.uni >= 0 else unpack_tile(tile)
    return strip
