"""Masked-attention decoder: one set of weights serves single views and all views of an image together."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.layers import AttentionLayer, FeedForwardLayer
from ml_worker.cropformer.position import sine_position_2d, view_position

LEVELS = 3


@dataclass(frozen=True)
class Decoded:
    """Predictions of every layer, last one final. B sequences of T views, Q queries.

    A mask is the product of its query's embedding and the features: it is worked out where it is read, since
    all masks of all layers together are the largest thing in a training step.
    """

    class_logits: list[Tensor]  # each [B, Q, 2]; index 1 is no-object
    embeddings: list[Tensor]  # each [B, Q, D]
    mask_features: Tensor  # [B, T, D, h, w]
    queries: Tensor  # [B, Q, C] before the decoder's norm

    def mask_logits(self, layer: int = -1) -> Tensor:
        """The masks of a layer [B, Q, T, h, w]; outside autocast in full precision."""
        return torch.einsum("bqd,btdhw->bqthw", self.embeddings[layer].float(), self.mask_features.float())


def joined(parts: list[Decoded], mask_features: Tensor) -> Decoded:
    """Sequences that were decoded apart, as one batch; ``mask_features`` are those of all."""
    return Decoded(
        [torch.cat(layer) for layer in zip(*(part.class_logits for part in parts), strict=True)],
        [torch.cat(layer) for layer in zip(*(part.embeddings for part in parts), strict=True)],
        mask_features,
        torch.cat([part.queries for part in parts]),
    )


class MaskMLP(nn.Module):
    """Three linear layers from a query to its mask embedding."""

    def __init__(self, dim: int, out: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, out)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


class SharedDecoder(nn.Module):
    """Decodes sequences of T views: T = 1 is the image level (2D), T > 1 the batch level (3D)."""

    def __init__(self, arch: Architecture, *, learned_start: bool = True) -> None:
        """Without ``learned_start`` the queries always come from elsewhere."""
        super().__init__()
        self.variant = arch.variant
        count, dim = arch.decoder_layers, arch.hidden
        self.cross_attention = nn.ModuleList(AttentionLayer(dim, arch.heads) for _ in range(count))
        self.self_attention = nn.ModuleList(AttentionLayer(dim, arch.heads) for _ in range(count))
        self.feed_forward = nn.ModuleList(FeedForwardLayer(dim, arch.decoder_ffn) for _ in range(count))
        self.norm = nn.LayerNorm(dim)
        if learned_start:
            self.query_feat = nn.Embedding(arch.queries, dim)
        self.query_embed = nn.Embedding(arch.queries, dim)
        self.level_embed = nn.Embedding(LEVELS, dim)
        self.class_embed = nn.Linear(dim, 2)
        self.mask_embed = MaskMLP(dim, arch.mask_dim)

    def forward(self, start: Tensor, levels: list[Tensor], mask_features: Tensor) -> Decoded:
        """start [B, Q, C]; levels each [B, T, C, h, w] from coarse to fine; mask_features [B, T, D, H, W]."""
        values, keys = self._memory(levels)
        shrunk = [_resized(mask_features, level.shape[-2:]) for level in levels]
        position = self.query_embed.weight
        x = start
        class_logits, embeddings = [], []
        for index in range(len(self.cross_attention) + 1):
            normed = self.norm(x)
            embeddings.append(self.mask_embed(normed))  # [B, Q, D]
            class_logits.append(self.class_embed(normed))
            if index == len(self.cross_attention):
                break
            level = index % LEVELS
            allowed = _readable(embeddings[-1].detach(), shrunk[level])
            x = self.cross_attention[index](x, x + position, keys[level], values[level], allowed)
            x = self.self_attention[index](x, x + position, x + position, x)
            x = self.feed_forward[index](x)
        return Decoded(class_logits, embeddings, mask_features, x)

    def start(self, batch: int) -> Tensor:
        """The learned queries [batch, Q, C]."""
        return self.query_feat.weight.expand(batch, -1, -1)

    def _memory(self, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        values, keys = [], []
        for index, level in enumerate(levels):
            views, channels, height, width = level.shape[1:]
            position = sine_position_2d(height, width, channels, level.device)[None]  # [1, C, h, w]
            if views > 1:
                place = view_position(self.variant, views, channels, level.device)
                position = position + place[:, :, None, None]  # [T, C, h, w]
            value = level + self.level_embed.weight[index][:, None, None]
            values.append(_tokens(value))
            keys.append(_tokens(value + position))
        return values, keys


def _tokens(level: Tensor) -> Tensor:
    """[B, T, C, h, w] → [B, T·h·w, C], view after view."""
    return level.permute(0, 1, 3, 4, 2).flatten(1, 3)


def _resized(features: Tensor, size: torch.Size) -> Tensor:
    """[B, T, D, H, W] → [B, T, D, h, w]; bilinear resizing commutes with reading a mask off the features."""
    small = nn.functional.interpolate(
        features.detach().flatten(0, 1), size=size, mode="bilinear", align_corners=False
    )
    return small.unflatten(0, features.shape[:2])


def _readable(embedding: Tensor, shrunk: Tensor) -> Tensor:
    """Which tokens a query may read [B, Q, T·h·w]: its own predicted mask, or everything if that is empty."""
    inside = torch.einsum("bqd,btdhw->bqthw", embedding, shrunk).flatten(2) >= 0
    return inside | ~inside.any(-1, keepdim=True)
