"""The whole arrays of pycocotools, for several categories and other limits of detections than COCO's."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from annotation_server.segmentation.average_precision import Curves, ImagePairs, curves, match_all, summary

SIZE = (12, 16)
EVERY_DETECTION = 10**6  # what pycocotools needs in place of no limit
Drawn = tuple[int, int, np.ndarray, Any]  # image, category, mask, score or crowd


def box(x: int, y: int, w: int, h: int) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[y : y + h, x : x + w] = True
    return mask


boxes = st.builds(box, st.integers(0, 12), st.integers(0, 9), st.integers(1, 13), st.integers(1, 9))
places = (st.integers(0, 2), st.integers(0, 1), boxes)
truths = st.lists(st.tuples(*places, st.sampled_from([0, 0, 1])), min_size=1, max_size=12)
guesses = st.lists(st.tuples(*places, st.sampled_from([0.9, 0.5, 0.5, 0.1])), min_size=1, max_size=16)


def by_pycocotools(true: list[Drawn], found: list[Drawn], limits: list[int]) -> dict[str, np.ndarray]:
    def rle(mask: np.ndarray) -> dict[str, Any]:
        return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))

    annotations = [
        {"id": n, "image_id": i, "category_id": k, "iscrowd": crowd, "area": int(mask.sum())}
        | {"segmentation": rle(mask), "bbox": [0, 0, 1, 1]}
        for n, (i, k, mask, crowd) in enumerate(true, 1)
    ]
    results = [
        {"image_id": i, "category_id": k, "score": score, "segmentation": rle(mask)}
        for i, k, mask, score in found
    ]
    images = [{"id": i, "height": SIZE[0], "width": SIZE[1]} for i in range(3)]
    with contextlib.redirect_stdout(io.StringIO()):
        reference = COCO()
        reference.dataset = {"images": images, "categories": [{"id": k, "name": str(k)} for k in range(2)]}
        reference.dataset["annotations"] = annotations
        reference.createIndex()
        evaluation = COCOeval(reference, reference.loadRes(results), "segm")
        evaluation.params.maxDets = limits
        evaluation.evaluate()
        evaluation.accumulate()
    return dict(evaluation.eval)


def pairs_of(true: list[Drawn], found: list[Drawn], image: int, category: int) -> ImagePairs:
    masks = [(mask, crowd) for i, k, mask, crowd in true if (i, k) == (image, category)]
    guessed = [(mask, score) for i, k, mask, score in found if (i, k) == (image, category)]
    rows = [
        (d, g, (a & b).sum() / (a.sum() if crowd else (a | b).sum()))
        for d, (a, _) in enumerate(guessed)
        for g, (b, crowd) in enumerate(masks)
        if (a & b).any()
    ]
    return ImagePairs(
        scores=np.array([score for _, score in guessed], np.float64),
        areas=np.array([mask.sum() for mask, _ in guessed], np.float64),
        true_areas=np.array([mask.sum() for mask, _ in masks], np.float64),
        crowd=np.array([bool(crowd) for _, crowd in masks], bool),
        d=np.array([row[0] for row in rows], np.int64),
        g=np.array([row[1] for row in rows], np.int64),
        iou=np.array([row[2] for row in rows], np.float64),
    )


@settings(max_examples=60)
@given(truths, guesses, st.sets(st.integers(1, 5), min_size=1, max_size=2), st.booleans())
def test_the_whole_arrays_are_those_of_pycocotools(
    true: list[Drawn], found: list[Drawn], some: set[int], unlimited: bool
) -> None:
    """Crowds, ties of scores and of IoUs, two categories, categories and images that are empty."""
    found += [(i, k, mask, 0.5) for i, k, mask, _ in true[::2]]
    limits = [*sorted(some), *([None] if unlimited else [])]
    ours = curves([[pairs_of(true, found, i, k) for i in range(3)] for k in range(2)], limits)
    theirs = by_pycocotools(true, found, [limit or EVERY_DETECTION for limit in limits])
    np.testing.assert_array_equal(ours.precision, theirs["precision"])
    np.testing.assert_array_equal(ours.recall, theirs["recall"])


def crowded_image() -> ImagePairs:
    """120 detections with a partner each."""
    place = np.arange(120)
    area, iou = np.full(120, 2000.0), np.full(120, 0.9)
    return ImagePairs(np.linspace(1, 0, 120), area, area, np.zeros(120, bool), place, place, iou)


def test_without_a_limit_every_detection_counts_and_the_recall_says_so() -> None:
    images = [crowded_image()]
    usual = summary(curves([images]))
    assert list(usual)[6:9] == ["AR@1", "AR@10", "AR@100"]
    unlimited = summary(curves([images], (100, None)), (100, None))
    assert unlimited["AR@100"] == usual["AR@100"] < unlimited["AR@all"] == pytest.approx(0.9)
    assert [match_all(images, limits).image.size for limits in ((1,), (1, 10, 100), (None,))] == [1, 100, 120]


def test_limits_must_ascend_and_be_those_of_the_curves() -> None:
    for limits in ((), (0, 1), (10, 1), (None, 10), (5, 5)):
        with pytest.raises(ValueError, match="ascend"):
            curves([[crowded_image()]], limits)
    found: Curves = curves([[crowded_image()]])
    with pytest.raises(ValueError, match="of 3 limits, not of 1"):
        summary(found, (None,))
