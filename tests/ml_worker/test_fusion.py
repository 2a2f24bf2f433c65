"""Tiled painting against the plain way: resize everything, average, paint from the worst to the best."""

import numpy as np
import torch
from torch import Tensor, nn

from ml_worker.crops import resized_size, view_windows
from ml_worker.fusion import View, fused_probabilities, paint_best_first


def views_of(height: int, width: int, short_side: int) -> list[View]:
    return [
        View(window, resized_size(window.height, window.width, short_side, 1333))
        for window in view_windows(height, width)
    ]


def grids(views: list[View], queries: int, seed: int) -> Tensor:
    """Smooth random logits on the grid that the padded views share."""
    height = -(-max(view.resized[0] for view in views) // 32) * 8
    width = -(-max(view.resized[1] for view in views) // 32) * 8
    coarse = torch.randn(queries * len(views), 1, 5, 5, generator=torch.Generator().manual_seed(seed)) * 4 - 1
    smooth = nn.functional.interpolate(coarse, (height, width), mode="bicubic")
    return smooth.view(queries, len(views), height, width)


def plain_fusion(logits: Tensor, views: list[View], size: tuple[int, int]) -> Tensor:
    total, count = torch.zeros(len(logits), *size), torch.zeros(size)
    padded = (logits.shape[-2] * 4, logits.shape[-1] * 4)
    for index, (window, resized) in enumerate((view.window, view.resized) for view in views):
        at_view = nn.functional.interpolate(logits[:, index][None], padded, mode="bilinear")
        at_view = at_view[..., : resized[0], : resized[1]]
        original = nn.functional.interpolate(at_view, (window.height, window.width), mode="bilinear")[0]
        total[:, window.y0 : window.y1, window.x0 : window.x1] += original.sigmoid()
        count[window.y0 : window.y1, window.x0 : window.x1] += 1
    return total / count


def plain_painting(chances: Tensor, order: list[int]) -> np.ndarray:
    label_map = np.zeros(chances.shape[1:], np.uint16)
    for place in range(len(order) - 1, -1, -1):
        label_map[(chances[order[place]] > 0.5).numpy()] = place + 1
    return label_map


def test_fusion_is_the_plain_average_of_resized_probabilities() -> None:
    for size, short_side in (((75, 117), 75), ((150, 201), 96), ((530, 300), 64)):
        views = views_of(*size, short_side)
        logits = grids(views, 3, seed=1)
        fused = fused_probabilities(logits, views, size)
        np.testing.assert_allclose(fused, plain_fusion(logits, views, size).numpy(), atol=2e-5)


def test_painting_across_tiles_gives_the_plain_label_map() -> None:
    size = (700, 1100)
    views = views_of(*size, 96)
    logits = grids(views, 20, seed=2)
    order = [7, 3, 19, *(query for query in range(20) if query not in {3, 7, 19})]
    chances = plain_fusion(logits, views, size)
    painted = paint_best_first(logits, views, size, order)
    wanted = plain_painting(chances, order)
    near_threshold = ((chances - 0.5).abs() < 3e-6).any(0).numpy()
    assert near_threshold.mean() < 1e-3
    assert np.array_equal(painted.label_map[~near_threshold], wanted[~near_threshold])
    areas = np.bincount(painted.label_map.ravel(), minlength=21)[1:]
    assert painted.areas.tolist() == areas.tolist()
    best = wanted == 1
    np.testing.assert_allclose(painted.mask_scores[0], chances[7].numpy()[best].mean(), atol=1e-4)


def test_a_query_without_a_positive_logit_is_never_painted() -> None:
    views = views_of(64, 64, 64)
    logits = -grids(views, 2, seed=3).abs() - 0.1
    logits[1] = 5.0
    painted = paint_best_first(logits, views, (64, 64), [0, 1])
    assert (painted.label_map == 2).all()
    assert painted.areas.tolist() == [0, 64 * 64]
    assert painted.mask_scores[0] == 0
