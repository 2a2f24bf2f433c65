"""Hungarian matching of queries to entities, one assignment for all views of a sequence."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

CLASS_COST, MASK_COST, DICE_COST = 2.0, 5.0, 5.0

Pairs = list[tuple[Tensor, Tensor]]


def assign(costs: Tensor) -> Pairs:
    """The cheapest pairs (queries, entities) for every decoder layer, from costs [L, Q, N]."""
    pairs = [linear_sum_assignment(layer) for layer in costs.nan_to_num(1e6).cpu().numpy()]
    return [(torch.as_tensor(query), torch.as_tensor(entity)) for query, entity in pairs]


@torch.no_grad()
def matching_costs(class_logits: Tensor, embeddings: Tensor, at_points: Tensor, wanted: Tensor) -> Tensor:
    """What it costs to give each query each entity [L, Q, N].

    class_logits [L, Q, 2], embeddings [L, Q, D]; ``at_points`` [T, D, P] are the mask features of the views,
    read where ``wanted`` [N, T·P] says how much of each entity lies. Reading bilinearly and the product of
    embedding and features commute, so no mask is worked out whole. The views' costs are one (source: paper
    §3.3).
    """
    return torch.stack(
        [
            _layer_costs(classes, torch.einsum("qd,tdp->qtp", embedding, at_points).flatten(1), wanted)
            for classes, embedding in zip(class_logits, embeddings, strict=True)
        ]
    )


def _layer_costs(class_logits: Tensor, predicted: Tensor, wanted: Tensor) -> Tensor:
    """[Q, 2] and logits [Q, P] against [N, P] → [Q, N]."""
    return (
        CLASS_COST * -class_logits.softmax(-1)[:, :1]
        + MASK_COST * _pairwise_cross_entropy(predicted, wanted)
        + DICE_COST * _pairwise_dice(predicted, wanted)
    )


def _pairwise_cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """[Q, P] against [N, P] → mean over points [Q, N]; softplus(x) − x·y summed over the points."""
    outside = nn.functional.softplus(logits).sum(-1, keepdim=True)
    return (outside - logits @ wanted.T) / logits.shape[-1]


def _pairwise_dice(logits: Tensor, wanted: Tensor) -> Tensor:
    """[Q, P] against [N, P] → 1 − dice [Q, N]."""
    chance = logits.sigmoid()
    common = 2 * (chance @ wanted.T) + 1
    return 1 - common / (chance.sum(-1, keepdim=True) + wanted.sum(-1) + 1)
