"""From scored masks that overlap to a label map: the best mask keeps each pixel.

The order is: higher score first; of equal scores, the one that comes first. Masks are painted in this order,
each only onto pixels that nothing better has taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.rle import Ints, Rle, sorted_runs
from annotation_server.segmentation.tiled_map import TiledMap, join_columns, pack_column
from annotation_server.segmentation.tiles import MAX_NUMBER, TILE, VOID, Pixels


@dataclass(frozen=True, eq=False)
class ScoredMask:
    """A mask bool [h, w] whose upper left pixel lies at ``x``, ``y`` of the image."""

    number: int
    score: float
    mask: npt.NDArray[np.bool_]
    x: int = 0
    y: int = 0


class Resolved(NamedTuple):
    """A label map uint16 [H, W] and the pixels that every number was left with (0 if wholly hidden)."""

    label_map: Pixels
    areas: dict[int, int]


def best_first(scores: Sequence[float] | npt.NDArray[np.floating]) -> list[int]:
    """Indices by score, highest first; equal scores keep their order."""
    order: list[int] = np.argsort(-np.asarray(scores, np.float64), kind="stable").tolist()
    return order


def resolve_stack(
    masks: npt.NDArray[np.bool_], scores: Sequence[float] | npt.NDArray[np.floating]
) -> Resolved:
    """Resolve masks bool [N, H, W] with scores [N]; mask i gets number i + 1."""
    if len(masks) != len(scores) or len(masks) > MAX_NUMBER:
        raise ValueError(f"{len(masks)} masks and {len(scores)} scores; at most {MAX_NUMBER} of each.")
    height, width = masks.shape[1:]
    ordered = (ScoredMask(i + 1, float(scores[i]), masks[i]) for i in best_first(scores))
    return paint_best_first(width, height, ordered)


def paint_best_first(width: int, height: int, masks: Iterable[ScoredMask]) -> Resolved:
    """Resolve masks that come best first, holding one at a time.

    Raises ValueError when a score is higher than one before it.
    """
    label_map = np.full((height, width), VOID, np.uint16)
    areas: dict[int, int] = {}
    last = np.inf
    for scored in masks:
        if scored.score > last:
            raise ValueError(f"Masks must come best first; {scored.score} follows {last}.")
        last = scored.score
        rows, columns = scored.mask.shape
        window = label_map[scored.y : scored.y + rows, scored.x : scored.x + columns]
        unclaimed = scored.mask & (window == VOID)
        np.copyto(window, np.uint16(scored.number), where=unclaimed)
        areas[scored.number] = int(np.count_nonzero(unclaimed))
    return Resolved(label_map, areas)


def resolve_rles(
    width: int, height: int, masks: Mapping[int, Rle], scores: Mapping[int, float]
) -> tuple[TiledMap, dict[int, int]]:
    """Resolve RLEs by number, one column of tiles at a time: the label map and the areas left.

    Equal scores are decided by the order of ``masks``. Raises BadRle for a mask of another size.
    """
    runs = sorted_runs(width, height, masks)
    place = np.zeros(65536, np.int64)
    for last_is_best, i in enumerate(reversed(best_first([scores[number] for number in masks]))):
        place[list(masks)[i]] = last_is_best
    areas = np.zeros(65536, np.int64)
    strips = []
    for x in range(0, width, TILE):
        columns = min(TILE, width - x)
        low, high = x * height, (x + columns) * height
        here = np.flatnonzero((runs.ends > low) & (runs.starts < high))
        here = here[np.argsort(place[runs.numbers[here]], kind="stable")]
        flat = _painted(runs.numbers[here], runs.starts[here] - low, runs.ends[here] - low, high - low)
        areas += np.bincount(flat, minlength=areas.size)
        strips.append(pack_column(flat.reshape(columns, height).T))
    return join_columns(width, height, strips), {number: int(areas[number]) for number in masks}


def _painted(numbers: Pixels, starts: Ints, ends: Ints, pixels: int) -> Pixels:
    """Runs painted in their order, later ones on top."""
    flat = np.full(pixels, VOID, np.uint16)
    rows = zip(numbers.tolist(), np.maximum(starts, 0).tolist(), ends.tolist(), strict=True)
    for number, start, end in rows:
        flat[start:end] = number
    return flat
