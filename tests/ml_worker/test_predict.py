"""Predictions are label maps that hold together, on the starter and on untrained weights."""

from pathlib import Path

import numpy as np
import pytest

from annotation_server.segmentation.rle import rle_area
from annotation_server.segmentation.scenes import make_scene
from ml_worker.evaluate import evaluate, held_out_scenes
from ml_worker.predict import Predictor
from ml_worker.prediction import Prediction
from ml_worker.predictor_options import PredictorOptions


@pytest.fixture(scope="module")
def starter() -> Predictor:
    return Predictor.from_checkpoint(short_side=128, long_side=192, min_area=16, min_share=0.0)


def assert_holds_together(prediction: Prediction) -> None:
    count = len(prediction.scores)
    numbers = np.unique(prediction.label_map)
    assert set(numbers) - {0} == set(range(1, count + 1))
    assert prediction.areas == np.bincount(prediction.label_map.ravel(), minlength=count + 1)[1:].tolist()
    assert [rle_area(rle) for rle in prediction.masks] == prediction.areas
    assert all(0 <= s <= c <= 1 for s, c in zip(prediction.scores, prediction.class_scores, strict=True))


@pytest.mark.parametrize("size", [(96, 128), (75, 117), (300, 64), (33, 500)])
def test_an_image_of_any_shape_gives_a_label_map_of_its_size(
    tiny_checkpoint: Path, size: tuple[int, int]
) -> None:
    rgb, _ = make_scene(3, *size)
    prediction = Predictor.from_checkpoint(tiny_checkpoint, min_area=1).predict(rgb)
    assert prediction.label_map.shape == size
    assert prediction.label_map.dtype == np.uint16
    assert_holds_together(prediction)
    assert prediction.class_scores == sorted(prediction.class_scores, reverse=True)


def test_the_starter_proposes_masks_that_cover_most_of_a_scene(starter: Predictor) -> None:
    figures = evaluate(starter, held_out_scenes(4, 128))
    assert figures["coverage"] > 0.6
    assert figures["mean_best_iou"] > 0.2
    assert figures["predicted"] >= 4 * 3


def test_the_same_image_gives_the_same_prediction(starter: Predictor) -> None:
    rgb, _ = make_scene(4, 128, 160)
    first, second = starter.predict(rgb), starter.predict(rgb)
    assert_holds_together(first)
    assert np.array_equal(first.label_map, second.label_map)
    assert first.scores == second.scores


def test_slivers_and_low_scores_are_left_void(tiny_checkpoint: Path) -> None:
    rgb, _ = make_scene(5, 96, 96)
    everything = Predictor.from_checkpoint(tiny_checkpoint, min_area=1).predict(rgb)
    smallest = sorted(everything.areas)[len(everything.areas) // 2]
    fewer = Predictor.from_checkpoint(tiny_checkpoint, min_area=smallest + 1).predict(rgb)
    assert_holds_together(fewer)
    assert fewer.areas == [area for area in everything.areas if area > smallest]
    threshold = sorted(everything.scores)[0]
    better = Predictor.from_checkpoint(tiny_checkpoint, min_area=1, score_threshold=threshold).predict(rgb)
    assert_holds_together(better)
    assert all(score > threshold for score in better.scores)


def test_a_share_of_the_image_can_be_the_smallest_mask(tiny_checkpoint: Path) -> None:
    rgb, _ = make_scene(5, 96, 96)
    prediction = Predictor.from_checkpoint(tiny_checkpoint, min_area=1, min_share=0.05, split=True).predict(
        rgb
    )
    assert_holds_together(prediction)
    assert prediction.areas and min(prediction.areas) >= 0.05 * 96 * 96


def test_a_threshold_nothing_passes_leaves_an_empty_label_map(tiny_checkpoint: Path) -> None:
    rgb, _ = make_scene(6, 64, 64)
    prediction = Predictor.from_checkpoint(tiny_checkpoint, score_threshold=1.0).predict(rgb)
    assert not prediction.label_map.any()
    assert prediction.masks == prediction.scores == []


def test_parity_keeps_every_query(tiny_checkpoint: Path) -> None:
    rgb, _ = make_scene(7, 64, 64)
    prediction = Predictor.from_checkpoint(tiny_checkpoint, parity=True).predict(rgb)
    assert sorted(prediction.queries) == list(range(12))
    assert len(prediction.masks) == 12
    empty = [area == 0 for area in prediction.areas]
    assert [score == 0 for score in prediction.scores] == empty


def test_progress_rises_to_one(tiny_checkpoint: Path) -> None:
    reached: list[float] = []
    Predictor.from_checkpoint(tiny_checkpoint).predict(make_scene(8, 64, 64)[0], progress=reached.append)
    assert reached == sorted(reached)
    assert len(reached) > 5
    assert reached[-1] == 1.0


@pytest.mark.parametrize(
    "image",
    [np.zeros((40, 40), np.uint8), np.zeros((40, 40, 3), np.float32), np.zeros((40, 40, 4), np.uint8)],
)
def test_anything_but_rgb_bytes_is_refused(tiny_checkpoint: Path, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="RGB bytes"):
        Predictor.from_checkpoint(tiny_checkpoint).predict(image)


def test_settings_come_from_the_caller_then_the_checkpoint(tiny_checkpoint: Path) -> None:
    own = Predictor.from_checkpoint(tiny_checkpoint)
    assert own.options == PredictorOptions(short_side=64, long_side=128)
    given = Predictor.from_checkpoint(tiny_checkpoint, short_side=96, score_threshold=0.5)
    assert (given.options.short_side, given.options.score_threshold) == (96, 0.5)
