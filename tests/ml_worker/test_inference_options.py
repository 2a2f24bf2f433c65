"""Many images at once, one view only, painting orders, odd shapes, and options that cannot be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from annotation_server.segmentation.scenes import make_scene
from ml_worker.crops import Window
from ml_worker.fusion import View
from ml_worker.painting_order import painting_order
from ml_worker.predict import Predictor
from ml_worker.predictor_options import PredictorOptions
from tests.ml_worker.short_of_memory import hold_two_views


def test_many_images_at_once_are_predicted_as_one_by_one(tiny_checkpoint: Path) -> None:
    predictor = Predictor.from_checkpoint(tiny_checkpoint, min_area=1)
    sizes = [(64, 96), (64, 96), (96, 64), (64, 96), (70, 96)]
    images = [make_scene(seed, *size)[0] for seed, size in enumerate(sizes)]
    alone = [predictor.predict(rgb) for rgb in images]
    predictor.encoder.at_once = 64
    together = list(predictor.predict_many(iter(images), batch=2))
    assert len(together) == len(alone)
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.label_map, other.label_map)
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


def test_many_images_pass_where_memory_is_short(tiny_checkpoint: Path) -> None:
    predictor = Predictor.from_checkpoint(tiny_checkpoint, min_area=1)
    images = [make_scene(seed, 64, 96)[0] for seed in range(2)]
    alone = [predictor.predict(rgb) for rgb in images]
    passed: list[int] = []
    hold_two_views(predictor, passed)
    together = list(predictor.predict_many(images, batch=2))
    assert passed == [10, 5, 3, 2, 2, 2, 2, 2]
    assert [one.label_map.tobytes() for one in together] == [one.label_map.tobytes() for one in alone]
    assert together[0].remarks == ("Memory did not hold 3 views at once: 2 at a time.",)


def test_not_even_one_view_is_an_error(tiny_checkpoint: Path) -> None:
    predictor = Predictor.from_checkpoint(tiny_checkpoint)

    def refuse(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    predictor.model.pixel_level.register_forward_pre_hook(refuse)
    with pytest.raises(torch.OutOfMemoryError):
        predictor.predict(make_scene(1, 64, 64)[0])


def test_the_full_image_alone_is_one_view(tiny_checkpoint: Path) -> None:
    predictor = Predictor.from_checkpoint(tiny_checkpoint, full_image_only=True, min_area=1)
    rgb = make_scene(2, 64, 96)[0]
    passed: list[int] = []
    predictor.model.pixel_level.register_forward_pre_hook(lambda _, inputs: passed.append(len(inputs[0])))
    prediction, candidates = predictor.predict_with_alternatives(rgb)
    assert passed == [1]
    assert prediction.label_map.any()
    assert [candidate.score for candidate in predictor.candidates(rgb)] == [one.score for one in candidates]


def test_other_options_share_the_weights(tiny_checkpoint: Path) -> None:
    predictor = Predictor.from_checkpoint(tiny_checkpoint)
    other = predictor.with_options(score_threshold=0.25)
    assert other.model is predictor.model
    assert other.options == PredictorOptions(short_side=64, long_side=128, score_threshold=0.25)


@pytest.mark.parametrize("size", [(40, 15_000), (15_000, 40), (4, 4), (4, 700), (700, 5)])
def test_long_and_tiny_images_get_a_label_map(tiny_checkpoint: Path, size: tuple[int, int]) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    prediction = Predictor.from_checkpoint(tiny_checkpoint, min_area=1).predict(rgb)
    assert prediction.label_map.shape == size
    assert sum(prediction.areas) == int((prediction.label_map > 0).sum())


@pytest.mark.parametrize("size", [(1, 1), (3, 300), (300, 1)])
def test_an_image_without_four_corners_is_refused_with_a_sentence(
    tiny_checkpoint: Path, size: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="too small: both sides need 4 px"):
        Predictor.from_checkpoint(tiny_checkpoint).predict(np.zeros((*size, 3), np.uint8))


def test_the_painting_order_decides_who_wins() -> None:
    logits = torch.full((3, 1, 8, 8), -9.0)
    logits[0] = 1.0  # everywhere, not sure
    logits[1, :, :4] = 9.0  # the upper half, sure
    logits[2, :, :2, :2] = 3.0  # a corner
    scores = np.array([0.9, 0.8, 0.7])
    views, size = [View(Window(0, 0, 32, 32), (32, 32))], (32, 32)
    orders = {
        choice: painting_order(choice, scores, logits, views, size)
        for choice in ("class_score", "mask_score", "smallest_first")
    }
    assert orders == {"class_score": [0, 1, 2], "mask_score": [1, 0, 2], "smallest_first": [2, 1, 0]}


def test_what_shows_nowhere_is_painted_last() -> None:
    logits = torch.full((2, 1, 8, 8), -9.0)
    logits[1] = 9.0
    views, scores = [View(Window(0, 0, 32, 32), (32, 32))], np.array([0.9, 0.1])
    assert painting_order("smallest_first", scores, logits, views, (32, 32)) == [1, 0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"colour": "red"}, "no options colour"),
        ({"short_side": 31}, "32 to 4096 px, not 31"),
        ({"short_side": 800.5}, "short_side is a whole number, not 800.5"),
        ({"short_side": True}, "a whole number, not True"),
        ({"short_side": 900, "long_side": 800}, r"at least short_side \(900\)"),
        ({"score_threshold": 1.5}, "0 to 1, not 1.5"),
        ({"min_share": float("nan")}, "0 to 1, not nan"),
        ({"min_area": -1}, "0 px or more"),
        ({"split": 1}, "true or false, not 1"),
        ({"painting_order": "newest"}, "one of class_score, mask_score, smallest_first"),
        ({"precision": "int8"}, "one of float32, bfloat16, float16"),
        ({"parity": True, "painting_order": "mask_score"}, "parity paints by class score"),
    ],
)
def test_options_that_cannot_be_are_refused_with_a_sentence(options: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        PredictorOptions.settled(options, {})


def test_a_checkpoints_own_settings_count_where_nothing_was_given() -> None:
    settings = {"short_side": 96, "long_side": 128, "notes": "ours"}
    options = PredictorOptions.settled({"long_side": 160, "split": None}, settings)
    assert options == PredictorOptions(short_side=96, long_side=160)
