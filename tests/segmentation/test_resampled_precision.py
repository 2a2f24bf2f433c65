"""AP of resamples against COCO's AP over as many copies, and what the paired bootstrap makes of it."""

import numpy as np
import pytest

from annotation_server.segmentation.average_precision import ImagePairs, Matches, curves, match_all, summary
from annotation_server.segmentation.resampled_precision import (
    WeightedPrecision,
    image_precisions,
    paired_bootstrap,
)


def image(random: np.random.Generator, true: int, found: int, *, crowd: bool = False) -> ImagePairs:
    """Detections with a partner each, as far as there are any; some lie in a crowd instead."""
    partners = min(true, found)
    in_crowd = np.flatnonzero(random.random(found) < 0.3) if crowd else np.empty(0, np.int64)
    return ImagePairs(
        scores=random.random(found),
        areas=np.full(found, 50.0),
        true_areas=np.full(true + crowd, 50.0),
        crowd=np.array([False] * true + [True] * crowd, bool),
        d=np.concatenate((random.permutation(found)[:partners], in_crowd)),
        g=np.concatenate((random.permutation(true)[:partners], np.full(in_crowd.size, true))),
        iou=np.concatenate((random.uniform(0.3, 1, partners), random.uniform(0.4, 1, in_crowd.size))),
    )


def ap(images: list[ImagePairs]) -> float:
    return summary(curves([images]))["AP"]


@pytest.fixture(scope="module")
def images() -> list[ImagePairs]:
    """Usual ones, one with crowds, one with more than 100 detections, empty ones on either side."""
    random = np.random.default_rng(3)
    sizes = [(5, 7), (8, 3), (0, 4), (6, 0), (0, 0), (9, 120), (4, 4)]
    return [image(random, true, found) for true, found in sizes] + [image(random, 5, 12, crowd=True)]


@pytest.fixture(scope="module")
def matches(images: list[ImagePairs]) -> Matches:
    return match_all(images)


def test_all_images_once_is_the_coco_figure_to_the_last_digit(
    images: list[ImagePairs], matches: Matches
) -> None:
    assert WeightedPrecision(matches).of(np.ones((1, len(images)), np.int64)).tolist() == [ap(images)]


def test_a_weight_is_as_many_copies(images: list[ImagePairs], matches: Matches) -> None:
    weights = np.random.default_rng(1).multinomial(len(images), np.ones(len(images)) / len(images), size=12)
    copied = [[one for one, count in zip(images, row, strict=True) for _ in range(count)] for row in weights]
    assert WeightedPrecision(matches).of(weights).tolist() == [ap(resample) for resample in copied]


def test_an_image_alone_has_its_own_ap(images: list[ImagePairs], matches: Matches) -> None:
    alone = image_precisions(matches)
    for one, found in zip(images, alone, strict=True):
        assert found == ap([one]) if (~one.crowd).any() else np.isnan(found)


def test_a_resample_without_true_masks_has_none(images: list[ImagePairs], matches: Matches) -> None:
    weights = np.zeros((2, len(images)), np.int64)
    weights[0, 2] = weights[1, 0] = 3
    assert np.isnan(WeightedPrecision(matches).of(weights)).tolist() == [True, False]


def test_the_same_seed_gives_the_same_digits(images: list[ImagePairs], matches: Matches) -> None:
    random = np.random.default_rng(4)
    other = match_all([image(random, one.crowd.size - int(one.crowd.sum()), 6) for one in images])
    first = paired_bootstrap(matches, other, seed=5, resamples=300)
    assert first == paired_bootstrap(matches, other, seed=5, resamples=300)
    assert first != paired_bootstrap(matches, other, seed=6, resamples=300)
    assert first.low < first.second - first.first < first.high
    back = paired_bootstrap(other, matches, seed=5, resamples=300)
    assert (back.low, back.high) == pytest.approx((-first.high, -first.low))
    assert back.probability == pytest.approx(1 - first.probability)


def test_different_images_and_no_true_masks_are_refused(images: list[ImagePairs], matches: Matches) -> None:
    with pytest.raises(ValueError, match="same images"):
        paired_bootstrap(matches, match_all(images[1:]), seed=0)
    empty = match_all([images[2], images[4]])
    with pytest.raises(ValueError, match="Without a true mask"):
        paired_bootstrap(empty, empty, seed=0)
