"""Reading masks at points: losses and matching look at a few thousand places, not at every pixel."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class LabelsAtPoints(NamedTuple):
    """The labels of the four pixels around each of P points, and their bilinear weights: [..., P, 4]."""

    labels: Tensor
    weights: Tensor

    def share(self, numbers: Tensor) -> Tensor:
        """How much of ``numbers`` [..., 1, 1] lies at each point, 0 to 1: their masks read bilinearly."""
        return ((self.labels == numbers) * self.weights).sum(-1)


def read_points(maps: Tensor, points: Tensor) -> Tensor:
    """maps [N, C, h, w] read bilinearly at points [N, P, 2] (x, y in 0..1) → [N, C, P]."""
    grid = 2 * points[:, :, None] - 1  # [N, P, 1, 2]
    return nn.functional.grid_sample(maps, grid, align_corners=False).squeeze(-1)


def read_labels(labels: Tensor, view_of: Tensor, points: Tensor) -> LabelsAtPoints:
    """Label maps [V, H, W] (VOID = 0) at points [R, P, 2]; row r reads the map ``view_of[r]``.

    The same as reading each entity's mask by `read_points`, without a mask for every entity.
    """
    height, width = labels.shape[1:]
    x, y = points[..., 0] * width - 0.5, points[..., 1] * height - 0.5  # [R, P]
    left, top = x.floor(), y.floor()
    right_share, lower_share = x - left, y - top
    start = view_of[:, None] * (height * width)  # [R, 1]
    flat, found, weights = labels.flatten(), [], []
    for row, down in ((top, 1 - lower_share), (top + 1, lower_share)):
        for column, across in ((left, 1 - right_share), (left + 1, right_share)):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            place = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
            found.append(flat[start + place.long()])
            weights.append(down * across * inside)
    return LabelsAtPoints(torch.stack(found, -1), torch.stack(weights, -1))


def uncertain_points(
    mask_logits: Tensor,
    count: int,
    *,
    oversample: float,
    importance: float,
    draw: Callable[[int], Tensor] | None = None,
) -> Tensor:
    """Points [N, count, 2] of mask_logits [N, 1, h, w]: mostly where the logit is near 0 (PointRend).

    ``draw(n)`` gives random places [N, n, 2]; torch's own generator where it is left out.
    """
    draw = draw or (lambda places: torch.rand(len(mask_logits), places, 2, device=mask_logits.device))
    candidates = draw(int(count * oversample))
    doubt = -read_points(mask_logits, candidates)[:, 0].abs()  # [N, 3·count]
    chosen = int(count * importance)
    best = doubt.topk(chosen, dim=1, sorted=False).indices
    near_borders = candidates[torch.arange(len(candidates), device=best.device)[:, None], best]
    return torch.cat([near_borders, draw(count - chosen)], dim=1)
