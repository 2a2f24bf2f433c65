"""The architecture of a published checkpoint, read off the names and shapes of its tensors."""

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Size, Tensor

from ml_worker.cropformer.architecture import STAGES, Architecture
from ml_worker.cropformer.published_names import HEAD, PREDICTOR, present_name
from ml_worker.cropformer.unfit_weights import UnfitWeights
from ml_worker.cropformer.variants import MASK2FORMER, Variant

LEVELS, POINTS = 3, 4
CLASS_OUTPUTS = 2


def infer_architecture(tensors: Mapping[str, Tensor]) -> Architecture:
    """Read the sizes off a detectron2-layout state dict; raises UnfitWeights where they cannot be.

    The number of heads in the decoder leaves no trace in the tensors; it equals the pixel decoder's, as in
    every published configuration. Nor does the share of dropped paths: it is 0.
    """
    sizes = _Sizes(tensors)
    _refuse_other_classes(sizes)
    backbone = _backbone(sizes)
    queries, hidden = sizes.shape(PREDICTOR + "query_feat.weight", 2)
    offsets = sizes.shape(HEAD + "transformer.encoder.layers.0.self_attn.sampling_offsets.bias", 1)[0]
    heads, rest = divmod(offsets, LEVELS * POINTS * 2)
    if rest or not heads:
        raise UnfitWeights(
            f"The pixel decoder has {offsets} sampling offsets, no multiple of {LEVELS * POINTS * 2}: "
            "only three levels of four points are known."
        )
    decoder_ffn = sizes.shape(PREDICTOR + "transformer_ffn_layers.0.linear1.weight", 2)[0]
    return Architecture(
        **backbone,
        **_association(sizes, decoder_ffn),
        hidden=hidden,
        mask_dim=sizes.shape(HEAD + "mask_features.weight", 4)[0],
        heads=heads,
        encoder_layers=sizes.count(HEAD + "transformer.encoder.layers."),
        encoder_ffn=sizes.shape(HEAD + "transformer.encoder.layers.0.linear1.weight", 2)[0],
        decoder_layers=sizes.count(PREDICTOR + "transformer_ffn_layers."),
        decoder_ffn=decoder_ffn,
        queries=queries,
    )


class _Sizes:
    """Shapes by name, and how many layers of a kind there are."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.shapes = {present_name(key): value.shape for key, value in tensors.items()}

    def has(self, start: str) -> bool:
        return any(name.startswith(start) for name in self.shapes)

    def shape(self, name: str, dimensions: int) -> Size:
        if name not in self.shapes:
            raise UnfitWeights(f"These weights make no CropFormer: they lack {name}.", missing=[name])
        shape = self.shapes[name]
        if len(shape) != dimensions:
            raise UnfitWeights(
                f"{name} has the shape {tuple(shape)}; {dimensions} dimensions were expected.",
                misshapen=[name],
            )
        return shape

    def count(self, start: str) -> int:
        """How many numbers follow ``start`` in the names: 0, 1, 2 … without a gap."""
        pattern = re.compile(re.escape(start) + r"(\d+)\.")
        found = {int(match[1]) for name in self.shapes if (match := pattern.match(name))}
        gaps = sorted(set(range(min(max(found, default=-1) + 1, 2 * len(found)))) - found)
        if gaps:
            raise UnfitWeights(
                f"These weights lack {start}{gaps[0]}, though not what follows it.",
                missing=[f"{start}{number}" for number in gaps],
            )
        return len(found)


def _refuse_other_classes(sizes: _Sizes) -> None:
    outputs = sizes.shape(PREDICTOR + "class_embed.weight", 2)[0]
    if outputs != CLASS_OUTPUTS:
        raise UnfitWeights(
            f"The class head has {outputs} outputs, so these weights were trained on {outputs - 1} classes "
            "(instance, semantic or panoptic segmentation). Tessera's model only tells entity from no "
            "entity, 2 outputs: take a checkpoint of entity segmentation.",
            misshapen=[PREDICTOR + "class_embed.weight"],
        )


def _association(sizes: _Sizes, decoder_ffn: int) -> dict[str, Any]:
    """Settings of the association; without one the network is a plain Mask2Former."""
    if not sizes.has(PREDICTOR + "make_3d."):
        return {"association_layers": 0, "variant": MASK2FORMER}
    inner = sizes.shape(PREDICTOR + "make_3d.enc_ffn_3d.0.linear1.weight", 2)[0]
    return {
        "association_layers": sizes.count(PREDICTOR + "make_3d.enc_crosattn_3d."),
        "association_ffn": None if inner == decoder_ffn else inner,
        "variant": Variant(),
    }


def _backbone(sizes: _Sizes) -> dict[str, Any]:
    if sizes.has("backbone.patch_embed."):
        return _swin(sizes)
    if sizes.has("backbone.downsample_layers."):
        return _hornet(sizes)
    if sizes.has("backbone.stem."):
        return _resnet(sizes)
    raise UnfitWeights(
        "The backbone is none of Swin, HorNet and ResNet: there is no backbone.patch_embed, "
        "backbone.downsample_layers or backbone.stem."
    )


def _swin(sizes: _Sizes) -> dict[str, Any]:
    tables = [
        sizes.shape(f"backbone.layers.{stage}.blocks.0.attn.relative_position_bias_table", 2)
        for stage in range(STAGES)
    ]
    return {
        "backbone": "swin",
        "embed_dim": sizes.shape("backbone.patch_embed.proj.weight", 4)[0],
        "depths": tuple(sizes.count(f"backbone.layers.{stage}.blocks.") for stage in range(STAGES)),
        "backbone_heads": tuple(table[1] for table in tables),
        "window": (math.isqrt(tables[0][0]) + 1) // 2,
    }


def _hornet(sizes: _Sizes) -> dict[str, Any]:
    stages = range(STAGES)
    return {
        "backbone": "hornet",
        "embed_dim": sizes.shape("backbone.downsample_layers.0.0.weight", 4)[0],
        "depths": tuple(sizes.count(f"backbone.stages.{stage}.") for stage in stages),
        "orders": tuple(sizes.count(f"backbone.stages.{stage}.0.gnconv.pws.") + 1 for stage in stages),
        "filters": tuple(_filter_size(sizes, stage) for stage in stages),
    }


def _filter_size(sizes: _Sizes, stage: int) -> tuple[int, int]:
    name = f"backbone.stages.{stage}.0.gnconv.dwconv.complex_weight"
    if not sizes.has(name):
        return 0, 0
    _, height, width, _ = sizes.shape(name, 4)
    return height, width


def _resnet(sizes: _Sizes) -> dict[str, Any]:
    names = [f"backbone.res{stage + 2}.0" for stage in range(STAGES)]
    if not sizes.has(names[0] + ".conv3."):
        raise UnfitWeights(
            f"This ResNet has no bottlenecks (no {names[0]}.conv3): take one of 50 layers or more."
        )
    return {
        "backbone": "resnet",
        "embed_dim": sizes.shape("backbone.stem.conv1.weight", 4)[0],
        "depths": tuple(sizes.count(name.removesuffix("0")) for name in names),
        "bottlenecks": tuple(sizes.shape(name + ".conv1.weight", 4)[0] for name in names),
        "stage_widths": tuple(sizes.shape(name + ".conv3.weight", 4)[0] for name in names),
    }
