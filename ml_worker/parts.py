"""Give the parts of a mask that lie apart numbers of their own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.tiles import MAX_NUMBER, VOID

STRIP_ROWS = 512


class Split(NamedTuple):
    """label_map [H, W] uint16; for each of its numbers the number it came from, and its area in px."""

    label_map: NDArray[np.uint16]
    origins: list[int]
    areas: list[int]


def split_parts(label_map: NDArray[np.uint16], smallest: int) -> Split:
    """Connected parts (over edges) of every number, numbered by origin and then largest first.

    Parts under ``smallest`` px become VOID. Works on one number's box at a time.
    """
    split = np.zeros_like(label_map)
    origins: list[int] = []
    areas: list[int] = []
    for origin, extent in sorted(extents(pack_map(label_map)).items()):
        if origin == VOID:
            continue
        box = (slice(extent.y0, extent.y1), slice(extent.x0, extent.x1))
        inside = label_map[box] == origin
        parts, count = ndimage.label(inside)
        sizes = np.zeros(count + 1, np.int64)
        for rows in _strips(inside):
            sizes += np.bincount(parts[rows][inside[rows]], minlength=count + 1)
        largest_first = [
            part for part in np.argsort(-sizes, kind="stable") if sizes[part] >= max(smallest, 1)
        ]
        largest_first = largest_first[: MAX_NUMBER - len(origins)]
        numbers = np.zeros(count + 1, np.uint16)
        numbers[largest_first] = np.arange(len(origins) + 1, len(origins) + len(largest_first) + 1)
        for rows in _strips(inside):
            split[box][rows][inside[rows]] = numbers[parts[rows][inside[rows]]]
        origins += [origin] * len(largest_first)
        areas += sizes[largest_first].tolist()
    return Split(split, origins, areas)


def _strips(array: NDArray[np.bool_]) -> list[slice]:
    return [slice(top, top + STRIP_ROWS) for top in range(0, len(array), STRIP_ROWS)]
