"""Hungarian matching of queries to entities, one assignment for all views of a sequence."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from ml_worker.cropformer.points import read_points

CLASS_COST, MASK_COST, DICE_COST = 2.0, 5.0, 5.0


@torch.no_grad()
def match_entities(
    class_logits: Tensor, mask_logits: Tensor, masks: Tensor, points: int
) -> list[tuple[Tensor, Tensor]]:
    """Cheapest pairs for every decoder layer: [(queries, entities), …].

    class_logits [L, Q, 2], mask_logits [L, Q, T, h, w], masks [N, T, H, W] float. The same ``points`` random
    places are read in every view, and the views' costs are one (source: paper §3.3).
    """
    layers, queries, views = mask_logits.shape[:3]
    places = torch.rand(1, points, 2, device=mask_logits.device).expand(views, -1, -1)
    predicted = read_points(mask_logits.permute(2, 0, 1, 3, 4).flatten(1, 2), places)  # [T, L·Q, P]
    predicted = predicted.permute(1, 0, 2).reshape(layers, queries, views * points)
    wanted = read_points(masks.transpose(0, 1), places).transpose(0, 1).flatten(1)  # [N, T·P]
    cost = (
        CLASS_COST * -class_logits.softmax(-1)[..., :1]
        + MASK_COST * _pairwise_cross_entropy(predicted, wanted)
        + DICE_COST * _pairwise_dice(predicted, wanted)
    )  # [L, Q, N]
    pairs = [linear_sum_assignment(layer) for layer in cost.nan_to_num(1e6).cpu().numpy()]
    return [(torch.as_tensor(query), torch.as_tensor(entity)) for query, entity in pairs]


def _pairwise_cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """[L, Q, P] against [N, P] → mean over points [L, Q, N]."""
    inside = nn.functional.softplus(-logits) @ wanted.T
    outside = nn.functional.softplus(logits) @ (1 - wanted).T
    return (inside + outside) / logits.shape[-1]


def _pairwise_dice(logits: Tensor, wanted: Tensor) -> Tensor:
    """[L, Q, P] against [N, P] → 1 − dice [L, Q, N]."""
    chance = logits.sigmoid()
    common = 2 * (chance @ wanted.T) + 1
    return 1 - common / (chance.sum(-1, keepdim=True) + wanted.sum(-1) + 1)
