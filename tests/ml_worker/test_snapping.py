"""Masks take the borders of the picture's own regions."""

import numpy as np
import pytest

from ml_worker.candidates import Candidate
from ml_worker.checkpoints import STARTER, load_checkpoint
from ml_worker.predict import Predictor
from ml_worker.prediction import Prediction
from ml_worker.predictor_options import PredictorOptions
from ml_worker.snapping import regions_of, snapped, snapped_candidates


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """A red block on grey [120, 160, 3]."""
    rgb = np.full((120, 160, 3), 120, np.uint8)
    rgb[30:90, 40:110] = (220, 40, 40)
    return rgb


def as_prediction(label_map: np.ndarray, count: int) -> Prediction:
    areas = np.bincount(label_map.ravel(), minlength=count + 1)[1:].tolist()
    scores = [0.9 - 0.1 * place for place in range(count)]
    return Prediction(label_map, scores, scores, list(range(count)), areas)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_a_coarse_mask_becomes_the_region(picture: np.ndarray) -> None:
    coarse = np.zeros(picture.shape[:2], np.uint16)
    coarse[36:96, 34:104] = 1
    coarse[:20] = 2
    found = snapped(as_prediction(coarse, 2), regions_of(picture), smallest=10)
    block = picture[..., 0] > 200
    assert overlap(coarse == 1, block) < 0.72
    assert overlap(found.label_map == 1, block) > 0.85
    assert (found.scores, found.queries, found.areas) == ([0.9], [0], [int((found.label_map == 1).sum())])


def test_what_is_left_is_numbered_without_gaps(picture: np.ndarray) -> None:
    coarse = np.full(picture.shape[:2], 3, np.uint16)
    coarse[0, :3], coarse[30:90, 40:110] = 1, 2
    found = snapped(as_prediction(coarse, 3), regions_of(picture), smallest=10)
    assert np.unique(found.label_map).tolist() == [1, 2]
    assert found.queries == [1, 2]


def test_candidates_keep_their_scores_and_are_never_empty(picture: np.ndarray) -> None:
    rough, speck = np.zeros((2, *picture.shape[:2]), bool)
    rough[33:95, 43:108] = True
    speck[0, 0] = True
    first, second = snapped_candidates([Candidate(rough, 0.8), Candidate(speck, 0.1)], regions_of(picture))
    assert first.score == 0.8 and first.mask[60, 70] and not first.mask[94, 100]
    assert np.array_equal(second.mask, speck)


def test_a_predictor_snaps_when_asked(picture: np.ndarray) -> None:
    checkpoint = load_checkpoint(STARTER)
    plain = Predictor(checkpoint, short_side=64, long_side=96, snap=False)
    asked = plain.with_options(short_side=64, long_side=96, snap=True)
    prediction, candidates = asked.predict_with_alternatives(picture)
    numbers = [number for number in np.unique(prediction.label_map) if number]
    assert numbers == list(range(1, len(prediction.scores) + 1))
    assert len(prediction.areas) == len(numbers)
    assert all(candidate.mask.shape == picture.shape[:2] for candidate in candidates)
    before = plain.predict(picture)
    assert not np.array_equal(before.label_map, prediction.label_map)
    with pytest.raises(ValueError, match="leave snap out"):
        PredictorOptions(parity=True, snap=True)
