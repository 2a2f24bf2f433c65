"""The networks that are measured: ours, and the published model written plainly, with the same weights."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.checkpoints import Checkpoint
from ml_worker.cropformer.architecture import SWIN_LARGE, SWIN_TINY, Architecture
from ml_worker.cropformer.published_weights import convert_published
from ml_worker.predict import Predictor
from tests.ml_worker.golden import published_tensors
from tests.ml_worker.plain_cropformer import PlainCropFormer

SIZES: dict[str, Architecture] = {
    "nano": Architecture(
        embed_dim=24,
        depths=(2, 2, 2, 2),
        backbone_heads=(1, 2, 4, 8),
        hidden=64,
        mask_dim=64,
        encoder_layers=2,
        encoder_ffn=1024,
        decoder_layers=3,
        decoder_ffn=128,
        queries=20,
    ),
    "swin-t": SWIN_TINY,
    "swin-l": SWIN_LARGE,
}
SHORT_SIDE, LONG_SIDE = 800, 1333


def ours(model: str, *, device: str = "cpu", **options: Any) -> Predictor:
    """``starter``, or a size filled with numbers made from the tensors' names."""
    if model == "starter":
        return Predictor.from_checkpoint(device=device, **options)
    arch, weights = convert_published(published_tensors(SIZES[model]))
    return Predictor(Checkpoint(arch, weights, "filled"), device=device, **options)


def plain(model: str, device: str = "cpu") -> PlainCropFormer:
    """transformers' own backbone and pixel decoder, and the rest as the paper tells it: nothing left out."""
    arch = SIZES[model]
    network = PlainCropFormer(published_tensors(arch), layers=arch.decoder_layers, heads=arch.heads)
    network.tensors = {name: tensor.to(device) for name, tensor in network.tensors.items()}
    network.pixel_level.to(device)
    return network


@torch.no_grad()
def plain_owners(network: PlainCropFormer, rgb: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Which query + 1 owns each pixel [H, W], 0 for none: all views in one batch, every mask whole in memory.

    As published, the single views' masks are resized too, although nothing reads them.
    """
    seen = network.forward_views(rgb, SHORT_SIDE, LONG_SIDE)
    grid = seen["mask_2d"].shape[-2:]
    torch.nn.functional.interpolate(seen["mask_2d"], (grid[0] * 4, grid[1] * 4), mode="bilinear")
    class_scores = seen["class_3d"][0].softmax(-1)[:, 0]
    chances = seen["fused_prob"]
    shown = chances > 0.5
    owners = torch.zeros(rgb.shape[:2], dtype=torch.int32)
    for query in class_scores.argsort(stable=True).tolist():
        owners[shown[query]] = query + 1
    visible = torch.stack([owners == query + 1 for query in range(len(shown))])
    _ = class_scores * (chances.sigmoid() * visible).sum((1, 2)) / visible.sum((1, 2)).clamp(min=1)
    return owners.numpy().astype(np.uint16)


@torch.no_grad()
def plain_pass(network: PlainCropFormer, pixels: Tensor, images: int) -> Tensor:
    """The network alone: mask logits [Q, T, h, w] of the last of ``images``, whose views lie in ``pixels``.

    The published decoder takes one image at a time.
    """
    with torch.enable_grad():  # transformers' own attention, which ours replaces without gradients
        module: Any = network.pixel_level
        decoded = module.decoder(module.encoder(pixels).feature_maps)
    masks = decoded.mask_features.chunk(images)
    levels = [level.chunk(images) for level in decoded.multi_scale_features]
    joint = torch.empty(0)
    for image, features in enumerate(masks):
        of_image = [level[image] for level in levels]
        start = network._of("query_feat.weight").expand(len(features), -1, -1)
        queries, _, _ = network._decode(start, [level[:, None] for level in of_image], features[:, None])
        associated = network._associate(queries)
        _, _, joint = network._decode(associated, [level[None] for level in of_image], features[None])
    return joint[0]
