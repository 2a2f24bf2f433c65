"""The band of pixels along a mask's border, for boundary IoU (Cheng et al. 2021, "Boundary IoU").

A mask's band are its pixels within ``d`` px (chessboard distance) of what is not the mask; what lies outside
the image is not the mask. ``d`` is 2 % of the image's diagonal, rounded, at least 1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.matching import JointHistogram, joined, joint_histogram_dense
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import MAX_NUMBER, TILE, VOID, Pixels

DILATION = 0.02
VOID_REGION = MAX_NUMBER + 1  # the number that VOID bears where it is a region with a band of its own

_Bits = npt.NDArray[np.uint8]


def band_width(height: int, width: int, dilation: float = DILATION) -> int:
    """``d`` in px."""
    return max(1, round(dilation * float(np.hypot(height, width))))


def label_map_bands(label_map: Pixels, distance: int) -> Pixels:
    """A label map uint16 [H, W] with only the bands of its entities left, all of them in one pass."""
    return np.where(_is_band(label_map, distance), label_map, np.uint16(VOID))


def band_histogram(a: TiledMap, b: TiledMap, distance: int) -> JointHistogram:
    """The joint histogram of the bands of two maps of one size, strip by strip.

    VOID of the first map is a region like an entity: its band bears the number VOID_REGION.
    """
    bands_a, bands_b = (_band_rows(label_map, distance) for label_map in (a, b))
    return joined(_strip_histogram(a, b, bands_a, bands_b, row) for row in range(a.rows))


def _strip_histogram(a: TiledMap, b: TiledMap, bands_a: _Bits, bands_b: _Bits, row: int) -> JointHistogram:
    region = a.row_strip(row)
    region[region == VOID] = VOID_REGION
    rows = slice(row * TILE, row * TILE + len(region))
    return joint_histogram_dense(_only(region, bands_a[rows]), _only(b.row_strip(row), bands_b[rows]))


def _only(pixels: Pixels, bands: _Bits) -> Pixels:
    """The pixels of the bands, whose bits are given; the others become VOID."""
    pixels *= np.unpackbits(bands, axis=1, count=pixels.shape[1])
    return pixels


def _band_rows(label_map: TiledMap, distance: int) -> _Bits:
    """Where a tiled map's bands are, as packed bits uint8 [H, ⌈W / 8⌉]: an eighth of a byte a pixel."""
    edges = np.empty((label_map.height + 1, -(-label_map.width // 8)), np.uint8)
    edges[0] = 255
    above = np.empty((0, label_map.width), np.uint16)
    for row, strip in enumerate(label_map.row_strips()):
        rows = np.concatenate((above, strip))
        first = row * TILE + 1 - len(above)
        edges[first : first + len(rows) - 1] = np.packbits(_spread(_changes(rows), distance, axis=1), axis=1)
        above = strip[-1:]
    edges[-1] = 255
    return _spread(edges, distance, axis=0)


def _is_band(label_map: Pixels, distance: int) -> npt.NDArray[np.bool_]:
    """Whether each pixel [H, W] is within ``distance`` of another number or of the image's outside."""
    height, width = label_map.shape
    edges = np.ones((height + 1, width), np.uint8)
    edges[1:-1] = _spread(_changes(label_map), distance, axis=1)
    return _spread(edges, distance, axis=0).view(np.bool_)


def _changes(rows: Pixels) -> _Bits:
    """Whether four pixels that meet in a corner are not of one number, uint8 [H - 1, W + 1].

    Corners on the image's left and right border, where some of the four lie outside, do.
    """
    changes = np.ones((len(rows) - 1, rows.shape[1] + 1), np.bool_)
    inner = changes[:, 1:-1]
    along = rows[:, 1:] != rows[:, :-1]
    np.logical_or(along[1:], along[:-1], out=inner)
    inner |= rows[1:, :-1] != rows[:-1, :-1]
    return changes.view(np.uint8)


def _spread(corners: _Bits, distance: int, axis: int) -> _Bits:
    """For n + 1 corners along ``axis`` the n pixels between: is one of the 2 · ``distance`` nearest set?

    Along rows uint8 of 0 and 1, along columns packed bits too. The first and the last corner must be set.
    Windows double in length, so that a pixel costs log2(2 · ``distance``) operations on bytes.
    """
    window = corners.swapaxes(0, axis)
    pixels = len(window) - 1
    distance = min(distance, pixels)
    length = 1
    while length < 2 * distance:
        step = min(length, 2 * distance - length)
        longer = window.copy(order="K")
        np.bitwise_or(window[:-step], window[step:], out=longer[:-step])
        window, length = longer, length + step
    near = np.full_like(window[1:], 255 if axis == 0 else 1)
    near[distance - 1 :] = window[: pixels - distance + 1]
    return near.swapaxes(0, axis)


def mask_bands(masks: Sequence[Ints], height: int, width: int, distance: int) -> list[Ints]:
    """The RLE counts of the bands of masks that may overlap, each worked on within its own box."""
    return [_band(counts, height, width, distance) for counts in masks]


def _band(counts: Ints, height: int, width: int, distance: int) -> Ints:
    bounds = np.cumsum(counts)
    if bounds[1::2].size == 0 or not counts[1::2].any():
        return counts
    first, last = int(bounds[0]) // height, (int(bounds[1::2][-1]) - 1) // height + 1
    flat = np.repeat((np.arange(counts.size) % 2).astype(np.uint16), counts)
    columns = flat[first * height : last * height].reshape(last - first, height)
    bands = np.zeros(height * width, np.bool_)
    bands[first * height : last * height] = label_map_bands(columns, distance).ravel()
    changes = np.flatnonzero(bands[1:] != bands[:-1]) + 1
    edges = np.concatenate(([0], changes, [bands.size]))
    lengths: Ints = np.diff(edges)
    return np.concatenate(([0], lengths)) if bands[0] else lengths
