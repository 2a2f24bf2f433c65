"""Published weights run as published, plainly written out, at sizes the golden values do not have."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from annotation_server.segmentation.scenes import make_scene
from ml_worker.checkpoints import Checkpoint
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.variants import MASK2FORMER
from ml_worker.predict import Predictor
from tests.ml_worker.conftest import TINY
from tests.ml_worker.golden import nano_tensors, published_tensors
from tests.ml_worker.plain_cropformer import PlainCropFormer

ATOL, RTOL = 1e-4, 2e-5
TINY_MASK2FORMER = replace(TINY, association_layers=0, variant=MASK2FORMER, queries=120)


@pytest.fixture(scope="module")
def plain() -> PlainCropFormer:
    return PlainCropFormer(nano_tensors(), layers=3, heads=8)


@pytest.mark.parametrize(
    ("size", "short_side"),
    [((150, 201), 96), ((33, 47), 64), ((101, 37), 64)],
    ids=["views of two sizes", "smaller than a window", "upright"],
)
def test_every_level_agrees_with_the_model_written_plainly(
    plain: PlainCropFormer, nano_checkpoint: Checkpoint, size: tuple[int, int], short_side: int
) -> None:
    rgb, _ = make_scene(7, *size)
    predictor = Predictor(nano_checkpoint, parity=True, short_side=short_side, long_side=1333)
    seen, wanted = predictor.forward_views(rgb), plain.forward_views(rgb, short_side, 1333)
    assert set(wanted) <= set(seen)
    for name, tensor in wanted.items():
        np.testing.assert_allclose(seen[name], tensor.numpy(), atol=ATOL, rtol=RTOL, err_msg=name)


def test_a_plain_mask2former_sees_the_full_image_and_keeps_a_hundred_masks(tmp_path: Path) -> None:
    tensors = published_tensors(TINY_MASK2FORMER) | {"criterion.empty_weight": torch.ones(2)}
    torch.save({"model": tensors}, tmp_path / "mask2former.pth")
    predictor = Predictor.from_checkpoint(tmp_path / "mask2former.pth", parity=True, short_side=64)
    rgb, _ = make_scene(8, 60, 90)
    seen = predictor.forward_views(rgb)
    assert seen["class_2d"].shape == (1, 120, 2)
    assert not [name for name in seen if "3d" in name or "crop" in name]
    prediction = predictor.predict(rgb)
    best = np.argsort(-torch.tensor(seen["class_2d"][0]).softmax(-1)[:, 0].numpy(), kind="stable")[:100]
    assert prediction.queries == best.tolist()
    shown = seen["fused_prob"][best] > 0.5
    first = np.where(shown.any(0), shown.argmax(0) + 1, 0)
    assert np.array_equal(prediction.label_map, first)


def test_parity_scores_masks_twice_through_the_sigmoid_and_keeps_what_is_empty(
    nano_checkpoint: Checkpoint,
) -> None:
    rgb, _ = make_scene(9, 60, 90)
    sides = {"short_side": 64, "long_side": 128}
    published = Predictor(nano_checkpoint, parity=True, **sides).predict(rgb)
    ours = Predictor(nano_checkpoint, **sides, min_area=0, min_share=0.0).predict(rgb)
    factors = np.array(published.scores) / published.class_scores
    visible = np.array(published.areas) > 0
    assert len(published.scores) == 20 > len(ours.scores) == visible.sum()
    assert (factors[visible] > 0.6224).all() and (factors[visible] < 0.7311).all()
    assert (factors[~visible] == 0).all()
    qualities = np.array(ours.scores) / ours.class_scores
    assert ((qualities > 0.5) & (qualities <= 1)).all()
    assert ours.queries == [query for query, shows in zip(published.queries, visible, strict=True) if shows]


def test_equal_scores_are_ordered_by_query() -> None:
    torch.manual_seed(1)
    model = CropFormer(TINY).eval()
    with torch.no_grad():
        model.decoder.class_embed.weight.zero_()  # every query scores the same
    predictor = Predictor(Checkpoint(TINY, model.state_dict(), ""), parity=True, short_side=64, long_side=96)
    assert predictor.predict(make_scene(1, 60, 80)[0]).queries == list(range(TINY.queries))
