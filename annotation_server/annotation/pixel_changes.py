"""What changed tiles mean for areas, boxes and provenance. Pure: tiles in, numbers out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.tiled_map import valid_size
from annotation_server.segmentation.tiles import TILE, TILE_PX, Extent, Pixels, Tile, tile_stats

LoadTiles = Callable[[Sequence[int]], Sequence[Tile]]


@dataclass(frozen=True)
class TileBeforeAfter:
    """Tile ``t`` of a map as it was and as it is now."""

    t: int
    before: Tile
    after: Tile


@dataclass
class EntityPixels:
    """What a set of changed tiles did to one entity; extents are in image pixels, one per tile."""

    area_delta: int = 0
    lost: list[tuple[Extent, Extent | None]] = field(default_factory=list)
    now: list[Extent] = field(default_factory=list)


def numbers_in(tile: Tile) -> set[int]:
    """The numbers a tile uses, VOID included; the tile need not have been checked."""
    return {tile.uni} if tile.uni >= 0 else set(tile.pairs[0::2].tolist())


def changes_by_entity(width: int, height: int, changes: Iterable[TileBeforeAfter]) -> dict[int, EntityPixels]:
    """What changed tiles of a ``width`` × ``height`` map did to each number that gained or lost a pixel.

    VOID is among them.
    """
    found: dict[int, EntityPixels] = {}
    for change in changes:
        before = _extents_of(change.before, width, height, change.t)
        after = _extents_of(change.after, width, height, change.t)
        for number in changed_numbers(change.before, change.after):
            entity = found.setdefault(number, EntityPixels())
            old, new = before.get(number), after.get(number)
            entity.area_delta += (new.area if new else 0) - (old.area if old else 0)
            if old:
                entity.lost.append((old, new))
            if new:
                entity.now.append(new)
    return found


def changed_numbers(before: Tile, after: Tile) -> set[int]:
    """The numbers that gained or lost a pixel, compared run by run."""
    before_numbers, before_ends = _runs(before)
    after_numbers, after_ends = _runs(after)
    last = np.sort(np.concatenate((before_ends, after_ends))) - 1
    old = before_numbers[np.searchsorted(before_ends, last, side="right")]
    new = after_numbers[np.searchsorted(after_ends, last, side="right")]
    differ = old != new
    return set(old[differ].tolist()) | set(new[differ].tolist())


def box_after(
    number: int, box: Extent | None, entity: EntityPixels, *, width: int, height: int, load: LoadTiles
) -> Extent:
    """The exact extent of an entity that has pixels left, its area included.

    ``box`` is its extent before, None if it had no pixel. Sides that cannot have moved inwards are taken as
    they are; the others are looked for from outside inwards, with ``load`` giving the tiles as they are now.
    """
    area = (box.area if box else 0) + entity.area_delta
    grown = _joined([*entity.now, *([box] if box else [])])
    if box is None:
        return grown._replace(area=area)
    search = _Search(number, width, height, grown, load)
    x0, y0, x1, y1 = grown.x0, grown.y0, grown.x1, grown.y1
    if any(old.x0 == x0 for old, _ in entity.lost) and not any(new.x0 == x0 for new in entity.now):
        x0 = min(extent.x0 for extent in search.first_strip(search.columns()))
    if any(old.x1 == x1 for old, _ in entity.lost) and not any(new.x1 == x1 for new in entity.now):
        x1 = max(extent.x1 for extent in search.first_strip(reversed(search.columns())))
    if any(old.y0 == y0 for old, _ in entity.lost) and not any(new.y0 == y0 for new in entity.now):
        y0 = min(extent.y0 for extent in search.first_strip(search.rows()))
    if any(old.y1 == y1 for old, _ in entity.lost) and not any(new.y1 == y1 for new in entity.now):
        y1 = max(extent.y1 for extent in search.first_strip(reversed(search.rows())))
    return Extent(area, x0, y0, x1, y1)


class _Search:
    """Looks for an entity in strips of tiles inside a box."""

    def __init__(self, number: int, width: int, height: int, box: Extent, load: LoadTiles) -> None:
        self._number, self._width, self._height, self._load = number, width, height, load
        self._across = range(box.x0 // TILE, (box.x1 - 1) // TILE + 1)
        self._down = range(box.y0 // TILE, (box.y1 - 1) // TILE + 1)
        self._stride = -(-width // TILE)

    def columns(self) -> list[list[int]]:
        return [[row * self._stride + column for row in self._down] for column in self._across]

    def rows(self) -> list[list[int]]:
        return [[row * self._stride + column for column in self._across] for row in self._down]

    def first_strip(self, strips: Iterable[list[int]]) -> list[Extent]:
        """Extents of the entity in the first strip that has any of it."""
        for strip in strips:
            tiles = zip(strip, self._load(strip), strict=True)
            extents = (_extents_of(tile, self._width, self._height, t).get(self._number) for t, tile in tiles)
            if found := [extent for extent in extents if extent]:
                return found
        raise AssertionError(f"Number {self._number} has area but no pixel: the map and its masks disagree.")


@lru_cache(maxsize=4096)
def _extents_of(tile: Tile, width: int, height: int, t: int) -> Mapping[int, Extent]:
    """Extents of a tile's numbers in image pixels; shared between callers."""
    row, column = divmod(t, -(-width // TILE))
    local = tile_stats(tile, *valid_size(width, height, t))
    return {number: extent.shifted(column * TILE, row * TILE) for number, extent in local.items()}


def _joined(extents: Sequence[Extent]) -> Extent:
    joined = extents[0]
    for extent in extents[1:]:
        joined = joined.joined(extent)
    return joined


def _runs(tile: Tile) -> tuple[Pixels, npt.NDArray[np.int64]]:
    """Numbers and ends of a tile's runs."""
    if tile.uni >= 0:
        return np.array([tile.uni], np.uint16), np.array([TILE_PX], np.int64)
    pairs = tile.pairs
    return pairs[0::2], np.cumsum(pairs[1::2].astype(np.int64) + 1)
