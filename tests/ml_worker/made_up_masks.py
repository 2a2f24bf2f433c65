"""Predictions with given masks, for tests of matching and losses."""

import torch
from torch import Tensor

from ml_worker.cropformer.decoder import Decoded


def decoded_as(class_logits: list[Tensor], mask_logits: list[Tensor]) -> Decoded:
    """Layers that say [B, Q, 2] and [B, Q, T, h, w]: every mask of every layer is a feature of its own."""
    sequences, queries = mask_logits[0].shape[:2]
    layers = len(mask_logits)
    chosen = torch.eye(layers * queries).view(layers, 1, queries, -1).expand(-1, sequences, -1, -1)
    features = torch.cat(mask_logits, 1).transpose(1, 2)  # [B, T, L·Q, h, w]
    return Decoded(class_logits, list(chosen), features, torch.zeros(sequences, queries, 1))
