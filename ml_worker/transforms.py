"""From RGB pixels to what the network reads: resize with Pillow, normalise, pad."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ml_worker.crops import Window, resized_size

PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)
STRIDE = 32


def check_image(rgb: NDArray[np.uint8]) -> None:
    """Raise ``ValueError`` for anything but RGB bytes [H, W, 3]."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"An image is RGB bytes [H, W, 3], not {rgb.dtype} {list(rgb.shape)}.")


def resize_view(rgb: NDArray[np.uint8], window: Window, short_side: int, long_side: int) -> NDArray[np.uint8]:
    """The window of an RGB image [H, W, 3], resized by Pillow's bilinear filter on bytes."""
    crop = rgb[window.y0 : window.y1, window.x0 : window.x1]
    height, width = resized_size(window.height, window.width, short_side, long_side)
    if crop.shape[:2] == (height, width):
        return crop
    # Pillow's resampling reads whole rows: a copy of the window is made only here, view by view.
    image = Image.fromarray(np.ascontiguousarray(crop))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def resize_labels(
    label_map: NDArray[np.uint16], window: Window, short_side: int, long_side: int
) -> NDArray[np.uint16]:
    """The same of a label map [H, W], each pixel from its nearest."""
    height, width = resized_size(window.height, window.width, short_side, long_side)
    rows = window.y0 + ((np.arange(height) + 0.5) * (window.height / height)).astype(np.int64)
    columns = window.x0 + ((np.arange(width) + 0.5) * (window.width / width)).astype(np.int64)
    return label_map[rows][:, columns]


def normalise(rgb: NDArray[np.uint8]) -> Tensor:
    """RGB bytes [H, W, 3] → float32 [3, H, W]."""
    mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
    pixels = torch.from_numpy(np.array(rgb)).float()
    return ((pixels - mean) / std).permute(2, 0, 1)


def padded_size(views: Sequence[NDArray[np.uint8]]) -> tuple[int, int]:
    """(height, width) of the largest view, in multiples of 32."""
    return _round_up(max(view.shape[0] for view in views)), _round_up(max(view.shape[1] for view in views))


def stack_views(views: Sequence[NDArray[np.uint8]], size: tuple[int, int] | None = None) -> Tensor:
    """Normalised views [N, 3, H, W], zero-padded right and below to ``size``, or else their `padded_size`."""
    batch = torch.zeros(len(views), 3, *(size or padded_size(views)))
    for index, view in enumerate(views):
        batch[index, :, : view.shape[0], : view.shape[1]] = normalise(view)
    return batch


def _round_up(side: int) -> int:
    return -(-side // STRIDE) * STRIDE
