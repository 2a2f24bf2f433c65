"""Swin of transformers: attention in windows, every second block's shifted by half a window."""

import torch
from torch import Tensor, nn
from transformers import SwinConfig
from transformers.models.swin.modeling_swin import SwinBackbone

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.backbones.swin_windows import swin_features


class Swin(SwinBackbone):
    """Source: Liu et al., Swin Transformer, ICCV 2021. Feature maps narrower than a window are padded."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__(
            SwinConfig(
                embed_dim=arch.embed_dim,
                depths=list(arch.depths),
                num_heads=list(arch.backbone_heads),
                window_size=arch.window,
                drop_path_rate=arch.drop_path,
                out_features=["stage1", "stage2", "stage3", "stage4"],
            )
        )
        self.swin.layernorm = nn.Identity()  # the stages have norms of their own

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        if pixels.is_cpu and not (torch.is_grad_enabled() or self.training):
            return swin_features(self, pixels)
        return tuple(super().forward(pixels).feature_maps)
