"""A predicted map's figures: the digits of the COCO evaluation and of PQ, from one pass over the runs."""

import json
from typing import Any

import numpy as np
import pytest

from annotation_server.segmentation.boundary import VOID_REGION, band_histogram, label_map_bands
from annotation_server.segmentation.image_figures import BadFigures, ImageFigures, compare_maps
from annotation_server.segmentation.instance_evaluation import evaluate
from annotation_server.segmentation.matching import joint_histogram_dense
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.segmentation.panoptic_quality import Counts, quality
from annotation_server.segmentation.rle import label_map_rles, rle_area
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from tests.segmentation.pixel_sets import counts_by_definition

Sample = tuple[np.ndarray, np.ndarray, dict[int, float]]


def sample(seed: int) -> Sample:
    """A scene whose corner nobody labelled, a map that is a little off it, and scores."""
    random = np.random.default_rng(seed)
    _, scene = make_scene(seed, 90, 120)
    truth, found = scene.copy(), np.roll(scene, int(random.integers(2)), axis=0)
    truth[: random.integers(40), :45] = 0
    found[random.random(found.shape) < 0.01] = 0
    numbers = np.unique(found[found > 0]).tolist()
    return truth, found, dict(zip(numbers, random.permutation(len(numbers)) / 100, strict=True))


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [sample(seed) for seed in range(4)]


@pytest.fixture(scope="module")
def figures(samples: list[Sample]) -> list[ImageFigures]:
    return [
        compare_maps(pack_map(truth), pack_map(found), scores, image=image)
        for image, (truth, found, scores) in enumerate(samples)
    ]


def coco(samples: list[Sample]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The same as COCO files, VOID of the truth as a crowd."""
    images, true, guesses = [], [], []
    for image, (truth, found, scores) in enumerate(samples):
        images.append({"id": image, "height": truth.shape[0], "width": truth.shape[1]})
        void = label_map_rles((truth == 0).astype(np.uint16))
        for crowd, rles in ((0, label_map_rles(truth)), (1, void)):
            true += [
                {"image_id": image, "iscrowd": crowd, "segmentation": rle, "area": rle_area(rle)}
                for rle in rles.values()
            ]
        guesses += [
            {"image_id": image, "score": scores[number], "segmentation": rle}
            for number, rle in label_map_rles(found).items()
        ]
    return {"images": images, "annotations": true}, guesses


def test_the_digits_are_those_of_the_coco_evaluation(
    samples: list[Sample], figures: list[ImageFigures]
) -> None:
    ours = model_figures(figures)
    expected, by_boundary = (evaluate(*coco(samples), boundary=boundary) for boundary in (False, True))
    assert {name: ours[name] for name in expected} == expected
    assert [ours[f"boundary_{name}"] for name in ("AP", "AP50", "AP75")] == [
        by_boundary[name] for name in ("AP", "AP50", "AP75")
    ]
    assert 0.05 < ours["boundary_AP"] < ours["AP"] < 0.9


def test_pq_leaves_void_out_of_the_union(samples: list[Sample], figures: list[ImageFigures]) -> None:
    for (truth, found, _), ours in zip(samples, figures, strict=True):
        true = counts_by_definition(truth, found)[1]
        assert ours.panoptic == Counts(true.hits, true.false_alarms, true.misses, pytest.approx(true.iou))
    total = model_figures(figures[:1])
    assert total["PQ"] == quality({1: figures[0].panoptic}, [1]).pq


def test_coverage_and_best_ious_judge_labelled_pixels_only() -> None:
    truth = np.zeros((40, 40), np.uint16)
    truth[:, :20] = 9
    everywhere = compare_maps(pack_map(truth), pack_map(np.full((40, 40), 3, np.uint16)), {3: 0.5})
    assert (everywhere.best_ious.tolist(), everywhere.covered, everywhere.annotated) == ([1.0], 800, 800)
    elsewhere = np.zeros((40, 40), np.uint16)
    elsewhere[:10, :20], elsewhere[:, 30:] = 1, 2
    found = compare_maps(pack_map(truth), pack_map(elsewhere), {1: 0.5, 2: 0.9})
    assert (found.best_ious.tolist(), found.covered) == ([0.25], 200)
    summed = model_figures([found])
    # The mask in VOID, though it has the best score, is overlooked; the other is a false alarm.
    assert (summed["AP"], summed["coverage"], summed["predicted"]) == (0.0, 0.25, 2)
    assert found.panoptic.false_alarms == 1


def test_bands_of_a_tall_map_are_those_of_the_whole() -> None:
    random = np.random.default_rng(2)
    truth, found = (
        np.kron(random.integers(0, 4, (90, 3)), np.ones((15, 20))).astype(np.uint16) for _ in range(2)
    )
    region = np.where(truth == 0, VOID_REGION, truth).astype(np.uint16)
    expected = joint_histogram_dense(label_map_bands(region, 7), label_map_bands(found, 7))
    ours = band_histogram(pack_map(truth), pack_map(found), 7)
    for column in ("a", "b", "pixels"):
        assert getattr(ours, column).tolist() == getattr(expected, column).tolist()


@pytest.mark.parametrize(("true", "found"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_nothing_on_either_side_is_no_error(true: int, found: int) -> None:
    maps = [pack_map(np.full((5, 7), number, np.uint16)) for number in (true, found)]
    figures = compare_maps(*maps, {1: 1.0})
    summed = model_figures([figures])
    assert (figures.true_areas.size, figures.scores.size) == (true, found)
    assert summed["AP"] == (-1 if not true else pytest.approx(float(found)))
    assert summed["coverage"] == (-1 if not true else found)


def test_maps_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compare_maps(pack_map(np.ones((4, 5), np.uint16)), pack_map(np.ones((5, 4), np.uint16)), {1: 1.0})


def test_json_keeps_every_digit(figures: list[ImageFigures]) -> None:
    again = [ImageFigures.from_dict(json.loads(json.dumps(one.to_dict()))) for one in figures]
    assert model_figures(again) == model_figures(figures)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"scores": [0.5]}, "not of one length"),
        ({"pairs": [[99, 0, 0.7]]}, "a mask that there is not"),
        ({"boundary_pairs": [[0, 0, 1.7]]}, "between 0 and 1"),
        ({"covered_px": 10**9}, "do not add up"),
        ({"panoptic": {"hits": 1, "colour": 2}}, "not one of an image's figures"),
        ({"areas": "many"}, "not one of an image's figures"),
        ({"pairs": None}, "not one of an image's figures"),
    ],
)
def test_records_that_cannot_be_true_are_refused(
    figures: list[ImageFigures], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadFigures, match=sentence):
        ImageFigures.from_dict(figures[0].to_dict() | change)


def test_a_score_that_is_no_number_is_refused(figures: list[ImageFigures]) -> None:
    record = figures[0].to_dict()
    with pytest.raises(BadFigures, match="not a finite number"):
        ImageFigures.from_dict(record | {"scores": [float("nan")] * len(record["scores"])})
