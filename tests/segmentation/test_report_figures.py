"""The figures of a report: every part against another way to it, and the same bytes every time."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotation_server.segmentation.average_precision import match_all
from annotation_server.segmentation.image_figures import BadFigures, ImageFigures, compare_maps
from annotation_server.segmentation.mask_figures import compare_masks
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.segmentation.report_comparison import compare_reports
from annotation_server.segmentation.report_figures import per_image, report_figures
from annotation_server.segmentation.resampled_precision import paired_bootstrap
from annotation_server.segmentation.rle import BadRle, label_map_rles
from annotation_server.segmentation.scored_pairs import scored_pairs
from annotation_server.segmentation.similarity import identity
from annotation_server.segmentation.tiled_map import pack_map
from tests.segmentation.named_scenes import KINDS, Scene


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [Scene(seed) for seed in range(6)]


@pytest.fixture(scope="module")
def images(scenes: list[Scene]) -> list[ImageFigures]:
    return [scene.figures() for scene in scenes]


def halves(left: int, right: int, split: int = 4) -> np.ndarray:
    """Uint16 [8, 8]: the first ``split`` columns bear one number, the rest another."""
    label_map = np.full((8, 8), right, np.uint16)
    label_map[:, :split] = left
    return label_map


def test_it_works(images: list[ImageFigures]) -> None:
    figures = report_figures(
        images, similarity=identity(), kinds=KINDS, sources={0: "park", 1: "street"}, resamples=50
    )
    whole = model_figures(images)
    for name in ("AP", "AP50", "AP75", "APs", "AR@1", "AR@10", "AR@100"):
        assert figures["ap"][name] == whole[name]
    assert figures["boundary"]["AP"] == whole["boundary_AP"]
    assert figures["panoptic"]["agnostic"]["pq"] == whole["PQ"]
    assert figures["coverage"] == whole["coverage"]
    assert figures["open"]["AP"] == figures["class_aware"]["AP"] > 0
    assert figures["open"]["PQ"] == figures["panoptic"]["all"]["pq"] > 0
    assert figures["open"]["mIoU"] == figures["semantic"]["miou"] > 0
    parts = [figures["panoptic"][part] for part in ("things", "stuff")]
    assert sum(part["pq"] * part["categories"] for part in parts) == pytest.approx(
        figures["panoptic"]["all"]["pq"] * 5
    )
    low, high = figures["intervals"]["AP"]
    assert low < figures["ap"]["AP"] < high
    assert np.mean(figures["curves"]["precision"]["mean"]) == pytest.approx(figures["ap"]["AP"])
    assert [row["source"] for row in figures["by_source"]] == ["", "park", "street"]
    assert sum(row["true"] for row in figures["by_source"]) == figures["true_entities"]
    terms = figures["by_term"]
    assert np.mean([row["AP"] for row in terms]) == pytest.approx(figures["class_aware"]["AP"])
    assert np.mean([row["PQ"] for row in terms]) == pytest.approx(figures["panoptic"]["all"]["pq"])
    assert np.mean([row["IoU"] for row in terms]) == pytest.approx(figures["semantic"]["miou"])


def test_the_same_figures_give_the_same_bytes_also_from_their_records(images: list[ImageFigures]) -> None:
    again = [ImageFigures.from_dict(json.loads(json.dumps(one.to_dict()))) for one in images]
    texts = {
        json.dumps(report_figures(side, kinds=KINDS, resamples=50), allow_nan=False)
        for side in (images, again)
    }
    assert len(texts) == 1


def test_records_from_before_terms_and_segments_are_read(images: list[ImageFigures]) -> None:
    new = ("numbers", "true_numbers", "segments", "terms", "true_terms", "named_segments", "semantic")
    rest = ("void", "order", "is_disjoint")
    records = [
        {name: value for name, value in one.to_dict().items() if name not in new + rest} for one in images
    ]
    figures = report_figures([ImageFigures.from_dict(record) for record in records], resamples=10)
    assert figures["ap"]["AP"] == model_figures(images)["AP"]
    assert figures["panoptic"]["agnostic"]["pq"] == model_figures(images)["PQ"]
    assert (figures["class_aware"], figures["semantic"], figures["by_term"]) == (None, None, [])
    assert all(row["PQ"] is None and row["true"] >= 0 for row in figures["by_size"])


@pytest.mark.parametrize("change", [{"order": "best"}, {"terms": [1]}, {"segments": [1]}])
def test_records_that_cannot_be_true_are_refused(images: list[ImageFigures], change: dict) -> None:
    with pytest.raises(BadFigures):
        ImageFigures.from_dict(images[0].to_dict() | change)


@pytest.mark.parametrize("void", ["crowd", "background"])
def test_masks_give_the_figures_of_maps(scenes: list[Scene], void: str) -> None:
    for scene in scenes[:3]:
        by_map = scene.figures(void=void).to_dict()
        by_mask = compare_masks(
            label_map_rles(scene.truth),
            label_map_rles(scene.found),
            scene.scores,
            width=80,
            height=60,
            image=scene.image,
            terms=scene.terms,
            true_terms=scene.true_terms,
            void=void,
        ).to_dict()
        assert by_mask == {name: value for name, value in by_map.items() if name != "semantic"}


def test_masks_that_overlap_have_no_panoptic_quality() -> None:
    whole, left = ({"size": [2, 4], "counts": counts} for counts in ([0, 8], [0, 4, 4]))
    figures = compare_masks({1: whole}, {1: whole, 2: left}, {1: 0.5, 2: 0.9}, width=4, height=2)
    report = report_figures([figures], resamples=10)
    assert (report["is_disjoint"], report["panoptic"], report["semantic"]) == (False, None, None)
    # The left half, first in the ranking, has IoU .5: it is the hit at .5, the whole at all others.
    assert report["ap"]["AP50"] == pytest.approx(1.0)
    assert report["ap"]["AP75"] == pytest.approx(0.5)
    assert report["f1"]["50"] == pytest.approx(2 / 3)
    with pytest.raises(BadRle, match="Predicted mask 7 is of size"):
        compare_masks({}, {7: whole}, {7: 1.0}, width=5, height=2)


def test_a_crowd_forgives_what_lies_in_it() -> None:
    true, crowd, found = ({"size": [1, 8], "counts": counts} for counts in ([0, 2, 6], [4, 4], [5, 3]))
    figures = compare_masks(
        {1: true}, {1: true, 2: found}, {1: 0.5, 2: 0.9}, width=8, height=1, crowds=[crowd]
    )
    assert report_figures([figures], resamples=10)["ap"]["AP"] == pytest.approx(1.0)
    without = compare_masks({1: true}, {1: true, 2: found}, {1: 0.5, 2: 0.9}, width=8, height=1)
    assert report_figures([without], resamples=10)["ap"]["AP"] == pytest.approx(0.5)


def test_void_forgives_only_where_it_is_a_crowd() -> None:
    truth, found = halves(1, 0), halves(1, 2)
    for void, ap, alarms in (("crowd", 1.0, 0), ("background", 0.5, 1)):
        one = compare_maps(pack_map(truth), pack_map(found), {1: 0.5, 2: 0.9}, void=void)
        report = report_figures([one], resamples=10)
        assert report["ap"]["AP"] == pytest.approx(ap)
        assert report["panoptic"]["agnostic"]["false_alarms"] == alarms


def test_equal_scores_are_ordered_as_stated_over_all_images() -> None:
    # A false alarm of 64 px in the second image, hits of 16 and 48 px in the first.
    pictures = [
        (halves(1, 2, 2), halves(1, 2, 2)),
        (halves(0, 0), halves(1, 1)),
    ]
    for order, ap in (("largest", 2 / 3), ("smallest", 1.0)):
        images = [
            compare_maps(pack_map(a), pack_map(b), {1: 1.0, 2: 1.0}, image=i, order=order, void="background")
            for i, (a, b) in enumerate(pictures)
        ]
        ranks = np.concatenate([one.scores for one in scored_pairs(images)])
        areas = np.concatenate([one.areas for one in images])
        assert areas[np.argsort(-ranks)].tolist() == sorted(areas, reverse=order == "largest")
        assert report_figures(images, resamples=10)["ap"]["AP"] == pytest.approx(ap)
    with pytest.raises(ValueError, match="one rule"):
        report_figures([images[0], replace(images[1], order="number")])


def test_confused_names_are_counted_with_what_they_share() -> None:
    truth, found = halves(1, 2), halves(1, 2, 5)
    one = compare_maps(
        pack_map(truth), pack_map(found), {1: 0.5, 2: 0.9}, terms={1: 7, 2: 8}, true_terms={1: 9, 2: 8}
    )
    report = report_figures([one], resamples=10)
    assert report["confusion"] == [{"true": 9, "found": 7, "count": 1, "pixels": 32}]
    assert [(row["term"], row["true"], row["found"], row["AP50"]) for row in report["by_term"]] == [
        (7, 0, 1, None),
        (8, 1, 1, pytest.approx(1.0)),
        (9, 1, 0, 0.0),
    ]


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    truth = np.arange(1, 17, dtype=np.uint16).repeat(4).reshape(8, 8)
    found = truth.copy()
    found[6:] = 0
    found[6, 0], found[7, 0] = 15, 16  # a quarter of the entities of the score .5 are wrong, then half
    scores = {n: 0.9 if n <= 10 else 0.25 for n in range(1, 17)}
    one = compare_maps(pack_map(truth), pack_map(found), scores)
    calibration = report_figures([one], resamples=10)["calibration"]
    full = {row["low"]: row for row in calibration["bins"] if row["count"]}
    assert {low: (row["count"], row["precision"]) for low, row in full.items()} == {
        0.2: (4, 0.5),
        0.9: (10, 1.0),
    }
    assert calibration["error"] == pytest.approx((10 * 0.1 + 4 * 0.25) / 14)
    assert (
        report_figures([compare_maps(pack_map(truth), pack_map(truth), dict.fromkeys(scores, 1.0))])[
            "calibration"
        ]
        is None
    )


def test_rows_of_images_are_reports_of_one_image(images: list[ImageFigures]) -> None:
    for row, one in zip(per_image(images), images, strict=True):
        report = report_figures([one], resamples=1)
        assert row["AP"] == report["ap"]["AP"]
        assert row["boundary_AP"] == report["boundary"]["AP"]
        assert row["PQ"] == report["panoptic"]["agnostic"]["pq"]
        assert (row["F1"], row["covering"]) == (report["f1"]["50"], report["covering"])


def test_reports_are_compared_on_common_images_of_equal_truth(images: list[ImageFigures]) -> None:
    worse = [replace(one, scores=one.scores[::-1].copy()) for one in images[1:]]
    other = replace(worse[-1], true_areas=worse[-1].true_areas + 1)
    compared = compare_reports(images, [*worse[:-1], other], seed=3, resamples=60)
    assert compared["images"] == 4
    assert compared["left_out"] == {"only_first": 1, "only_second": 0, "other_truth": 1}
    row = compared["measures"]["AP"]
    expected = paired_bootstrap(
        match_all([one.pairs() for one in images[1:5]]),
        match_all([one.pairs() for one in worse[:4]]),
        seed=3,
        resamples=60,
    )
    assert (row["first"], row["low"], row["probability"]) == (
        expected.first,
        expected.low,
        expected.probability,
    )
    assert compared["measures"]["PQ"]["difference"] == 0.0
    assert compare_reports(images[:1], worse)["measures"] == {}


def test_nothing_at_all_is_no_error() -> None:
    nothing = report_figures([])
    assert (nothing["images"], nothing["ap"]["AP"], nothing["intervals"]["PQ"]) == (0, None, None)
    empty = compare_maps(pack_map(halves(0, 0)), pack_map(halves(0, 0)), {}, terms={}, true_terms={})
    report = report_figures([empty], similarity=identity(), resamples=5)
    assert json.loads(json.dumps(report, allow_nan=False))["panoptic"]["all"]["pq"] is None
    assert report["counts"] == {"images_without_truth": 1, "images_without_detections": 1}
    assert per_image([empty])[0]["F1"] is None
