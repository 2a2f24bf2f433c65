"""AP, APᵉ and boundary AP against pycocotools, the official figures and plain definitions."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage

from annotation_server.segmentation.boundary import band_width, label_map_bands, mask_bands
from annotation_server.segmentation.coco_input import BadInput
from annotation_server.segmentation.evaluate import main as command
from annotation_server.segmentation.instance_evaluation import Evaluation, evaluate
from annotation_server.segmentation.overlaps import shared_pixels
from annotation_server.segmentation.rle import counts_of
from annotation_server.segmentation.similarity import given_matrix, identity
from tests.ml_worker.golden import read_json

SIZE = [24, 40]


def rle(mask: np.ndarray) -> dict[str, Any]:
    encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": SIZE, "counts": encoded["counts"].decode()}


def box(x: int, y: int, w: int, h: int) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[y : y + h, x : x + w] = True
    return mask


def truth_of(images: list[list[tuple[np.ndarray, int]]]) -> dict[str, Any]:
    """Instances of masks and crowd flags, image by image."""
    annotations = [
        {
            "image_id": i,
            "category_id": 1,
            "iscrowd": crowd,
            "area": int(mask.sum()),
            "segmentation": rle(mask),
        }
        for i, masks in enumerate(images, start=1)
        for mask, crowd in masks
    ]
    for number, annotation in enumerate(annotations, start=1):
        annotation |= {"id": number, "category_id": 1, "bbox": [0, 0, 1, 1]}
    sizes = {"height": SIZE[0], "width": SIZE[1]}
    rows = [{"id": i, **sizes} for i in range(1, len(images) + 1)]
    return {"images": rows, "annotations": annotations, "categories": [{"id": 1, "name": "entity"}]}


def found_of(images: list[list[tuple[np.ndarray, float]]]) -> list[dict[str, Any]]:
    return [
        {"image_id": i, "category_id": 1, "score": score, "segmentation": rle(mask)}
        for i, masks in enumerate(images, start=1)
        for mask, score in masks
    ]


def by_pycocotools(truth: dict[str, Any], found: list[dict[str, Any]]) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        reference = COCO()
        reference.dataset = truth
        reference.createIndex()
        evaluation = COCOeval(reference, reference.loadRes(found), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(value) for value in evaluation.stats]


masks = st.builds(box, st.integers(0, 30), st.integers(0, 18), st.integers(1, 34), st.integers(1, 20))
truths = st.lists(
    st.lists(st.tuples(masks, st.sampled_from([0, 0, 0, 1])), max_size=5), min_size=1, max_size=4
)
guesses = st.lists(st.tuples(masks, st.sampled_from([0.9, 0.5, 0.5, 0.1])), max_size=6)


@settings(max_examples=60)
@given(truths, st.data())
def test_every_digit_is_that_of_pycocotools(truth: list[Any], data: st.DataObject) -> None:
    """Crowds, overlaps on both sides, equal scores, equal IoUs and empty images included."""
    found = [
        data.draw(guesses) + [(mask, 0.7) for mask, _ in masks if data.draw(st.booleans())] for masks in truth
    ]
    records = found_of(found)
    if records:
        ours = evaluate(truth_of(truth), records)
        assert list(ours.values()) == by_pycocotools(truth_of(truth), records)


def test_only_the_hundred_best_count() -> None:
    small = [(box(x, y, 2, 1), 0.001 * (40 * y + x)) for y in range(12) for x in range(0, 40, 2)]
    truth = truth_of([[(mask, 0) for mask, _ in small[::2]]])
    found = found_of([small])
    assert list(evaluate(truth, found).values()) == by_pycocotools(truth, found)


@pytest.mark.parametrize(
    ("boundary", "results"),
    [(False, "overlap_allowed"), (True, "boundary_AP(dilation 0.02, iou=min(mask,boundary))")],
)
def test_the_official_figures_come_out(boundary: bool, results: str) -> None:
    truth = read_json("eval_gt.json")
    found = read_json("eval_dt_overlap.json")
    official = read_json("eval_results.json")
    allowed = official[results]["overlap_allowed"] if boundary else official[results]["COCOeval"]
    resolved = official[results]["non_overlap"] if boundary else official["non_overlap"]["COCOeval"]
    for rule, expected in (("allow", allowed), ("resolve", resolved)):
        ours = evaluate(truth, found, overlap=rule, boundary=boundary)
        assert {name: ours[name] for name in ours if name in expected} == {
            name: expected[name] for name in ours if name in expected
        }


@settings(max_examples=40)
@given(st.lists(masks, max_size=6), st.lists(masks, max_size=6))
def test_shared_pixels_are_counted_between_any_masks(a: list[np.ndarray], b: list[np.ndarray]) -> None:
    shared = shared_pixels([counts_of(rle(mask)) for mask in a], [counts_of(rle(mask)) for mask in b])
    counted = {
        (i, j): int((first & second).sum())
        for i, first in enumerate(a)
        for j, second in enumerate(b)
        if (first & second).any()
    }
    assert (
        dict(zip(zip(shared.a.tolist(), shared.b.tolist(), strict=True), shared.pixels.tolist(), strict=True))
        == counted
    )


def test_bands_are_what_erosion_leaves() -> None:
    random = np.random.default_rng(5)
    label_map = ndimage.zoom(random.integers(0, 5, (5, 7)), 6, order=0).astype(np.uint16)
    height, width = label_map.shape
    distance = 3
    bands = label_map_bands(label_map, distance)
    for number in range(1, 5):
        mask = np.pad(label_map == number, 1)
        eroded = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=distance)
        expected = (mask & ~eroded)[1:-1, 1:-1]
        np.testing.assert_array_equal((bands == number), expected)
        counts = counts_of(
            {
                "size": [height, width],
                "counts": coco_mask.encode(np.asfortranarray((label_map == number).astype(np.uint8)))[
                    "counts"
                ],
            }
        )
        (band,) = mask_bands([counts], height, width, distance)
        flat = np.repeat(np.arange(band.size) % 2 == 1, band)
        np.testing.assert_array_equal(flat.reshape(width, height).T, expected)


def test_a_band_is_two_percent_of_the_diagonal_and_never_nothing() -> None:
    assert (band_width(300, 400), band_width(3, 4)) == (10, 1)


def test_overlap_is_named_where_it_is_not_allowed() -> None:
    truth = truth_of([[(box(0, 0, 5, 5), 0)]])
    found = found_of([[(box(20, 0, 5, 5), 0.9), (box(0, 0, 5, 5), 0.8), (box(4, 0, 5, 5), 0.7)]])
    with pytest.raises(BadInput, match="Predictions 1 and 2 of image 1 share 5 px"):
        evaluate(truth, found, overlap="refuse")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"image_id": 9}, "1 prediction is of image 9, which the truth does not have"),
        ({"image_id": None}, "of image None"),
        ({"score": float("nan")}, "Prediction 0 of image 1 has no finite score: nan"),
        ({"score": "0.5"}, "no finite score"),
        ({"segmentation": {"size": SIZE, "counts": "~~"}}, "prediction 0 of image 1 is broken"),
        ({"segmentation": {"size": SIZE, "counts": [1, -1]}}, "do not add up"),
        ({"segmentation": {"size": SIZE, "counts": None}}, "prediction 0 of image 1 is broken"),
        ({"segmentation": {"size": SIZE, "counts": [[0, 960]]}}, "no list of whole numbers"),
        ({"segmentation": {"size": SIZE, "counts": [0.5, 959.5]}}, "no list of whole numbers"),
        ({"score": 10**400}, "no finite score"),
        ({"segmentation": {"size": [4, 4], "counts": "0"}}, r"size \[4, 4\]"),
        ({"segmentation": [[0, 0, 1, 1, 1, 0]]}, "not an RLE"),
    ],
)
def test_bad_records_are_named(wrong: dict[str, Any], sentence: str) -> None:
    (record,) = found_of([[(box(0, 0, 5, 5), 0.9)]])
    with pytest.raises(BadInput, match=sentence):
        evaluate(truth_of([[(box(0, 0, 5, 5), 0)]]), [record | wrong])


def test_every_problem_of_both_files_is_named_at_once() -> None:
    truth = truth_of([[(box(0, 0, 5, 5), 0), (box(9, 0, 5, 5), 0)]])
    truth["annotations"][1]["id"] = 1
    truth["annotations"][0]["category_id"] = 4
    truth["images"].append(truth["images"][0])
    (good,) = found_of([[(box(0, 0, 5, 5), 0.9)]])
    bad = [good | {"image_id": 7}] * 3 + [good | {"score": float("inf")}]
    with pytest.raises(BadInput) as refused:
        evaluate(truth, bad, classes=True)
    assert refused.value.problems == [
        "The image id 1 occurs twice.",
        "3 predictions are of image 7, which the truth does not have.",
        "The annotation id 1 occurs 2 times.",
        "1 annotation is of category 4, which the truth does not list.",
        "Prediction 0 of image 1 has no finite score: inf.",
    ]


@pytest.mark.parametrize(
    ("truth", "found"),
    [([], []), ({"images": []}, []), ({"images": [], "annotations": [3]}, []), (truth_of([[]]), {"a": 1})],
)
def test_other_files_than_coco_are_refused(truth: Any, found: Any) -> None:
    with pytest.raises(BadInput):
        evaluate(truth, found)


def test_an_id_of_zero_counts_and_is_noted() -> None:
    truth = truth_of([[(box(0, 0, 5, 5), 0)]])
    truth["annotations"][0]["id"] = 0
    found = found_of([[(box(0, 0, 5, 5), 0.9)]])
    evaluation = Evaluation(truth, found)
    assert evaluation.figures()["AP"] == pytest.approx(1)
    assert "the id 0" in evaluation.notes[0]


def test_one_pixel_and_a_comb_of_a_million_pixels_are_measured() -> None:
    size = [1, 1_000_000]
    comb = {"size": size, "counts": [0, *([1] * 1_000_000)]}
    pixel = {"size": size, "counts": [1, 1, 999_998]}
    truth = {
        "images": [{"id": 1, "height": size[0], "width": size[1]}],
        "annotations": [{"id": n, "image_id": 1, "segmentation": rle} for n, rle in ((1, comb), (2, pixel))],
    }
    found = [
        {"image_id": 1, "score": score, "segmentation": rle} for score, rle in ((0.9, pixel), (0.8, comb))
    ]
    assert evaluate(truth, found, overlap="refuse", boundary=True)["AP"] == pytest.approx(1)


@settings(max_examples=12)
@given(truths, st.data())
def test_by_class_every_digit_is_that_of_pycocotools(truth: list[Any], data: st.DataObject) -> None:
    found = [
        data.draw(guesses) + [(mask, 0.7) for mask, _ in masks if data.draw(st.booleans())] for masks in truth
    ]
    records, instances = found_of(found), truth_of(truth)
    instances["categories"] = [{"id": key, "name": str(key)} for key in (0, 3, 7)]
    for record in [*records, *instances["annotations"]]:
        record["category_id"] = data.draw(st.sampled_from([0, 3, 7]))
    if records:
        ours = evaluate(instances, records, classes=True)
        assert list(ours.values()) == by_pycocotools(instances, records)
        opened = evaluate(instances, records, classes=True, limits=(None,), similarity=identity())
        assert opened["open"]["AP"] == opened["AP"]


def test_void_is_a_crowd_where_that_is_asked_for() -> None:
    truth = truth_of([[(box(0, 0, 20, 24), 0)]])
    found = found_of([[(box(25, 0, 5, 5), 0.9), (box(0, 0, 20, 24), 0.8)]])
    assert evaluate(truth, found)["AP"] == pytest.approx(0.5)
    assert evaluate(truth, found, void="crowd")["AP"] == pytest.approx(1.0)


def test_more_detections_count_where_the_limit_says_so() -> None:
    small = [(box(x, y, 2, 1), 0.001 * (40 * y + x)) for y in range(12) for x in range(0, 40, 2)]
    truth = truth_of([[(mask, 0) for mask, _ in small]])
    figures = evaluate(truth, found_of([small]), limits=(120, None))
    assert (figures["AR@120"], figures["AR@all"]) == (0.5, 1.0)


def test_nothing_on_either_side_is_no_error() -> None:
    nothing_true, nothing_found = truth_of([[]]), found_of([[]])
    assert evaluate(nothing_true, found_of([[(box(0, 0, 2, 2), 0.5)]]))["AP"] == -1
    assert evaluate(truth_of([[(box(0, 0, 5, 5), 0)]]), nothing_found)["AP"] == 0


def test_the_command_prints_one_object_or_says_why_not(tmp_path: Path) -> None:
    truth, found, broken = tmp_path / "gt.json", tmp_path / "dt.json", tmp_path / "broken.json"
    truth.write_text(json.dumps(truth_of([[(box(0, 0, 5, 5), 0)]])))
    found.write_text(json.dumps(found_of([[(box(0, 0, 5, 5), 0.9)]])))
    broken.write_text("[")

    def command(*words: object) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", "annotation_server.segmentation.evaluate", *map(str, words)]
        return subprocess.run(arguments, capture_output=True, text=True, env=dict(os.environ), check=False)

    answer = command(truth, found)
    assert (answer.returncode, json.loads(answer.stdout)["AP"]) == (0, pytest.approx(1))
    refused = command(truth, broken)
    assert refused.returncode == 2
    assert refused.stderr.startswith("Not evaluated: ")


def test_the_command_takes_classes_limits_and_writes_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, found, rows = tmp_path / "gt.json", tmp_path / "dt.json", tmp_path / "rows.csv"
    truth.write_text(json.dumps(truth_of([[(box(0, 0, 5, 5), 0)], []])))
    found.write_text(json.dumps(found_of([[(box(0, 0, 5, 5), 0.9)], []])))
    options = ["--classes", "--max-dets", "1,none", "--similarity", "identity", "--per-image", str(rows)]
    assert command([str(truth), str(found), *options]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["AR@all"], figures["open"]["AP"]) == (1.0, pytest.approx(1.0))
    assert rows.read_text().splitlines()[0] == "image,AP,AP50,AP75,AR,true,found"
    assert rows.read_text().splitlines()[2].startswith("2,-1.0,")
    found.write_text(json.dumps([{"image_id": 5}, {"image_id": 6}]))
    assert command([str(truth), str(found)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_predictions_hidden_by_better_ones_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, found = tmp_path / "gt.json", tmp_path / "dt.json"
    truth.write_text(json.dumps(truth_of([[(box(0, 0, 5, 5), 0), (box(0, 0, 2, 2), 0)]])))
    hidden, empty = (box(1, 1, 2, 2), 0.5), (np.zeros(SIZE, bool), 0.4)
    found.write_text(json.dumps(found_of([[(box(0, 0, 5, 5), 0.9), hidden, empty]])))
    assert command([str(truth), str(found), "--overlap", "resolve"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "Note: 2 predictions have no pixel left that is not of a better one; they are left out.",
        "Note: True masks overlap in 1 images; they are measured as they are.",
    ]


@pytest.mark.parametrize(
    "options", [["--panoptic", "--boundary"], ["--truth-pngs", "x"], ["--max-dets", "9,3"]]
)
def test_options_that_would_be_overlooked_are_refused(options: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        command(["gt.json", "dt.json", *options])
    assert refused.value.code == 2


def test_categories_that_a_similarity_does_not_know_are_noted() -> None:
    truth = truth_of([[(box(0, 0, 5, 5), 0)]])
    evaluation = Evaluation(truth, found_of([[(box(0, 0, 5, 5), 0.9)]]), classes=True)
    assert evaluation.figures(given_matrix([7], [[1]]))["open"]["AP"] == pytest.approx(1)
    assert evaluation.notes == ["The similarity does not know 1: like themselves only."]
    truth["categories"].append({"id": "x"})
    with pytest.raises(BadInput, match="whole numbers as category ids"):
        evaluate(truth, [], classes=True, similarity=identity())
