"""Swin without gradients on a CPU: windows gathered once, read a few at a time, results channels last.

The same mathematics as transformers' modules, whose weights it reads. Only windows at the lower and the right
edge are masked when they are shifted: there are four kinds of windows, each of which shares one mask.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers.models.swin.modeling_swin import SwinAttention, SwinBackbone, SwinLayer

NUMBERS_AT_ONCE = 1 << 19  # of queries, keys and values together: 2 MB
TOKENS_AT_ONCE = 1024
MASKED = -100.0


def swin_features(backbone: SwinBackbone, pixels: Tensor) -> tuple[Tensor, ...]:
    """Maps [N, C, h, w] at strides 4, 8, 16 and 32 of pixels [N, 3, H, W].

    Needs ``torch.no_grad`` or inference mode.
    """
    swin = backbone.swin
    tokens, size = swin.embeddings(pixels)
    maps = []
    for stage, norm in zip(swin.encoder.layers, backbone.hidden_states_norms.values(), strict=True):
        tokens = tokens.contiguous()
        for block in stage.blocks:
            for tokens_of_one in tokens:
                _pass(block, tokens_of_one, size)
        maps.append(norm(tokens).transpose(1, 2).unflatten(2, size))
        if stage.downsample is not None:
            tokens = stage.downsample(tokens, size)
            size = (-(-size[0] // 2), -(-size[1] // 2))
    return tuple(maps)


def _pass(block: SwinLayer, tokens: Tensor, size: tuple[int, int]) -> None:
    """One block over tokens [h·w, C], in place."""
    windows = _windows(size, block.window_size, block.shift_size)
    normed = tokens.new_zeros(len(tokens) + 1, tokens.shape[1])  # the last one stands for the padding
    normed[:-1] = block.layernorm_before(tokens)
    tokens += _attended(block.attention, normed, windows)
    for start in range(0, len(tokens), TOKENS_AT_ONCE):
        chunk = tokens[start : start + TOKENS_AT_ONCE]
        wide = block.mlp.activation_fn(block.mlp.fc1(block.layernorm_after(chunk)))
        chunk += block.mlp.fc2(wide)


class _Windows(NamedTuple):
    """The windows of a map, kind by kind."""

    members: Tensor  # [windows, area]: which token stands where; the map's area stands for padding
    places: Tensor  # [h·w]: where each token went
    kinds: tuple[tuple[int, Tensor | None], ...]  # how many windows, and their mask [area, area]


@lru_cache(maxsize=16)
def _windows(size: tuple[int, int], side: int, shift: int) -> _Windows:
    height, width = size
    rows, columns = -(-height // side), -(-width // side)
    numbers = torch.full((rows * side, columns * side), height * width)
    numbers[:height, :width] = torch.arange(height * width).view(height, width)
    members = _partition(numbers.roll((-shift, -shift), (0, 1)), side)
    regions = _regions(rows * side, side, shift)[:, None] * 3 + _regions(columns * side, side, shift)
    regions = _partition(regions, side)
    lowest = torch.arange(rows * columns) // columns == rows - 1
    rightmost = torch.arange(rows * columns) % columns == columns - 1
    kind = (lowest * 2 + rightmost) * (shift > 0)
    order = kind.argsort(stable=True)
    kinds = []
    for each, count in zip(*kind.unique(return_counts=True), strict=True):
        of_one = regions[int((kind == each).nonzero()[0])]
        apart = of_one[:, None] != of_one
        kinds.append((int(count), apart * MASKED if each else None))
    members = members[order]
    places = torch.empty(height * width, dtype=torch.long)
    inside = members.flatten() < height * width
    places[members.flatten()[inside]] = inside.nonzero().flatten()
    return _Windows(members, places, tuple(kinds))


def _partition(grid: Tensor, side: int) -> Tensor:
    """[H, W] → [windows, side²]."""
    height, width = grid.shape
    cut = grid.view(height // side, side, width // side, side)
    return cut.transpose(1, 2).reshape(-1, side * side)


def _regions(length: int, side: int, shift: int) -> Tensor:
    """A shift puts the end of an axis beside its beginning: which of three stretches a place is from."""
    place = torch.arange(length)
    return (place >= length - side).long() + (place >= length - shift).long()


def _attended(attention: SwinAttention, normed: Tensor, windows: _Windows) -> Tensor:
    """What attention adds to each token [h·w, C]."""
    count, area = windows.members.shape
    channels = normed.shape[1]
    parts = (attention.q_proj, attention.k_proj, attention.v_proj)
    weight = torch.cat([part.weight for part in parts])
    bias = torch.cat([part.bias for part in parts])
    position = attention.relative_position_bias()  # [1, heads, area, area]
    read = normed.new_empty(count, area, channels)
    at_once = max(1, NUMBERS_AT_ONCE // (3 * channels * area))
    begin = 0
    for of_kind, mask in windows.kinds:
        added = position if mask is None else position + mask
        for start in range(begin, begin + of_kind, at_once):
            chunk = slice(start, min(start + at_once, begin + of_kind))
            picked = normed.index_select(0, windows.members[chunk].flatten())
            projected = nn.functional.linear(picked, weight, bias)
            heads = projected.view(-1, area, 3, attention.num_attention_heads, attention.head_dim)
            query, key, value = heads.permute(2, 0, 3, 1, 4)  # each [n, heads, area, channels / heads]
            mixed = nn.functional.scaled_dot_product_attention(
                query, key, value, attn_mask=added, scale=attention.scaling
            )
            read[chunk] = attention.o_proj(mixed.transpose(1, 2).flatten(2))
        begin += of_kind
    return read.view(-1, channels).index_select(0, windows.places)
