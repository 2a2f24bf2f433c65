"""Sine positions of pixels within a view, and of views among each other."""

import math

import torch
from torch import Tensor

from ml_worker.cropformer.variants import Variant

TEMPERATURE = 10_000.0
EPSILON = 1e-6


def sine_position_2d(height: int, width: int, channels: int, device: torch.device | str = "cpu") -> Tensor:
    """[channels, height, width]: the first half tells y, the second x, both scaled to 0..2π."""
    y = _angles(height, channels // 2, device)  # [h, c/2]
    x = _angles(width, channels // 2, device)
    return torch.cat(
        [y.T[:, :, None].expand(-1, -1, width), x.T[:, None, :].expand(-1, height, -1)]
    )  # [c, h, w]


def sine_position_view(views: int, channels: int, device: torch.device | str = "cpu") -> Tensor:
    """[views, channels]: where a view stands in the sequence, 2π(t+1)/T over all channels.

    The full image (t = 0) thus has another position with T = 2 in training than with T = 5 in inference, as
    in the reference; published weights need it so.
    """
    return _angles(views, channels, device)


def view_position(variant: Variant, views: int, channels: int, device: torch.device | str = "cpu") -> Tensor:
    """[views, channels]: where each view stands, as the variant's ``view_angles`` has it.

    ``as_trained``: every view stands where it stood in training; the crops of inference share the places of
    training's crops, in turn.
    """
    if variant.view_angles == "by_count":
        return sine_position_view(views, channels, device)
    crops = [1 + view % (variant.train_views - 1) for view in range(views - 1)]
    return _angles(variant.train_views, channels, device)[[0, *crops]]


def _angles(count: int, channels: int, device: torch.device | str) -> Tensor:
    """[count, channels], sine and cosine interleaved."""
    place = torch.arange(1, count + 1, dtype=torch.float32, device=device)
    place = place / (count + EPSILON) * (2 * math.pi)
    channel = torch.arange(channels, dtype=torch.float32, device=device)
    period = TEMPERATURE ** (2 * torch.div(channel, 2, rounding_mode="floor") / channels)
    angles = place[:, None] / period
    return torch.stack([angles[:, 0::2].sin(), angles[:, 1::2].cos()], dim=2).flatten(1)
