"""Hungarian matching of queries to entities, one assignment for all views of a sequence."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from ml_worker.cropformer.points import LabelsAtPoints, read_points

CLASS_COST, MASK_COST, DICE_COST = 2.0, 5.0, 5.0

Pairs = list[tuple[Tensor, Tensor]]


def assign(costs: Tensor) -> Pairs:
    """The cheapest pairs (queries, entities) for every decoder layer, from costs [L, Q, N]."""
    pairs = [linear_sum_assignment(layer) for layer in costs.nan_to_num(1e6).cpu().numpy()]
    return [(torch.as_tensor(query), torch.as_tensor(entity)) for query, entity in pairs]


@torch.no_grad()
def matching_costs(
    class_logits: Tensor, mask_logits: Tensor, at_points: LabelsAtPoints, numbers: Tensor, places: Tensor
) -> Tensor:
    """What it costs to give each query each entity [L, Q, N].

    class_logits [L, Q, 2], mask_logits [L, Q, T, h, w]; ``places`` [1, P, 2] are read in every view, and the
    views' costs are one (source: paper §3.3); ``at_points`` [T, P, 4] are the labels found there, ``numbers``
    [N] the entities'.
    """
    layers, queries, views = mask_logits.shape[:3]
    by_view = mask_logits.permute(2, 0, 1, 3, 4).flatten(1, 2)  # [T, L·Q, h, w]
    predicted = read_points(by_view, places.expand(views, -1, -1))  # [T, L·Q, P]
    predicted = predicted.permute(1, 0, 2).reshape(layers, queries, -1)  # [L, Q, T·P]
    wanted = at_points.share(numbers[:, None, None, None]).flatten(1)  # [N, T·P]
    return (
        CLASS_COST * -class_logits.softmax(-1)[..., :1]
        + MASK_COST * _pairwise_cross_entropy(predicted, wanted)
        + DICE_COST * _pairwise_dice(predicted, wanted)
    )


def _pairwise_cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """[L, Q, P] against [N, P] → mean over points [L, Q, N]; softplus(x) − x·y summed over the points."""
    outside = nn.functional.softplus(logits).sum(-1, keepdim=True)
    return (outside - logits @ wanted.T) / logits.shape[-1]


def _pairwise_dice(logits: Tensor, wanted: Tensor) -> Tensor:
    """[L, Q, P] against [N, P] → 1 − dice [L, Q, N]."""
    chance = logits.sigmoid()
    common = 2 * (chance @ wanted.T) + 1
    return 1 - common / (chance.sum(-1, keepdim=True) + wanted.sum(-1) + 1)
