"""CropFormer a second time, as plainly as the paper tells it: what ours is compared with.

Backbone and pixel decoder are transformers' own, run as they are; decoder, association and fusion are
written out here on the published tensors, without any of ours.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import interpolate, layer_norm, linear

from ml_worker.cropformer.published_weights import convert_published

HEAD = "sem_seg_head.predictor."


class PlainCropFormer:
    """The published model of a state dict in the published layout."""

    def __init__(self, tensors: dict[str, Tensor], *, layers: int, heads: int) -> None:
        self.tensors, self.layers, self.heads = tensors, layers, heads
        self.pixel_level: Any = _pixel_level(tensors)

    def forward_views(self, rgb: NDArray[np.uint8], short_side: int, long_side: int) -> dict[str, Tensor]:
        """Tensors by the names of Predictor.forward_views."""
        height, width = rgb.shape[:2]
        boxes = [(0, 0, width, height), *_corners(height, width)]
        crops = [_resized(rgb[y0:y1, x0:x1], short_side, long_side) for x0, y0, x1, y1 in boxes]
        pixels = _padded(crops)
        with torch.enable_grad():  # transformers' own attention, which ours replaces without gradients
            features = self.pixel_level.encoder(pixels).feature_maps
            decoded = self.pixel_level.decoder(features)
        with torch.no_grad():
            levels, masks = [level.detach() for level in decoded.multi_scale_features], decoded.mask_features
            start = self._of("query_feat.weight").expand(5, -1, -1)
            query_2d, class_2d, mask_2d = self._decode(
                start, [level[:, None] for level in levels], masks[:, None]
            )
            associated = self._associate(query_2d)
            _, class_3d, mask_3d = self._decode(associated, [level[None] for level in levels], masks[None])
            return {
                "class_2d": class_2d,
                "mask_2d": mask_2d[:, :, 0],
                "query_2d": query_2d.transpose(0, 1),
                "query_3d_assoc": associated.transpose(0, 1),
                "class_3d": class_3d,
                "mask_3d": mask_3d[0],
                "mask_features": masks,
                "fused_prob": _fused(mask_3d[0], boxes, crops, pixels.shape[-2:], (height, width)),
            }

    def _of(self, name: str) -> Tensor:
        return self.tensors[HEAD + name]

    def _attend(self, name: str, query: Tensor, key: Tensor, value: Tensor, blocked: Tensor | None) -> Tensor:
        dim = query.shape[-1]
        attention = nn.MultiheadAttention(dim, self.heads, batch_first=True)
        attention.load_state_dict(
            {
                part: self._of(f"{name}.{part}")
                for part in ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
            }
        )
        return attention(query, key, value, attn_mask=blocked)[0]

    def _norm(self, name: str, x: Tensor) -> Tensor:
        return layer_norm(x, x.shape[-1:], self._of(f"{name}.weight"), self._of(f"{name}.bias"))

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return linear(x, self._of(f"{name}.weight"), self._of(f"{name}.bias"))

    def _feed_forward(self, name: str, x: Tensor) -> Tensor:
        inner = self._linear(f"{name}.linear1", x).relu()
        return self._norm(f"{name}.norm", x + self._linear(f"{name}.linear2", inner))

    def _decode(self, x: Tensor, levels: list[Tensor], masks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x [B, Q, C], levels [B, T, C, h, w], masks [B, T, D, H, W] → queries, classes, [B, Q, T, H, W]."""
        position = self._of("query_embed.weight")
        for layer in range(self.layers):
            level = levels[layer % 3]
            values = _tokens(level + self._of("level_embed.weight")[layer % 3][:, None, None])
            keys = values + _tokens(_positions(*level.shape[1:])[None]).expand(len(x), -1, -1)
            seen = interpolate(
                self._masks(x, masks).flatten(1, 2),
                size=level.shape[-2:],
                mode="bilinear",
                align_corners=False,
            )
            blocked = (seen.sigmoid() < 0.5).view(*x.shape[:2], -1)
            blocked = blocked & ~blocked.all(-1, keepdim=True)
            name = f"transformer_cross_attention_layers.{layer}"
            every_head = blocked.repeat_interleave(self.heads, 0)
            read = self._attend(f"{name}.multihead_attn", x + position, keys, values, every_head)
            x = self._norm(f"{name}.norm", x + read)
            name = f"transformer_self_attention_layers.{layer}"
            x = self._norm(
                f"{name}.norm", x + self._attend(f"{name}.self_attn", x + position, x + position, x, None)
            )
            x = self._feed_forward(f"transformer_ffn_layers.{layer}", x)
        return x, self._linear("class_embed", self._norm("decoder_norm", x)), self._masks(x, masks)

    def _masks(self, x: Tensor, masks: Tensor) -> Tensor:
        embedding = self._norm("decoder_norm", x)
        embedding = self._linear("mask_embed.layers.0", embedding).relu()
        embedding = self._linear("mask_embed.layers.1", embedding).relu()
        return torch.einsum("bqd,btdhw->bqthw", self._linear("mask_embed.layers.2", embedding), masks)

    def _associate(self, views: Tensor) -> Tensor:
        """views [T, Q, C], the full image first → [1, Q, C]."""
        position = self._of("query_embed.weight")
        x, value = views[:1], views.flatten(0, 1)[None]
        key = (views + position).flatten(0, 1)[None]
        read = self._attend("make_3d.enc_crosattn_3d.0.multihead_attn", x + position, key, value, None)
        x = self._norm("make_3d.enc_crosattn_3d.0.norm", x + read)
        x = self._norm(
            "make_3d.enc_selfattn_3d.0.norm",
            x + self._attend("make_3d.enc_selfattn_3d.0.self_attn", x, x, x, None),
        )
        return self._feed_forward("make_3d.enc_ffn_3d.0", x)


def _pixel_level(tensors: dict[str, Tensor]) -> nn.Module:
    """transformers' module; that our names for its tensors are its own is part of what is tested."""
    from transformers import Mask2FormerConfig, SwinConfig
    from transformers.models.mask2former.modeling_mask2former import Mask2FormerPixelLevelModule

    arch, weights = convert_published(tensors)
    backbone = SwinConfig(
        embed_dim=arch.embed_dim,
        depths=list(arch.depths),
        num_heads=list(arch.backbone_heads),
        window_size=arch.window,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    config = Mask2FormerConfig(
        backbone_config=backbone,
        feature_size=arch.hidden,
        hidden_dim=arch.hidden,
        mask_feature_size=arch.mask_dim,
        num_attention_heads=arch.heads,
        encoder_layers=arch.encoder_layers,
        encoder_feedforward_dim=arch.encoder_ffn,
        dropout=0.0,
    )
    module = Mask2FormerPixelLevelModule(config).eval()
    prefix = "pixel_level.module."
    own = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
    absent, surplus = module.load_state_dict(own, strict=False)
    assert surplus == [] and all("swin.layernorm" in name for name in absent)
    return module.requires_grad_(False)


def _tokens(level: Tensor) -> Tensor:
    """[B, T, C, h, w] → [B, T·h·w, C], view after view."""
    return torch.cat([view.flatten(2).transpose(1, 2) for view in level.unbind(1)], 1)


def _sine(count: int, channels: int) -> Tensor:
    place = torch.arange(1, count + 1) / (count + 1e-6) * 2 * math.pi
    return torch.stack(
        [
            (torch.sin if channel % 2 == 0 else torch.cos)(place / 10000 ** (2 * (channel // 2) / channels))
            for channel in range(channels)
        ],
        1,
    )


def _positions(views: int, channels: int, height: int, width: int) -> Tensor:
    """[T, C, h, w]: rows, columns, and beyond one view the view's own angle."""
    rows = _sine(height, channels // 2).T[:, :, None].expand(-1, -1, width)
    columns = _sine(width, channels // 2).T[:, None, :].expand(-1, height, -1)
    here = torch.cat([rows, columns]).expand(views, -1, -1, -1)
    return here + _sine(views, channels)[:, :, None, None] if views > 1 else here


def _corners(height: int, width: int) -> list[tuple[int, int, int, int]]:
    tall, wide = int(0.7 * height), int(0.7 * width)
    return [(x, y, x + wide, y + tall) for y in (0, height - tall) for x in (0, width - wide)]


def _resized(crop: NDArray[np.uint8], short_side: int, long_side: int) -> NDArray[np.uint8]:
    height, width = crop.shape[:2]
    scale = short_side / min(height, width)
    new = (short_side, scale * width) if height < width else (scale * height, short_side)
    shrink = min(1.0, long_side / max(new))
    size = (int(new[1] * shrink + 0.5), int(new[0] * shrink + 0.5))
    return np.asarray(Image.fromarray(np.ascontiguousarray(crop)).resize(size, Image.Resampling.BILINEAR))


def _padded(crops: list[NDArray[np.uint8]]) -> Tensor:
    tall = -(-max(len(crop) for crop in crops) // 32) * 32
    wide = -(-max(crop.shape[1] for crop in crops) // 32) * 32
    pixels = torch.zeros(len(crops), 3, tall, wide)
    mean, std = torch.tensor([123.675, 116.28, 103.53]), torch.tensor([58.395, 57.12, 57.375])
    for place, crop in zip(pixels, crops, strict=True):
        normal = (torch.from_numpy(crop.copy()).float() - mean) / std
        place[:, : crop.shape[0], : crop.shape[1]] = normal.permute(2, 0, 1)
    return pixels


def _fused(
    masks: Tensor,
    boxes: list[tuple[int, int, int, int]],
    crops: list[NDArray[np.uint8]],
    padded: torch.Size,
    size: tuple[int, int],
) -> Tensor:
    """Mean probability [Q, H, W]: grid → padded view → its true size → the window's px → sigmoid → mean."""
    total, count = torch.zeros(len(masks), *size), torch.zeros(size)
    for view, ((x0, y0, x1, y1), crop) in enumerate(zip(boxes, crops, strict=True)):
        large = interpolate(masks[:, view][None], size=padded, mode="bilinear", align_corners=False)
        true = large[:, :, : crop.shape[0], : crop.shape[1]]
        here = interpolate(true, size=(y1 - y0, x1 - x0), mode="bilinear", align_corners=False)[0]
        total[:, y0:y1, x0:x1] += here.sigmoid()
        count[y0:y1, x0:x1] += 1
    return total / count
