"""Reduced pictures, and from their labels to label maps at full size whose borders follow the colours."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

STRIP_PX = 2_000_000
COLOUR_REACH = 12.0  # levels; a cell whose colour is so far from a pixel's counts a third less for it
Pixels = NDArray[np.uint8]
Between = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]


def reduced(rgb: Pixels, pixels: int) -> Pixels:
    """The picture with at most about ``pixels`` px, each the mean of those it stands for."""
    height, width = rgb.shape[:2]
    scale = math.sqrt(pixels / (height * width))
    return rgb if scale >= 1 else _resized(rgb, max(1, round(height * scale)), max(1, round(width * scale)))


def in_cells(rgb: Pixels, stride: int) -> Pixels:
    """The picture in cells of ``stride`` × ``stride`` px; the last ones may reach beyond it."""
    height, width = rgb.shape[:2]
    return rgb if stride == 1 else _resized(rgb, -(-height // stride), -(-width // stride))


def _resized(rgb: Pixels, height: int, width: int) -> Pixels:
    image = Image.fromarray(np.ascontiguousarray(rgb))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def enlarged_labels(
    labels: NDArray[np.uint16], small: Pixels, rgb: Pixels, *, reach: float = COLOUR_REACH
) -> NDArray[np.uint16]:
    """labels [h, w] of ``small`` [h, w, 3] → labels [H, W] of ``rgb`` [H, W, 3].

    A pixel lies between four cells. Where they are of one label, so is the pixel; elsewhere the labels are
    weighed by how near their cells are in place and in colour (source: joint bilateral upsampling, Kopf et
    al. 2007). Works in strips of rows: memory stays near the result.
    """
    if labels.shape == rgb.shape[:2]:
        return labels.copy()
    height, width = rgb.shape[:2]
    full = np.empty((height, width), np.uint16)
    rows = max(1, STRIP_PX // width)
    across = _between(width, labels.shape[1])
    for top in range(0, height, rows):
        strip = slice(top, min(top + rows, height))
        down = _at(_between(height, labels.shape[0]), strip)
        full[strip] = _strip(labels, small, rgb[strip], down, across, reach)
    return full


def _between(length: int, cells: int) -> Between:
    """The two cells each pixel lies between, and the second's share; at the edges the last cell twice."""
    place = np.clip((np.arange(length) + 0.5) * (cells / length) - 0.5, 0, cells - 1)
    first = place.astype(np.intp)
    return first, np.minimum(first + 1, cells - 1), (place - first).astype(np.float32)


def _at(between: Between, places: slice | NDArray[np.intp]) -> Between:
    first, second, share = between
    return first[places], second[places], share[places]


def _strip(
    labels: NDArray[np.uint16],
    small: Pixels,
    rgb: Pixels,
    down: Between,
    across: Between,
    reach: float,
) -> NDArray[np.uint16]:
    top, bottom, _ = down
    left, right, _ = across
    result = labels[top][:, left]
    apart = result != labels[top][:, right]
    apart |= result != labels[bottom][:, left]
    apart |= result != labels[bottom][:, right]
    y, x = np.nonzero(apart)
    if len(y):
        result[y, x] = _weighed(labels, small, rgb[y, x], _at(down, y), _at(across, x), reach)
    return result


def _weighed(
    labels: NDArray[np.uint16],
    small: Pixels,
    colours: Pixels,
    down: Between,
    across: Between,
    reach: float,
) -> NDArray[np.uint16]:
    """The label with the largest sum of weights for each of n pixels of ``colours`` [n, 3]."""
    found, weights = [], []
    for row, share_down in ((down[0], 1 - down[2]), (down[1], down[2])):
        for column, share_across in ((across[0], 1 - across[2]), (across[1], across[2])):
            apart = colours.astype(np.float32) - small[row, column]
            unlike = (apart * apart).sum(1) / np.float32(3 * reach * reach)
            found.append(labels[row, column])
            weights.append((share_down * share_across + 0.02) / (1 + unlike))
    label, weight = np.stack(found), np.stack(weights)
    sums = np.stack([((label == label[index]) * weight).sum(0) for index in range(4)])
    return np.take_along_axis(label, sums.argmax(0)[None], axis=0)[0]
