"""Names of tensors in published checkpoints (detectron2 layout) and in ours, both ways.

``#`` stands for a number. A name that begins with one side of a pair goes on as it did on the other.
"""

import re
from collections.abc import Iterable

Pairs = tuple[tuple[str, str], ...]

ENCODER = "pixel_level.module.encoder."
PIXEL = "pixel_level.module.decoder."
HEAD = "sem_seg_head.pixel_decoder."
PREDICTOR = "sem_seg_head.predictor."
SWIN_BLOCK = ENCODER + "swin.encoder.layers.#.blocks.#."
SWIN_TABLE = "relative_position_bias_table"

BACKBONE_PAIRS: dict[str, Pairs] = {
    "swin": (
        ("backbone.patch_embed.proj.", ENCODER + "swin.embeddings.patch_embeddings.projection."),
        ("backbone.patch_embed.norm.", ENCODER + "swin.embeddings.norm."),
        ("backbone.layers.#.blocks.#.norm1.", SWIN_BLOCK + "layernorm_before."),
        ("backbone.layers.#.blocks.#.norm2.", SWIN_BLOCK + "layernorm_after."),
        ("backbone.layers.#.blocks.#.attn.proj.", SWIN_BLOCK + "attention.o_proj."),
        (
            "backbone.layers.#.blocks.#.attn." + SWIN_TABLE,
            SWIN_BLOCK + "attention.relative_position_bias." + SWIN_TABLE,
        ),
        ("backbone.layers.#.blocks.#.mlp.", SWIN_BLOCK + "mlp."),
        ("backbone.layers.#.downsample.", ENCODER + "swin.encoder.layers.#.downsample."),
        *((f"backbone.norm{i}.", f"{ENCODER}hidden_states_norms.stage{i + 1}.") for i in range(4)),
    ),
    "hornet": (
        ("backbone.downsample_layers.", ENCODER + "downsample_layers."),
        ("backbone.stages.", ENCODER + "stages."),
        *((f"backbone.norm{i}.", f"{ENCODER}norms.{i}.") for i in range(4)),
    ),
    "resnet": (
        ("backbone.stem.", ENCODER + "stem."),
        ("backbone.res#.", ENCODER + "stages.res#."),
    ),
}
HEAD_PAIRS: Pairs = (
    (HEAD + "adapter_1.norm.", PIXEL + "adapter_1.1."),
    (HEAD + "adapter_1.weight", PIXEL + "adapter_1.0.weight"),
    (HEAD + "layer_1.norm.", PIXEL + "layer_1.1."),
    (HEAD + "layer_1.weight", PIXEL + "layer_1.0.weight"),
    (HEAD + "mask_features.", PIXEL + "mask_projection."),
    (HEAD + "input_proj.", PIXEL + "input_projections."),
    (HEAD + "transformer.level_embed", PIXEL + "level_embed"),
    (HEAD + "transformer.encoder.layers.#.self_attn.", PIXEL + "encoder.layers.#.self_attn."),
    (HEAD + "transformer.encoder.layers.#.norm1.", PIXEL + "encoder.layers.#.self_attn_layer_norm."),
    (HEAD + "transformer.encoder.layers.#.norm2.", PIXEL + "encoder.layers.#.final_layer_norm."),
    (HEAD + "transformer.encoder.layers.#.linear", PIXEL + "encoder.layers.#.fc"),
    (
        PREDICTOR + "transformer_cross_attention_layers.#.multihead_attn.",
        "decoder.cross_attention.#.attention.",
    ),
    (PREDICTOR + "transformer_cross_attention_layers.#.norm.", "decoder.cross_attention.#.norm."),
    (PREDICTOR + "transformer_self_attention_layers.#.self_attn.", "decoder.self_attention.#.attention."),
    (PREDICTOR + "transformer_self_attention_layers.#.norm.", "decoder.self_attention.#.norm."),
    (PREDICTOR + "transformer_ffn_layers.", "decoder.feed_forward."),
    (
        PREDICTOR + "make_3d.enc_crosattn_3d.#.multihead_attn.",
        "association.cross_attention.#.attention.",
    ),
    (PREDICTOR + "make_3d.enc_crosattn_3d.#.norm.", "association.cross_attention.#.norm."),
    (PREDICTOR + "make_3d.enc_selfattn_3d.#.self_attn.", "association.self_attention.#.attention."),
    (PREDICTOR + "make_3d.enc_selfattn_3d.#.norm.", "association.self_attention.#.norm."),
    (PREDICTOR + "make_3d.enc_ffn_3d.", "association.feed_forward."),
    (PREDICTOR + "decoder_norm.", "decoder.norm."),
    *(
        (f"{PREDICTOR}{name}.", f"decoder.{name}.")
        for name in ("query_feat", "query_embed", "level_embed", "class_embed", "mask_embed")
    ),
)
FUSED = ("backbone.layers.#.blocks.#.attn.qkv.", SWIN_BLOCK + "attention.{}_proj.")
OLD_NAMES = (
    (HEAD + "pixel_decoder.", HEAD),
    (PREDICTOR + "static_query.", PREDICTOR + "query_feat."),
)
NOT_LEARNED = re.compile(r".*relative_position_index|criterion.*\.empty_weight|.*\.num_batches_tracked")


def present_name(key: str) -> str:
    """The name a tensor of an older checkpoint bears today."""
    for old, new in OLD_NAMES:
        if key.startswith(old):
            return new + key.removeprefix(old)
    return key


def is_learned(key: str) -> bool:
    """Whether a tensor is part of the model, and not worked out anew or used by losses only."""
    return NOT_LEARNED.fullmatch(key) is None


def our_names(key: str, backbone: str) -> list[str]:
    """Our name of a published tensor; three for Swin's fused projection (query, key, value); or none."""
    if backbone == "swin" and (fused := _renamed(key, [FUSED])):
        return [fused.format(letter) for letter in "qkv"]
    renamed = _renamed(key, (*BACKBONE_PAIRS[backbone], *HEAD_PAIRS))
    return [renamed] if renamed else []


def published_name(name: str, backbone: str) -> str:
    """The published name of one of our tensors; the fused one of Swin's three projections."""
    fused = [(FUSED[1].format(letter), FUSED[0]) for letter in "qkv"] if backbone == "swin" else []
    pairs = [(ours, published) for published, ours in (*BACKBONE_PAIRS[backbone], *HEAD_PAIRS)]
    return _renamed(name, [*fused, *pairs]) or name


def _renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    for start, new_start in pairs:
        match = re.match(re.escape(start).replace(r"\#", r"(\d+)"), name)
        if match:
            for number in match.groups():
                new_start = new_start.replace("#", number, 1)
            return new_start + name[match.end() :]
    return ""
