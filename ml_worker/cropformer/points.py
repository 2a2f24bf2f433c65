"""Reading masks at points: losses and matching look at a few thousand places, not at every pixel."""

import torch
from torch import Tensor, nn


def read_points(maps: Tensor, points: Tensor) -> Tensor:
    """maps [N, C, h, w] read bilinearly at points [N, P, 2] (x, y in 0..1) → [N, C, P]."""
    grid = 2 * points[:, :, None] - 1  # [N, P, 1, 2]
    return nn.functional.grid_sample(maps, grid, align_corners=False).squeeze(-1)


def uncertain_points(mask_logits: Tensor, count: int, *, oversample: float, importance: float) -> Tensor:
    """Points [N, count, 2] of mask_logits [N, 1, h, w]: mostly where the logit is near 0 (PointRend)."""
    candidates = torch.rand(len(mask_logits), int(count * oversample), 2, device=mask_logits.device)
    doubt = -read_points(mask_logits, candidates)[:, 0].abs()  # [N, 3·count]
    chosen = int(count * importance)
    best = doubt.topk(chosen, dim=1).indices
    near_borders = candidates.gather(1, best[..., None].expand(-1, -1, 2))
    anywhere = torch.rand(len(mask_logits), count - chosen, 2, device=mask_logits.device)
    return torch.cat([near_borders, anywhere], dim=1)
