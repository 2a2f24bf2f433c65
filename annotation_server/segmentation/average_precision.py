"""COCO's average precision and recall, digit for digit, from the IoU of the pairs of masks that touch.

Source: cocoapi ``pycocotools/cocoeval.py`` (10 IoU thresholds .50:.05:.95, 101 recall points, greedy matching
by score). With predictions that do not overlap the same figure is the APᵉ of EntitySeg (ICCV 2023, §5).
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from annotation_server.segmentation.detection_matching import (
    IOU_THRESHOLDS,
    Bools,
    Floats,
    ImagePairs,
    Matching,
    PairColumns,
    as_columns,
)
from annotation_server.segmentation.rle import Ints

Limits = Sequence[int | None]  # detections an image that count, ascending; None, the last, is no limit
Range = tuple[float, float]
Category = PairColumns | Sequence[ImagePairs]  # one category's images in a fixed order

RECALL_POINTS: Floats = np.linspace(0.0, 1.0, 101)
MAX_DETECTIONS: Limits = (1, 10, 100)
AREAS: dict[str, Range] = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}


@dataclass(frozen=True, eq=False)
class Matches:
    """What COCO's matching found in N images of one category, best score first: D detections, T thresholds.

    ``image`` [D] is the place of a detection's image; ``hit`` [T, D]: it found a true mask of its own;
    ``counts`` [T, D]: it is no detection to be overlooked, as those in a crowd are; ``true`` [N] true masks.
    """

    image: Ints
    hit: Bools
    counts: Bools
    true: Ints


@dataclass(frozen=True, eq=False)
class Curves:
    """precision [T, R, K, A, M] and recall [T, K, A, M] for T IoU thresholds, R recall points, K categories,
    A ranges of area (AREAS, or those asked for) and M limits of detections an image; -1: no true mask."""

    precision: Floats
    recall: Floats


def curves(
    categories: Sequence[Category],
    limits: Limits = MAX_DETECTIONS,
    areas: Sequence[Range] = tuple(AREAS.values()),
) -> Curves:
    """Precision and recall of every category, each given as its images in a fixed order.

    ``areas`` are ranges of area, both ends included, in what the areas of the images are given in.
    Only the best detections of an image count, as many as ``limits`` say. Raises ValueError for scores that
    are not finite, since NaN has no place in an order, and for limits that do not ascend.
    """
    most_of = _counted(limits)
    shape = (len(categories), len(areas), len(most_of))
    precision = np.full((IOU_THRESHOLDS.size, RECALL_POINTS.size, *shape), -1.0)
    recall = np.full((IOU_THRESHOLDS.size, *shape), -1.0)
    for k, category in enumerate(categories):
        matching = Matching(_columns(category), most_of[-1])
        rank = matching.rank[matching.order]
        for a, (low, high) in enumerate(areas):
            hit, counts, true_counts = matching.within(low, high)
            if true := int(true_counts.sum()):
                hit, counts = hit[:, matching.order], counts[:, matching.order]
                for m, most in enumerate(most_of):
                    kept = rank < most
                    columns = (hit, counts) if kept.all() else (hit[:, kept], counts[:, kept])
                    precision[:, :, k, a, m], recall[:, k, a, m] = _curve(*columns, true)
    return Curves(precision, recall)


def match_all(images: Category, limits: Limits = MAX_DETECTIONS) -> Matches:
    """The matching that ``curves`` rests on, masks of every size, at most the last of ``limits`` an image.

    Raises ValueError for scores that are not finite and for limits that do not ascend.
    """
    matching = Matching(_columns(images), _counted(limits)[-1])
    hit, counts, true_counts = matching.within(*AREAS["all"])
    columns, order = matching.columns, matching.order
    true = np.bincount(columns.true_image[true_counts], minlength=columns.images)
    return Matches(columns.image[order], hit[:, order], counts[:, order], true)


def summary(found: Curves, limits: Limits = MAX_DETECTIONS) -> dict[str, float]:
    """The figures that COCO prints, -1 where there is no true mask of that size.

    ``limits`` are those the curves were made with, and name the recalls: ``AR@100``, and ``AR@all`` for None.
    All figures but these are of the last limit. Raises ValueError for as many limits as there are not.
    """
    last = len(_counted(limits)) - 1
    if found.recall.shape[-1] != last + 1:
        raise ValueError(f"The curves are of {found.recall.shape[-1]} limits, not of {last + 1}.")
    area = {name: a for a, name in enumerate(AREAS)}

    def precision(area_name: str, thresholds: slice | int = slice(None)) -> float:
        return _mean(np.atleast_1d(found.precision[thresholds, ..., area[area_name], last]))

    def recall(area_name: str, limit: int) -> float:
        return _mean(found.recall[..., area[area_name], limit])

    return {
        "AP": precision("all"),
        "AP50": precision("all", 0),
        "AP75": precision("all", 5),
        "APs": precision("small"),
        "APm": precision("medium"),
        "APl": precision("large"),
        **{f"AR@{'all' if most is None else most}": recall("all", m) for m, most in enumerate(limits)},
        "ARs": recall("small", last),
        "ARm": recall("medium", last),
        "ARl": recall("large", last),
    }


def _counted(limits: Limits) -> list[int]:
    """The limits as numbers, None as one that no image reaches."""
    most = [sys.maxsize if limit is None else limit for limit in limits]
    if not most or most[0] < 1 or any(a >= b for a, b in pairwise(most)):
        raise ValueError(f"Limits of detections ascend from 1 or more, None being the last; not {limits!r}.")
    return most


def _mean(values: Floats) -> float:
    real = values[values > -1]
    return float(np.mean(real)) if real.size else -1.0


def _columns(category: Category) -> PairColumns:
    return category if isinstance(category, PairColumns) else as_columns(category)


def _curve(hit: Bools, counts: Bools, true: int) -> tuple[Floats, Floats]:
    """Precision at the recall points [T, R] and final recall [T] of detections in order of score.

    The best precision from a recall on is always had at a hit, so nothing else is looked at.
    """
    precision, recall = np.zeros((len(hit), RECALL_POINTS.size)), np.zeros(len(hit))
    so_far = np.cumsum(counts, axis=1, dtype=np.int32)
    for t, row in enumerate(hit):
        place = np.flatnonzero(row)
        if place.size:
            hits = np.arange(1, place.size + 1, dtype=np.float64)
            exact = hits / (so_far[t, place] + np.spacing(1))
            envelope = np.maximum.accumulate(exact[::-1])[::-1]
            at = np.searchsorted(hits / true, RECALL_POINTS, "left")
            reached = at < place.size
            precision[t, reached] = envelope[at[reached]]
            recall[t] = hits[-1] / true
    return precision, recall
