"""The band of pixels along a mask's border, for boundary IoU (Cheng et al. 2021, "Boundary IoU").

A mask's band are its pixels within ``d`` px (chessboard distance) of what is not the mask; what lies outside
the image is not the mask. ``d`` is 2 % of the image's diagonal, rounded, at least 1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotation_server.segmentation.matching import JointHistogram, joined, joint_histogram_dense
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import MAX_NUMBER, TILE, VOID, Pixels

DILATION = 0.02
VOID_REGION = MAX_NUMBER + 1  # the number that VOID bears where it is a region with a band of its own

_OUTSIDE = np.uint16(65535)
_ROWS_AT_ONCE = 2 * TILE


def band_width(height: int, width: int, dilation: float = DILATION) -> int:
    """``d`` in px."""
    return max(1, round(dilation * float(np.hypot(height, width))))


def label_map_bands(label_map: Pixels, distance: int) -> Pixels:
    """A label map uint16 [H, W] with only the bands of its entities left, all of them in one pass."""
    size = 2 * distance + 1
    low, high = label_map, label_map
    for axis in (0, 1):
        low = ndimage.minimum_filter1d(low, size, axis=axis, mode="constant", cval=0)
        high = ndimage.maximum_filter1d(high, size, axis=axis, mode="constant", cval=int(_OUTSIDE))
    bands = np.where(low == high, VOID, label_map).astype(np.uint16)
    return bands


def band_histogram(a: TiledMap, b: TiledMap, distance: int) -> JointHistogram:
    """The joint histogram of the bands of two maps of one size, strip by strip.

    VOID of the first map is a region like an entity: its band bears the number VOID_REGION.
    """
    tops = range(0, a.height, _ROWS_AT_ONCE)
    return joined(_strip_histogram(a, b, top, distance) for top in tops)


def _strip_histogram(a: TiledMap, b: TiledMap, top: int, distance: int) -> JointHistogram:
    bottom = min(top + _ROWS_AT_ONCE, a.height)
    first, last = max(0, top - distance), min(a.height, bottom + distance)
    region = _rows(a, first, last)
    region[region == VOID] = VOID_REGION
    bands = [label_map_bands(rows, distance) for rows in (region, _rows(b, first, last))]
    return joint_histogram_dense(*(band[top - first : bottom - first] for band in bands))


def _rows(label_map: TiledMap, first: int, last: int) -> Pixels:
    """The pixel rows ``first`` to ``last`` (exclusive)."""
    strips = [label_map.row_strip(row) for row in range(first // TILE, -(-last // TILE))]
    skipped = first // TILE * TILE
    return np.concatenate(strips)[first - skipped : last - skipped]


def mask_bands(masks: Sequence[Ints], height: int, width: int, distance: int) -> list[Ints]:
    """The RLE counts of the bands of masks that may overlap, each worked on within its own box."""
    return [_band(counts, height, width, distance) for counts in masks]


def _band(counts: Ints, height: int, width: int, distance: int) -> Ints:
    bounds = np.cumsum(counts)
    if bounds[1::2].size == 0 or not counts[1::2].any():
        return counts
    first, last = int(bounds[0]) // height, (int(bounds[1::2][-1]) - 1) // height + 1
    flat = np.repeat(np.arange(counts.size) % 2 == 1, counts)
    columns = flat[first * height : last * height].reshape(last - first, height)
    bands = np.zeros(height * width, np.bool_)
    bands[first * height : last * height] = (columns & ~_eroded(columns, distance)).ravel()
    changes = np.flatnonzero(bands[1:] != bands[:-1]) + 1
    edges = np.concatenate(([0], changes, [bands.size]))
    lengths: Ints = np.diff(edges)
    return np.concatenate(([0], lengths)) if bands[0] else lengths


def _eroded(mask: npt.NDArray[np.bool_], distance: int) -> npt.NDArray[np.bool_]:
    pixels = mask.astype(np.uint8)
    for axis in (0, 1):
        pixels = ndimage.minimum_filter1d(pixels, 2 * distance + 1, axis=axis, mode="constant", cval=0)
    return pixels.astype(np.bool_)
