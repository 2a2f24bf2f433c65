"""Where the model looks: the windows of an image, and the size a view is resized to."""

from typing import NamedTuple

import numpy as np

CROP_SHARE = 0.7
CROP_STRIDE = 0.6
SMALLEST_SIDE = 4


class Window(NamedTuple):
    """A rectangle of image pixels, x1 and y1 exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def width(self) -> int:
        return self.x1 - self.x0


def corner_windows(height: int, width: int, share: float = CROP_SHARE) -> list[Window]:
    """Top left, top right, bottom left, bottom right; each ``share`` of both sides, rounded down.

    Sides under 4 px have no four corners of that size: ``ValueError``.
    """
    _refuse_tiny(height, width)
    (tops, crop_height), (lefts, crop_width) = _starts(height, share), _starts(width, share)
    return [Window(x, y, x + crop_width, y + crop_height) for y in tops for x in lefts]


def edge_windows(height: int, width: int, share: float = CROP_SHARE) -> list[Window]:
    """Top, left, right, bottom: windows of the same size at the middles of the four sides."""
    _refuse_tiny(height, width)
    (tops, crop_height), (lefts, crop_width) = _starts(height, share), _starts(width, share)
    y, x = (height - crop_height) // 2, (width - crop_width) // 2
    places = [(x, tops[0]), (lefts[0], y), (lefts[1], y), (x, tops[1])]
    return [Window(x0, y0, x0 + crop_width, y0 + crop_height) for x0, y0 in places]


def crop_windows(height: int, width: int, layout: str = "four", share: float = CROP_SHARE) -> list[Window]:
    """The fixed crops of a ``layout``: none, four (corners) or eight (corners, then the sides' middles)."""
    if layout == "none":
        return []
    corners = corner_windows(height, width, share)
    return corners if layout == "four" else corners + edge_windows(height, width, share)


def view_windows(height: int, width: int, layout: str = "four", share: float = CROP_SHARE) -> list[Window]:
    """The full image, then its crops: the five views of inference, if there are four."""
    return [Window(0, 0, width, height), *crop_windows(height, width, layout, share)]


def drawn_windows(
    height: int,
    width: int,
    rng: np.random.Generator,
    count: int,
    layout: str = "four",
    share: float = CROP_SHARE,
) -> list[Window]:
    """The full image and ``count`` crops of training: drawn from the fixed ones, or anywhere (``random``)."""
    if layout == "random":
        (_, crop_height), (_, crop_width) = _starts(height, share), _starts(width, share)
        drawn = []
        for _ in range(count):
            y, x = int(rng.integers(height - crop_height + 1)), int(rng.integers(width - crop_width + 1))
            drawn.append(Window(x, y, x + crop_width, y + crop_height))
        return [Window(0, 0, width, height), *drawn]
    fixed = crop_windows(height, width, layout, share)
    return [Window(0, 0, width, height), *(fixed.pop(int(rng.integers(len(fixed)))) for _ in range(count))]


def _refuse_tiny(height: int, width: int) -> None:
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"An image of {width} × {height} px is too small: both sides need {SMALLEST_SIDE} px."
        )


def _starts(side: int, share: float) -> tuple[tuple[int, int], int]:
    """Where the first and the last crop of a side begin, and how long a crop is."""
    length = max(int(share * side), (side + 1) // 2)  # so that two crops leave no gap
    return (0, min(int(CROP_STRIDE * side), side - length)), length


def resized_size(height: int, width: int, short_side: int, long_side: int) -> tuple[int, int]:
    """(height, width) with the shorter side ``short_side`` px, or less to keep the longer ≤ ``long_side``."""
    scale = short_side / min(height, width)
    new: tuple[float, float] = (short_side, scale * width) if height < width else (scale * height, short_side)
    if max(new) > long_side:
        shrink = long_side / max(new)
        new = (new[0] * shrink, new[1] * shrink)
    return max(1, int(new[0] + 0.5)), max(1, int(new[1] + 0.5))
