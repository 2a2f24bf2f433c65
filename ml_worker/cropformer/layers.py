"""Transformer layers shared by the decoder and the association: attention and feed-forward, norm after."""

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head attention with one fused projection, as published checkpoints store it."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None = None) -> Tensor:
        """query [B, Q, C], key and value [B, K, C]; ``allowed`` [B, Q, K] bool: which keys may be read."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        q, k, v = (
            self._split_heads(nn.functional.linear(tensor, weight, bias))
            for tensor, weight, bias in zip((query, key, value), weights, biases, strict=True)
        )
        mask = None if allowed is None else allowed[:, None]  # the same for every head
        read = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # [B, heads, Q, C/heads]
        return self.out_proj(read.transpose(1, 2).flatten(2))

    def _split_heads(self, tensor: Tensor) -> Tensor:
        return tensor.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # [B, heads, N, C/heads]


class AttentionLayer(nn.Module):
    """x ← LayerNorm(x + attention)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(dim, heads)
        self.norm = nn.LayerNorm(dim)

    def forward(
        self, x: Tensor, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None = None
    ) -> Tensor:
        return self.norm(x + self.attention(query, key, value, allowed))


class FeedForwardLayer(nn.Module):
    """x ← LayerNorm(x + W₂ relu(W₁ x))."""

    def __init__(self, dim: int, inner: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(dim, inner)
        self.linear2 = nn.Linear(inner, dim)
        self.norm = nn.LayerNorm(dim)
        nn.init.xavier_uniform_(self.linear1.weight)
        nn.init.xavier_uniform_(self.linear2.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x + self.linear2(self.linear1(x).relu()))
