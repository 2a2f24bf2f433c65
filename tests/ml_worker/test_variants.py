"""Every variant is one model: it builds, learns with all its weights, paints what it says, is kept whole."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ml_worker.checkpoints import load_checkpoint, save_weights
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.losses import Entities, cropformer_losses
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.position import sine_position_view, view_position
from ml_worker.cropformer.variants import MASK2FORMER, PUBLISHED, VIDEO_MASK2FORMER, VITA, Variant
from ml_worker.predict import Predictor
from tests.ml_worker.conftest import TINY

VARIANTS = {
    "published": PUBLISHED,
    "mask2former": MASK2FORMER,
    "video": VIDEO_MASK2FORMER,
    "video with single views": replace(VIDEO_MASK2FORMER, image_loss="all"),
    "vita": VITA,
    "two decoders": Variant(shared_decoder=False),
    "two video decoders": Variant(fusion="video", shared_decoder=False),
    "batch loss only": Variant(image_loss="none"),
    "losses on parts": Variant(image_loss="full", batch_loss="crops"),
    "no association": Variant(association_parts=()),
    "cross alone": Variant(association_parts=("cross",)),
    "three views": Variant(train_views=3, train_crops="eight", view_angles="as_trained"),
}
SMALL = replace(TINY, decoder_layers=3, queries=6, decoder_ffn=32, encoder_ffn=32)


def built(variant: Variant, **sizes: int) -> CropFormer:
    torch.manual_seed(0)
    return CropFormer(replace(SMALL, variant=variant, **sizes)).eval()


def picture(views: int, images: int = 1) -> Tensor:
    return torch.randn(images, views, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def two_entities(views: int) -> list[Entities]:
    """Left and right in the full view; the right one is not in the crops."""
    labels = torch.zeros(views, 64, 64, dtype=torch.long)
    labels[:, :, :32] = 1
    labels[0, :, 32:] = 2
    return [Entities(labels, torch.tensor([1, 2]))]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_weight_a_variant_has_learns(name: str) -> None:
    variant = VARIANTS[name]
    model = built(variant).train()
    output = model(picture(variant.train_views))
    losses = cropformer_losses(output, two_entities(variant.train_views), points=64, variant=variant)
    losses.total.backward()
    assert {key.rsplit("_", 1)[1] for key in losses.terms} == set(variant.supervision)
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, f"{key} takes no part"
        assert torch.isfinite(parameter.grad).all(), key


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_survives_json(name: str) -> None:
    variant = VARIANTS[name]
    assert Variant.from_dict(json.loads(json.dumps(variant.to_dict()))) == variant


@pytest.mark.parametrize("name", ["mask2former", "video", "vita", "two decoders", "cross alone"])
def test_a_checkpoint_keeps_its_variant_and_predicts(name: str, tmp_path: Path) -> None:
    model = built(VARIANTS[name])
    save_weights(tmp_path / "model.safetensors", model, {"short_side": 64, "min_area": 1})
    predictor = Predictor.from_checkpoint(tmp_path / "model.safetensors")
    assert predictor.model.arch == model.arch
    prediction = predictor.predict(np.random.default_rng(0).integers(0, 255, (64, 70, 3), np.uint8))
    assert prediction.label_map.shape == (64, 70)


def test_a_header_without_a_variant_is_the_published_model(tmp_path: Path) -> None:
    old = built(PUBLISHED).arch.to_dict()
    del old["variant"]
    assert Architecture.from_dict(json.loads(json.dumps(old))).variant == PUBLISHED
    assert Architecture(association_layers=0).variant == MASK2FORMER


def test_mask2former_is_the_image_level_of_the_same_weights(tmp_path: Path) -> None:
    whole, plain = built(PUBLISHED), built(MASK2FORMER)
    plain.load_state_dict(
        {key: value for key, value in whole.state_dict().items() if key in plain.state_dict()}
    )
    with torch.inference_mode():
        features = whole.pixel_level(picture(1)[0])
        alone, output = whole.decode_views(features), plain(picture(1))
        scores, masks = plain.shown(output, 1)
    assert output.joint is None
    assert torch.equal(masks[:, :, 0], alone.mask_logits()[:, :, 0])
    assert torch.equal(scores, alone.class_logits[-1].softmax(-1)[..., 0])


def test_association_reads_the_crops_through_cross_attention_alone() -> None:
    queries = torch.randn(1, 3, 6, SMALL.hidden)
    other_crops = torch.cat([queries[:, :1], torch.randn(1, 2, 6, SMALL.hidden)], 1)
    position = torch.randn(6, SMALL.hidden)
    for parts, reads_crops in (
        ((), False),
        (("self", "ffn"), False),
        (("cross",), True),
        (("cross", "self", "ffn"), True),
    ):
        associate = built(Variant(association_parts=parts)).association
        said = associate(queries, position)
        assert torch.equal(said, associate(other_crops, position)) != reads_crops
        assert torch.equal(said, queries[:, 0]) == (parts == ())


def test_more_association_layers_are_more_weights() -> None:
    counts = [
        sum(one.numel() for one in built(PUBLISHED, association_layers=layers).association.parameters())
        for layers in (1, 2, 3)
    ]
    assert counts == [counts[0], 2 * counts[0], 3 * counts[0]]


def test_video_queries_do_not_wait_for_single_views() -> None:
    output = built(VIDEO_MASK2FORMER)(picture(2))
    assert output.views is None
    assert tuple(output.joint.mask_logits().shape) == (1, 6, 2, 16, 16)


def test_vita_queries_see_pixels_through_tokens_only() -> None:
    model = built(VITA)
    features = model.pixel_level(picture(2)[0])
    tokens = model.decoder.norm(model.decode_views(features).queries)[None]
    first = model.object_tokens(tokens, features.mask_features[None])
    blank = model.object_tokens(tokens, torch.zeros_like(features.mask_features)[None])
    assert torch.equal(first.class_logits[-1], blank.class_logits[-1])
    assert not torch.equal(first.mask_logits(), blank.mask_logits())


def test_what_is_painted_is_a_choice_of_level_and_views() -> None:
    model = built(PUBLISHED)
    with torch.inference_mode():
        output = model(picture(5))
    for level, choice, views in (
        ("batch", "all", [0, 1, 2, 3, 4]),
        ("batch", "full", [0]),
        ("batch", "crops", [1, 2, 3, 4]),
        ("image", "full", [0]),
        ("image", "all", [0, 1, 2, 3, 4]),
    ):
        model.variant = Variant(painted_level=level, painted_views=choice)
        scores, masks = model.shown(output, 5)
        alone = output.views.mask_logits()[:, :, 0].transpose(0, 1)[None]
        source = output.joint.mask_logits() if level == "batch" else alone
        assert torch.equal(masks, source[:, :, views])
        assert tuple(scores.shape) == (1, 6)


def test_losses_on_chosen_views_ignore_the_others() -> None:
    variant = Variant(image_loss="full", batch_loss="full")
    model, targets = built(variant), two_entities(2)
    output = model(picture(2))
    labels = targets[0].labels.clone()
    labels[1] = 3 - labels[1]
    changed = [targets[0]._replace(labels=labels)]
    totals = []
    for wanted in (targets, changed):
        torch.manual_seed(3)
        totals.append(cropformer_losses(output, wanted, points=64, variant=variant).total)
    assert torch.equal(*totals)


def test_view_angles_as_trained_put_the_full_image_where_it_was() -> None:
    trained = sine_position_view(2, 32)
    kept = view_position(Variant(view_angles="as_trained"), 5, 32)
    assert torch.equal(kept[0], trained[0])
    assert all(torch.equal(crop, trained[1]) for crop in kept[1:])
    assert not torch.equal(view_position(PUBLISHED, 5, 32)[0], trained[0])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"fusion": "magic"}, "fusion is one of association"),
        ({"association_parts": ("cross", "cross")}, "association_parts"),
        ({"association_parts": ("memory",)}, "association_parts"),
        ({"crop_share": 0.3}, "crop_share"),
        ({"train_views": 6}, "train_views is 1 to 5"),
        ({"token_layers": 0}, "token_layers"),
        ({"image_loss": "none", "batch_loss": "none"}, "nothing would be learned"),
        ({"batch_loss": "none"}, "built but not supervised"),
        ({"fusion": "none"}, "no batch level to supervise"),
        ({"fusion": "none", "batch_loss": "none"}, "no batch level to paint"),
        ({"fusion": "vita", "image_loss": "none"}, "class head"),
        ({"fusion": "vita", "shared_decoder": False}, "no second decoder"),
        ({"test_crops": "none", "painted_views": "crops"}, "no crops to paint"),
        ({"train_views": 1, "image_loss": "crops"}, "A loss on crops"),
        ({"train_views": 1, "view_angles": "as_trained"}, "One view has no angle"),
        ({"colour": "red"}, "Unknown variant settings: colour"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Variant.from_dict(settings)


def test_an_association_without_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="association_layers"):
        Architecture(association_layers=0, variant=Variant(crop_share=0.6))


def test_a_checkpoint_of_one_variant_does_not_pass_for_another(tmp_path: Path) -> None:
    save_weights(tmp_path / "model.safetensors", built(MASK2FORMER), {})
    checkpoint = load_checkpoint(tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError, match="association"):
        replace(checkpoint, arch=replace(checkpoint.arch, variant=PUBLISHED)).build()
