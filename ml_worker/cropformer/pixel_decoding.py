"""The pixel decoder without gradients on a CPU: channels last, in place, and a few tokens at a time.

The same mathematics as transformers' modules, whose weights it reads. What it saves is traffic: a chunk of
tokens stays in the processor's cache from the sampling offsets to the second norm; nothing is transposed.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerPixelDecoder,
    Mask2FormerPixelDecoderEncoderLayer,
)

from ml_worker.cropformer.position import sine_position_2d

TOKENS_AT_ONCE = 1024


def decode_pixels(
    decoder: Mask2FormerPixelDecoder, backbone: Sequence[Tensor]
) -> tuple[tuple[Tensor, ...], Tensor]:
    """(levels from coarse to fine, mask features) of backbone maps [N, C, h, w] at strides 4, 8, 16, 32.

    All results are channels last in memory. Needs ``torch.no_grad`` or inference mode.
    """
    coarse_first = backbone[:0:-1]
    sizes = tuple((level.shape[2], level.shape[3]) for level in coarse_first)
    tokens = torch.cat(
        [
            _tokens(_projected(project, level))
            for project, level in zip(decoder.input_projections, coarse_first, strict=True)
        ],
        1,
    )
    for tokens_of_one in tokens:
        _encode(decoder, tokens_of_one, sizes)
    levels = tuple(
        level.transpose(1, 2).unflatten(2, size)
        for level, size in zip(
            tokens.split([height * width for height, width in sizes], 1), sizes, strict=True
        )
    )
    finest = _finest(decoder, backbone[0], levels[-1])
    return levels, _pointwise(decoder.mask_projection, finest)


def _finest(decoder: Mask2FormerPixelDecoder, backbone: Tensor, level: Tensor) -> Tensor:
    """Stride 4: the backbone's map beside what the encoder made of stride 8."""
    (lateral,), (output,) = decoder.lateral_convolutions, decoder.output_convolutions
    merged = _projected(lateral, backbone)
    _add_doubled(merged.permute(0, 2, 3, 1), level.permute(0, 2, 3, 1))
    convolution, norm, _ = output
    return norm(convolution(merged)).relu_()


def _add_doubled(total: Tensor, small: Tensor) -> None:
    """Add ``small`` [N, h, w, C], resized bilinearly to the twofold size, to ``total``."""
    small = _doubled(small, 1)
    before, after = _neighbours(small, 2)
    total[:, :, 0::2] += small.lerp(before, 0.25)
    total[:, :, 1::2] += small.lerp(after, 0.25)


def _doubled(grid: Tensor, axis: int) -> Tensor:
    before, after = _neighbours(grid, axis)
    return torch.stack([grid.lerp(before, 0.25), grid.lerp(after, 0.25)], axis + 1).flatten(axis, axis + 1)


def _neighbours(grid: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """The grid moved by one either way, its edges repeated."""
    length = grid.shape[axis]
    before = torch.cat([grid.narrow(axis, 0, 1), grid.narrow(axis, 0, length - 1)], axis)
    return before, torch.cat([grid.narrow(axis, 1, length - 1), grid.narrow(axis, length - 1, 1)], axis)


def _projected(project: nn.Sequential, level: Tensor) -> Tensor:
    """A 1 × 1 convolution and its norm [N, C, h, w]."""
    convolution, norm = project
    return norm(_pointwise(cast(nn.Conv2d, convolution), level))


def _pointwise(convolution: nn.Conv2d, level: Tensor) -> Tensor:
    """A 1 × 1 convolution as a product of matrices; channels last in and out."""
    weight = convolution.weight.flatten(1)
    return nn.functional.linear(level.permute(0, 2, 3, 1), weight, convolution.bias).permute(0, 3, 1, 2)


def _tokens(level: Tensor) -> Tensor:
    """[N, C, h, w] → [N, h·w, C]: a view, if channels are last in memory."""
    return level.flatten(2).transpose(1, 2)


class _Grid(NamedTuple):
    """Where tokens of the sizes lie, for S tokens and P = heads · levels · points samples of each.

    Values are kept with a border of zeros, so that samples outside read zero without being asked.
    """

    places: tuple[Tensor, Tensor]  # [S, levels] px: where a token stands in each level, x and y
    limits: tuple[Tensor, Tensor]  # [P]: beyond these (and below -1) everything is zero
    steps: tuple[Tensor, Tensor]  # [P]: how far apart neighbours across and down lie, in rows of values
    start: Tensor  # [P]: the row of values of a sample at (0, 0)
    corners: Tensor  # [heads, 4, levels · points] int32: rows from the upper left corner to each corner
    interiors: tuple[tuple[slice, int, int], ...]  # per level: its rows (all heads), padded height and width
    rows: int


@lru_cache(maxsize=4)
def _grid(sizes: tuple[tuple[int, int], ...], heads: int, points: int) -> _Grid:
    height, width = torch.tensor(sizes, dtype=torch.float32).T  # [levels]
    across, down = [], []
    for h, w in sizes:
        y, x = torch.meshgrid((torch.arange(h) + 0.5) / h, (torch.arange(w) + 0.5) / w, indexing="ij")
        across.append(x.reshape(-1, 1) * width - 0.5)
        down.append(y.reshape(-1, 1) * height - 0.5)
    interiors, starts, begin = [], [], 0
    for h, w in sizes:
        padded_height, padded_width = h + 3, w + 2
        interiors.append((slice(begin, begin + padded_height * padded_width), padded_height, padded_width))
        starts.append(begin + padded_width + 1)
        begin += padded_height * padded_width

    def per_sample(of_levels: Tensor) -> Tensor:
        return of_levels[None, :, None].expand(heads, -1, points).reshape(-1).contiguous()

    pitch = per_sample(width + 2)
    head = torch.arange(heads).repeat_interleave(len(sizes) * points)
    start = per_sample(torch.tensor(starts)) * heads + head
    step_across = torch.full_like(pitch, heads)
    rows = begin + 1
    corners = torch.stack(
        [torch.zeros_like(pitch), step_across, pitch * heads, pitch * heads + heads]
    )  # [4, P]
    return _Grid(
        places=(torch.cat(across), torch.cat(down)),
        limits=(per_sample(width), per_sample(height)),
        steps=(step_across, pitch * heads),
        start=start.to(torch.float32),
        corners=corners.view(4, heads, -1).transpose(0, 1).to(torch.int32).contiguous(),
        interiors=tuple(interiors),
        rows=rows,
    )


def _encode(decoder: Mask2FormerPixelDecoder, tokens: Tensor, sizes: tuple[tuple[int, int], ...]) -> None:
    """Pass tokens [S, C] of one view through the encoder's layers, in place."""
    layers = decoder.encoder.layers
    attention = layers[0].self_attn
    grid = _grid(sizes, attention.n_heads, attention.n_points)
    position = torch.cat(
        [
            sine_position_2d(height, width, tokens.shape[1]).flatten(1).T + decoder.level_embed[level]
            for level, (height, width) in enumerate(sizes)
        ]
    )
    values = tokens.new_zeros(grid.rows, tokens.shape[1])
    for layer in layers:
        _spread(layer.self_attn.value_proj(tokens), sizes, grid, values)
        weight, bias = _sampling_weights(layer)
        for start in range(0, len(tokens), TOKENS_AT_ONCE):
            chunk = slice(start, start + TOKENS_AT_ONCE)
            asked = nn.functional.linear(tokens[chunk] + position[chunk], weight, bias)
            across, down = (place[chunk] for place in grid.places)
            read = _read(values, asked, (across, down), grid)
            tokens[chunk] = _mixed(layer, tokens[chunk], read)


def _spread(value: Tensor, sizes: tuple[tuple[int, int], ...], grid: _Grid, values: Tensor) -> None:
    """Write values [S, C] into the rows of their levels, the border around them left zero."""
    begin = 0
    for (height, width), (rows, padded_height, padded_width) in zip(sizes, grid.interiors, strict=True):
        level = values[rows].view(padded_height, padded_width, -1)
        level[1 : height + 1, 1 : width + 1] = value[begin : begin + height * width].view(height, width, -1)
        begin += height * width


def _sampling_weights(layer: Mask2FormerPixelDecoderEncoderLayer) -> tuple[Tensor, Tensor]:
    """One projection to all x offsets, all y offsets and all attention weights."""
    attention = layer.self_attn
    offsets, shares = attention.sampling_offsets, attention.attention_weights
    weight = torch.cat([offsets.weight[0::2], offsets.weight[1::2], shares.weight])
    return weight, torch.cat([offsets.bias[0::2], offsets.bias[1::2], shares.bias])


def _read(values: Tensor, asked: Tensor, places: tuple[Tensor, Tensor], grid: _Grid) -> Tensor:
    """What n tokens read of ``values`` [rows, C]: bilinear, zeros outside. ``asked`` is [n, 3·P].

    Returns [n, C].
    """
    heads, _, per_head = grid.corners.shape
    levels = len(grid.interiors)
    offsets_x, offsets_y, shares = asked.chunk(3, 1)
    share = shares.unflatten(1, (heads, per_head))  # [n, heads, levels · points]
    share = torch.exp(share - share.amax(-1, keepdim=True))  # softmax, but for the division at the end
    left, right_part = _cells(offsets_x, places[0], grid.limits[0], heads, levels)
    top, lower_part = _cells(offsets_y, places[1], grid.limits[1], heads, levels)
    corner = torch.addcmul(grid.start, left, grid.steps[0]).addcmul_(top, grid.steps[1]).to(torch.int32)
    rows = corner.view(-1, heads, 1, per_head) + grid.corners
    lower_part, right_part = lower_part.view_as(share), right_part.view_as(share)
    weights = torch.empty(rows.shape)
    upper, lower = weights[:, :, :2], weights[:, :, 2:]
    below = share * lower_part
    above = share - below
    torch.mul(below, right_part, out=lower[:, :, 1])
    torch.sub(below, lower[:, :, 1], out=lower[:, :, 0])
    torch.mul(above, right_part, out=upper[:, :, 1])
    torch.sub(above, upper[:, :, 1], out=upper[:, :, 0])
    bags = len(asked) * heads
    read = nn.functional.embedding_bag(
        rows.view(bags, -1),
        values.view(len(values) * heads, -1),
        per_sample_weights=weights.view(bags, -1),
        mode="sum",
    )
    return (read.view(len(asked), heads, -1) / share.sum(-1, keepdim=True)).flatten(1)


def _cells(offsets: Tensor, places: Tensor, limits: Tensor, heads: int, levels: int) -> tuple[Tensor, Tensor]:
    """Along one axis: the cell before each sample and how far beyond it the sample lies, both [n, P]."""
    at = offsets.reshape(len(offsets), heads, levels, -1) + places[:, None, :, None]
    at = at.flatten(1).clamp_(min=-1)
    torch.minimum(at, limits, out=at)
    first = at.floor()
    return first, at.sub_(first)


def _mixed(layer: Mask2FormerPixelDecoderEncoderLayer, tokens: Tensor, read: Tensor) -> Tensor:
    """The rest of a layer: what was read joins the tokens, then the feed-forward part."""
    x = layer.self_attn_layer_norm(layer.self_attn.output_proj(read).add_(tokens))
    return layer.final_layer_norm(layer.fc2(layer.fc1(x).relu_()).add_(x))
