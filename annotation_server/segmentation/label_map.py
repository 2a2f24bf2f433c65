"""The rules of label maps: what areas, boxes and coverage are, and that stored masks agree with them."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import (
    MAX_NUMBER,
    TILE,
    VOID,
    Extent,
    Tile,
    group_extents,
    run_boxes,
)


class Disagreement(ValueError):
    """Stored masks and their label map do not say the same; ``problems`` lists every difference."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def extents(label_map: TiledMap) -> dict[int, Extent]:
    """Area and box of every number of a label map, VOID included, from its runs; ascending numbers."""
    found: dict[int, Extent] = {}
    for first, runs in label_map.chunks():
        tile = runs.starts // (TILE * TILE) + first
        row, column = np.divmod(tile, label_map.columns)
        x0, y0, x1, y1 = run_boxes(runs)
        left, top = column * TILE, row * TILE
        chunk = group_extents(runs.numbers, runs.areas(), (x0 + left, y0 + top, x1 + left, y1 + top))
        for number, extent in chunk.items():
            found[number] = found[number].joined(extent) if number in found else extent
    return dict(sorted(found.items()))


def areas(label_map: TiledMap) -> dict[int, int]:
    """Area (px) of every number of a label map, VOID included."""
    return {number: extent.area for number, extent in extents(label_map).items()}


def void_px(label_map: TiledMap) -> int:
    """How many pixels belong to no entity."""
    return areas(label_map).get(VOID, 0)


def coverage(width: int, height: int, void: int) -> float:
    """Share of the pixels that belong to an entity, from the count of VOID pixels."""
    return 1 - void / (width * height)


def check(label_map: TiledMap, masks: Mapping[int, tuple[int, Sequence[int]]]) -> None:
    """Refuse masks (number → area, box [x, y, w, h]) that differ from their label map.

    A mask of area 0 stands for an entity that has no pixel left and need not be on the map.
    Raises Disagreement with every difference.
    """
    found = extents(label_map)
    problems = [
        f"Number {number} is on the label map but has no mask."
        for number in found
        if number != VOID and number not in masks
    ]
    for number, (area, bbox) in masks.items():
        if number not in found:
            if area:
                problems.append(f"Mask {number} has area {area} but is not on the label map.")
            continue
        if area != found[number].area:
            problems.append(f"Mask {number} has area {area}; on the label map it is {found[number].area}.")
        if list(bbox) != found[number].bbox:
            problems.append(f"Mask {number} has box {list(bbox)}; on the label map {found[number].bbox}.")
    if problems:
        raise Disagreement(problems)


def renumber(label_map: TiledMap, new_numbers: Mapping[int, int]) -> TiledMap:
    """The map with every number replaced; numbers not named keep theirs, so two may become one.

    Works on runs alone. Raises ValueError for a number that is none.
    """
    lookup = np.arange(65536, dtype=np.uint16)
    for old, new in new_numbers.items():
        if not (0 <= old <= MAX_NUMBER and 0 <= new <= MAX_NUMBER):
            raise ValueError(f"Cannot replace number {old} by {new}: numbers lie between 0 and {MAX_NUMBER}.")
        lookup[old] = new
    tiles = tuple(_renumbered(tile, lookup) for tile in label_map.tiles)
    return TiledMap(label_map.width, label_map.height, tiles)


def _renumbered(tile: Tile, lookup: npt.NDArray[np.uint16]) -> Tile:
    if tile.uni >= 0:
        return Tile(int(lookup[tile.uni]))
    pairs = tile.pairs
    return Tile.from_lengths(lookup[pairs[0::2]], pairs[1::2].astype(np.int64) + 1)
