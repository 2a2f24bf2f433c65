"""Backbone and the pixel decoder of transformers.

transformers is pinned exactly because of its private classes here, in ``pixel_decoding`` and ``backbones``;
``tests/ml_worker/test_pixel_level.py`` is the contract test to run before raising the pin.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import Mask2FormerConfig
from transformers.models.mask2former import modeling_mask2former
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerPixelDecoder,
    Mask2FormerPreTrainedModel,
)

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.backbones.build import build_backbone
from ml_worker.cropformer.pixel_decoding import decode_pixels


class ViewFeatures(NamedTuple):
    """What the decoder reads of N views padded to H×W: strides 32, 16, 8 (``levels``) and 4."""

    levels: tuple[Tensor, ...]  # each [N, hidden, h, w]
    mask_features: Tensor  # [N, mask_dim, H/4, W/4]
    backbone: tuple[Tensor, ...]  # strides 4, 8, 16, 32


class PixelLevel(Mask2FormerPreTrainedModel):
    """A backbone and the multi-scale deformable pixel decoder, initialised as transformers initialises it."""

    def __init__(self, config: Mask2FormerConfig, backbone: nn.Module) -> None:
        super().__init__(config)
        decoder = Mask2FormerPixelDecoder(config, feature_channels=backbone.channels)
        self.module = nn.ModuleDict({"encoder": nn.Identity(), "decoder": decoder})
        self.post_init()
        self.module["encoder"] = backbone  # initialised already, each in its own way

    def forward(self, pixel_values: Tensor) -> ViewFeatures:
        """pixel_values [N, 3, H, W] normalised, H and W multiples of 32."""
        backbone = self.module["encoder"](pixel_values)
        if pixel_values.is_cpu and not torch.is_grad_enabled():
            return ViewFeatures(*decode_pixels(self.module["decoder"], backbone), backbone)
        # As published, the pixel decoder stays in float32 whatever the rest is computed in.
        with torch.autocast(pixel_values.device.type, enabled=False):
            decoded = self.module["decoder"](tuple(level.float() for level in backbone))
        return ViewFeatures(tuple(decoded.multi_scale_features), decoded.mask_features, backbone)


def build_pixel_level(arch: Architecture) -> PixelLevel:
    with warnings.catch_warnings():
        # Heads that are no power of two only slow a CUDA kernel which is not used here.
        warnings.filterwarnings("ignore", message="You'd better set embed_dim")
        return PixelLevel(_config(arch), build_backbone(arch))


def _config(arch: Architecture) -> Mask2FormerConfig:
    return Mask2FormerConfig(
        feature_size=arch.hidden,
        hidden_dim=arch.hidden,
        mask_feature_size=arch.mask_dim,
        num_attention_heads=arch.heads,
        encoder_layers=arch.encoder_layers,
        encoder_feedforward_dim=arch.encoder_ffn,
        dim_feedforward=arch.decoder_ffn,
        num_queries=arch.queries,
        dropout=0.0,
    )


sampled_attention = modeling_mask2former.multi_scale_deformable_attention


def deformable_attention(
    value: Tensor,
    value_spatial_shapes: Sequence[tuple[int, int]],
    sampling_locations: Tensor,
    attention_weights: Tensor,
) -> Tensor:
    """The gather for inference; transformers' own sampling for training, where its backward is quicker."""
    attend = sampled_attention if torch.is_grad_enabled() else deformable_gather
    return attend(value, value_spatial_shapes, sampling_locations, attention_weights)


def deformable_gather(
    value: Tensor,
    value_spatial_shapes: Sequence[tuple[int, int]],
    sampling_locations: Tensor,
    attention_weights: Tensor,
) -> Tensor:
    """Multi-scale deformable attention as one weighted gather, several times quicker on a CPU.

    The same mathematics as sampling each level with ``grid_sample`` (bilinear, zeros outside, corners not
    aligned). value [B, S, heads, d]; sampling_locations [B, Q, heads, levels, points, 2] as (x, y) in 0..1;
    attention_weights [B, Q, heads, levels, points]. Returns [B, Q, heads·d].
    """
    batch, tokens, heads, dim = value.shape
    queries = sampling_locations.shape[1]
    sizes = torch.tensor(list(value_spatial_shapes), device=value.device)  # [levels, 2] as (h, w)
    starts = torch.cat([sizes.new_zeros(1), sizes.prod(1).cumsum(0)[:-1]])[:, None]  # [levels, 1]
    height, width = sizes[:, :1], sizes[:, 1:]
    x = sampling_locations[..., 0] * width - 0.5  # [B, Q, heads, levels, points]
    y = sampling_locations[..., 1] * height - 0.5
    left, top = x.floor(), y.floor()
    across, down = x - left, y - top
    left, top = left.long(), top.long()
    owner = torch.arange(batch, device=value.device).view(-1, 1, 1, 1, 1) * tokens
    head = torch.arange(heads, device=value.device).view(1, 1, -1, 1, 1)
    indices, weights = [], []
    for dy, part_y in ((0, 1 - down), (1, down)):
        for dx, part_x in ((0, 1 - across), (1, across)):
            row, column = top + dy, left + dx
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            token = starts + row.clamp(min=0).minimum(height - 1) * width
            token = token + column.clamp(min=0).minimum(width - 1)
            indices.append((owner + token) * heads + head)
            weights.append(attention_weights * part_y * part_x * inside)
    bags = batch * queries * heads
    gathered = nn.functional.embedding_bag(
        torch.stack(indices, -1).reshape(bags, -1),
        value.reshape(batch * tokens * heads, dim),
        per_sample_weights=torch.stack(weights, -1).reshape(bags, -1),
        mode="sum",
    )
    return gathered.view(batch, queries, heads * dim)


modeling_mask2former.multi_scale_deformable_attention = deformable_attention
