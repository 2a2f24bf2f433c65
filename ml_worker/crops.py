"""Where the model looks: the four corner windows of an image, and the size a view is resized to."""

from typing import NamedTuple

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


def corner_windows(height: int, width: int) -> list[Window]:
    """Top left, top right, bottom left, bottom right; each 0.7 of both sides, rounded down.

    Sides under 4 px have no four corners of that size: ``ValueError``.
    """
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"An image of {width} × {height} px is too small: both sides need {SMALLEST_SIDE} px."
        )
    crop_height, crop_width = int(CROP_SHARE * height), int(CROP_SHARE * width)
    tops = (0, min(int(CROP_STRIDE * height), height - crop_height))
    lefts = (0, min(int(CROP_STRIDE * width), width - crop_width))
    return [Window(x, y, x + crop_width, y + crop_height) for y in tops for x in lefts]


def view_windows(height: int, width: int) -> list[Window]:
    """The full image, then its four corners: the five views of inference."""
    return [Window(0, 0, width, height), *corner_windows(height, width)]


def resized_size(height: int, width: int, short_side: int, long_side: int) -> tuple[int, int]:
    """(height, width) with the shorter side ``short_side`` px, or less to keep the longer ≤ ``long_side``."""
    scale = short_side / min(height, width)
    new: tuple[float, float] = (short_side, scale * width) if height < width else (scale * height, short_side)
    if max(new) > long_side:
        shrink = long_side / max(new)
        new = (new[0] * shrink, new[1] * shrink)
    return max(1, int(new[0] + 0.5)), max(1, int(new[1] + 0.5))
