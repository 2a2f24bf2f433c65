"""Published weights (detectron2 key layout) → our layout; the architecture is read off the tensors."""

import math
import re
from collections.abc import Mapping

import torch
from torch import Tensor

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer

SWIN = "pixel_level.module.encoder.swin."
PIXEL = "pixel_level.module.decoder."

RENAMES: tuple[tuple[str, str], ...] = (
    (r"backbone\.patch_embed\.proj\.", SWIN + r"embeddings.patch_embeddings.projection."),
    (r"backbone\.patch_embed\.norm\.", SWIN + r"embeddings.norm."),
    (
        r"backbone\.layers\.(\d+)\.blocks\.(\d+)\.norm1\.",
        SWIN + r"encoder.layers.\1.blocks.\2.layernorm_before.",
    ),
    (
        r"backbone\.layers\.(\d+)\.blocks\.(\d+)\.norm2\.",
        SWIN + r"encoder.layers.\1.blocks.\2.layernorm_after.",
    ),
    (
        r"backbone\.layers\.(\d+)\.blocks\.(\d+)\.attn\.proj\.",
        SWIN + r"encoder.layers.\1.blocks.\2.attention.o_proj.",
    ),
    (
        r"backbone\.layers\.(\d+)\.blocks\.(\d+)\.attn\.relative_position_bias_table",
        SWIN + r"encoder.layers.\1.blocks.\2.attention.relative_position_bias.relative_position_bias_table",
    ),
    (r"backbone\.layers\.(\d+)\.blocks\.(\d+)\.mlp\.", SWIN + r"encoder.layers.\1.blocks.\2.mlp."),
    (r"backbone\.layers\.(\d+)\.downsample\.", SWIN + r"encoder.layers.\1.downsample."),
    (r"sem_seg_head\.pixel_decoder\.(adapter_1|layer_1)\.norm\.", PIXEL + r"\1.1."),
    (r"sem_seg_head\.pixel_decoder\.(adapter_1|layer_1)\.weight", PIXEL + r"\1.0.weight"),
    (r"sem_seg_head\.pixel_decoder\.mask_features\.", PIXEL + r"mask_projection."),
    (r"sem_seg_head\.pixel_decoder\.input_proj\.", PIXEL + r"input_projections."),
    (r"sem_seg_head\.pixel_decoder\.transformer\.level_embed", PIXEL + r"level_embed"),
    (
        r"sem_seg_head\.pixel_decoder\.transformer\.encoder\.layers\.(\d+)\.self_attn\.",
        PIXEL + r"encoder.layers.\1.self_attn.",
    ),
    (
        r"sem_seg_head\.pixel_decoder\.transformer\.encoder\.layers\.(\d+)\.norm1\.",
        PIXEL + r"encoder.layers.\1.self_attn_layer_norm.",
    ),
    (
        r"sem_seg_head\.pixel_decoder\.transformer\.encoder\.layers\.(\d+)\.norm2\.",
        PIXEL + r"encoder.layers.\1.final_layer_norm.",
    ),
    (
        r"sem_seg_head\.pixel_decoder\.transformer\.encoder\.layers\.(\d+)\.linear([12])\.",
        PIXEL + r"encoder.layers.\1.fc\2.",
    ),
    (
        r"sem_seg_head\.predictor\.transformer_cross_attention_layers\.(\d+)\.multihead_attn\.",
        r"decoder.cross_attention.\1.attention.",
    ),
    (
        r"sem_seg_head\.predictor\.transformer_cross_attention_layers\.(\d+)\.norm\.",
        r"decoder.cross_attention.\1.norm.",
    ),
    (
        r"sem_seg_head\.predictor\.transformer_self_attention_layers\.(\d+)\.self_attn\.",
        r"decoder.self_attention.\1.attention.",
    ),
    (
        r"sem_seg_head\.predictor\.transformer_self_attention_layers\.(\d+)\.norm\.",
        r"decoder.self_attention.\1.norm.",
    ),
    (r"sem_seg_head\.predictor\.transformer_ffn_layers\.", r"decoder.feed_forward."),
    (
        r"sem_seg_head\.predictor\.make_3d\.enc_crosattn_3d\.(\d+)\.multihead_attn\.",
        r"association.cross_attention.\1.attention.",
    ),
    (
        r"sem_seg_head\.predictor\.make_3d\.enc_crosattn_3d\.(\d+)\.norm\.",
        r"association.cross_attention.\1.norm.",
    ),
    (
        r"sem_seg_head\.predictor\.make_3d\.enc_selfattn_3d\.(\d+)\.self_attn\.",
        r"association.self_attention.\1.attention.",
    ),
    (
        r"sem_seg_head\.predictor\.make_3d\.enc_selfattn_3d\.(\d+)\.norm\.",
        r"association.self_attention.\1.norm.",
    ),
    (r"sem_seg_head\.predictor\.make_3d\.enc_ffn_3d\.", r"association.feed_forward."),
    (r"sem_seg_head\.predictor\.decoder_norm\.", r"decoder.norm."),
    (
        r"sem_seg_head\.predictor\.(query_feat|query_embed|level_embed|class_embed|mask_embed)\.",
        r"decoder.\1.",
    ),
)
FUSED_QKV = re.compile(r"backbone\.layers\.(\d+)\.blocks\.(\d+)\.attn\.qkv\.(weight|bias)")
STAGE_NORM = re.compile(r"backbone\.norm(\d)\.(weight|bias)")
BUFFERS = re.compile(r".*relative_position_index|criterion.*\.empty_weight")
OLD_PREFIX = "sem_seg_head.pixel_decoder.pixel_decoder."


class UnfitWeights(ValueError):
    """These weights are not a CropFormer's; the sentence says which tensors are wrong."""


def is_detectron2_layout(tensors: Mapping[str, Tensor]) -> bool:
    return any(key.startswith("sem_seg_head.") for key in tensors)


def convert_weights(tensors: Mapping[str, Tensor]) -> tuple[Architecture, dict[str, Tensor]]:
    """Detectron2-layout tensors → (architecture, our state dict); refuses unknown and missing keys."""
    arch = infer_architecture(tensors)
    converted: dict[str, Tensor] = {}
    unknown: list[str] = []
    for key, tensor in tensors.items():
        name = key.replace(OLD_PREFIX, "sem_seg_head.pixel_decoder.")
        if BUFFERS.fullmatch(name):
            continue
        renamed = _renamed(name, tensor)
        unknown += [] if renamed else [key]
        converted.update(renamed)
    if unknown:
        raise UnfitWeights(f"These weights hold tensors CropFormer does not have: {_listed(unknown)}.")
    with torch.device("meta"):
        wanted = CropFormer(arch).state_dict()
    missing = sorted(set(wanted) - set(converted))
    surplus = sorted(set(converted) - set(wanted))
    if missing or surplus:
        raise UnfitWeights(
            f"These weights make no CropFormer: missing {_listed(missing)}; too many {_listed(surplus)}."
        )
    misshapen = [
        f"{key} is {tuple(converted[key].shape)}, not {tuple(wanted[key].shape)}"
        for key in wanted
        if converted[key].shape != wanted[key].shape
    ]
    if misshapen:
        raise UnfitWeights(f"Tensors of another shape than the others ask for: {_listed(misshapen)}.")
    return arch, converted


def infer_architecture(tensors: Mapping[str, Tensor]) -> Architecture:
    """Read the sizes off a detectron2-layout state dict.

    The number of heads in the decoder leaves no trace in the tensors; it equals the pixel decoder's, as in
    every published configuration.
    """
    names = {key.replace(OLD_PREFIX, "sem_seg_head.pixel_decoder."): value for key, value in tensors.items()}

    def shape(key: str) -> torch.Size:
        if key not in names:
            raise UnfitWeights(f"These weights are not a CropFormer on Swin: they lack {key}.")
        return names[key].shape

    def count(pattern: str) -> int:
        found = [int(match[1]) for key in names if (match := re.match(pattern, key))]
        return max(found, default=-1) + 1

    predictor, pixel = "sem_seg_head.predictor.", "sem_seg_head.pixel_decoder."
    tables = [
        shape(f"backbone.layers.{stage}.blocks.0.attn.relative_position_bias_table") for stage in range(4)
    ]
    queries, hidden = shape(predictor + "query_feat.weight")
    offsets = shape(pixel + "transformer.encoder.layers.0.self_attn.sampling_offsets.bias")[0]
    association_layers = count(r"sem_seg_head\.predictor\.make_3d\.enc_crosattn_3d\.(\d+)\.")
    if not association_layers:
        raise UnfitWeights(
            f"These weights are a plain Mask2Former: they lack {predictor}make_3d, the association."
        )
    return Architecture(
        embed_dim=shape("backbone.patch_embed.proj.weight")[0],
        depths=tuple(count(rf"backbone\.layers\.{stage}\.blocks\.(\d+)\.") for stage in range(4)),
        backbone_heads=tuple(table[1] for table in tables),
        window=(math.isqrt(tables[0][0]) + 1) // 2,
        hidden=hidden,
        mask_dim=shape(pixel + "mask_features.weight")[0],
        heads=offsets // (3 * 4 * 2),
        encoder_layers=count(r"sem_seg_head\.pixel_decoder\.transformer\.encoder\.layers\.(\d+)\."),
        encoder_ffn=shape(pixel + "transformer.encoder.layers.0.linear1.weight")[0],
        decoder_layers=count(r"sem_seg_head\.predictor\.transformer_ffn_layers\.(\d+)\."),
        decoder_ffn=shape(predictor + "transformer_ffn_layers.0.linear1.weight")[0],
        association_layers=association_layers,
        queries=queries,
    )


def _renamed(key: str, tensor: Tensor) -> dict[str, Tensor]:
    """The tensor under our name(s); empty where the key is unknown."""
    if match := FUSED_QKV.fullmatch(key):
        stage, block, kind = match.groups()
        parts = zip("qkv", tensor.chunk(3), strict=True)
        place = f"{SWIN}encoder.layers.{stage}.blocks.{block}.attention"
        return {f"{place}.{letter}_proj.{kind}": part for letter, part in parts}
    if match := STAGE_NORM.fullmatch(key):
        stage, kind = match.groups()
        return {f"pixel_level.module.encoder.hidden_states_norms.stage{int(stage) + 1}.{kind}": tensor}
    for pattern, replacement in RENAMES:
        renamed, matches = re.subn("^" + pattern, replacement, key)
        if matches:
            return {renamed: tensor}
    return {}


def _listed(names: list[str]) -> str:
    if not names:
        return "none"
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
