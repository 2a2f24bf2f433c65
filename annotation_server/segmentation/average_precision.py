"""COCO's average precision and recall, digit for digit, from the IoU of the pairs of masks that touch.

Source: cocoapi ``pycocotools/cocoeval.py`` (10 IoU thresholds .50:.05:.95, 101 recall points, greedy matching
by score). With predictions that do not overlap the same figure is the APᵉ of EntitySeg (ICCV 2023, §5). Where
every mask has at most one partner above the lowest threshold, as between two partitions, no search is needed
and all images are matched at once. Crowds are no partners: they have room for all.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.rle import Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Limits = Sequence[int | None]  # detections an image that count, ascending; None, the last, is no limit
Range = tuple[float, float]

IOU_THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10)
RECALL_POINTS: Floats = np.linspace(0.0, 1.0, 101)
MAX_DETECTIONS: Limits = (1, 10, 100)
AREAS: dict[str, Range] = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}


@dataclass(frozen=True, eq=False)
class ImagePairs:
    """One category of one image: D detections, G true masks, and the P pairs that share a pixel.

    scores, areas: [D]; true_areas, crowd: [G]; a pair is detection ``d[i]``, true mask ``g[i]``, ``iou[i]``,
    for crowds the share of the detection that lies in the crowd. The order of detections decides between
    equal scores, that of true masks between equal IoUs.
    """

    scores: Floats
    areas: Floats
    true_areas: Floats
    crowd: Bools
    d: Ints
    g: Ints
    iou: Floats


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
    categories: Sequence[Sequence[ImagePairs]],
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
    for k, images in enumerate(categories):
        kept = [_best_detections(image, most_of[-1]) for image in images]
        together = _Together(kept)
        for a, (low, high) in enumerate(areas):
            matched, ignored, true = together.match(low, high)
            for m, most in enumerate(most_of):
                if true:
                    chosen = together.order[together.rank[together.order] < most]
                    columns = _curve(matched[:, chosen], ignored[:, chosen], true)
                    precision[:, :, k, a, m], recall[:, k, a, m] = columns
    return Curves(precision, recall)


def match_all(images: Sequence[ImagePairs], limits: Limits = MAX_DETECTIONS) -> Matches:
    """The matching that ``curves`` rests on, masks of every size, at most the last of ``limits`` an image.

    Raises ValueError for scores that are not finite and for limits that do not ascend.
    """
    most = _counted(limits)[-1]
    together = _Together([_best_detections(image, most) for image in images])
    matched, ignored, _ = together.match(*AREAS["all"])
    sizes = [min(image.scores.size, most) for image in images]
    place = np.repeat(np.arange(len(images)), sizes)
    true = np.array([int((~image.crowd).sum()) for image in images], np.int64)
    order = together.order
    return Matches(place[order], (matched & ~ignored)[:, order], ~ignored[:, order], true)


def partners(image: ImagePairs, limit: int | None = None) -> Ints:
    """The true mask (place) that COCO's matching gives every detection of an image, -1 for none: [T, D].

    Only the ``limit`` best detections are matched. Raises ValueError for scores that are not finite.
    """
    most = _counted((limit,))[0]
    kept = _best_detections(image, most)
    found = np.full((IOU_THRESHOLDS.size, image.scores.size), -1, np.int64)
    found[:, np.argsort(-image.scores, kind="stable")[:most]] = _search(kept, kept.crowd)
    return found


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


def _best_detections(image: ImagePairs, most: int) -> ImagePairs:
    """The detections that count, best first."""
    if not np.isfinite(image.scores).all():
        raise ValueError("A score is not a finite number; without it there is no order of detections.")
    order = np.argsort(-image.scores, kind="stable")[:most]
    place = np.full(image.scores.size, -1, np.int64)
    place[order] = np.arange(order.size)
    near = (place[image.d] >= 0) & (image.iou >= IOU_THRESHOLDS[0])
    return ImagePairs(
        image.scores[order],
        image.areas[order],
        image.true_areas,
        image.crowd,
        place[image.d[near]],
        image.g[near],
        image.iou[near],
    )


def _has_choice(image: ImagePairs) -> bool:
    """Whether some mask has two partners to choose from, so that the greedy search is needed.

    A crowd is none: it is taken when no partner is left, and has room for all.
    """
    own = ~image.crowd[image.g]
    return bool(
        (np.bincount(image.d[own], minlength=1) > 1).any()
        or (np.bincount(image.g[own], minlength=1) > 1).any()
    )


class _Together:
    """All images of a category as flat columns; those with a choice are searched one by one."""

    def __init__(self, images: Sequence[ImagePairs]) -> None:
        self.scores = _joined([image.scores for image in images])
        self.areas = _joined([image.areas for image in images])
        self.true_areas = _joined([image.true_areas for image in images])
        self.crowd = _joined([image.crowd for image in images]).astype(bool)
        sizes = [image.scores.size for image in images]
        self.rank = np.concatenate([np.arange(size) for size in sizes] or [np.empty(0, np.int64)])
        self.order = np.argsort(-self.scores, kind="stable")
        self.searched: list[tuple[int, int, ImagePairs]] = []
        partner, iou = np.full(self.scores.size, -1, np.int64), np.zeros(self.scores.size)
        self.in_crowd = np.zeros(self.scores.size)
        at = true_at = 0
        for image in images:
            if _has_choice(image):
                self.searched.append((at, true_at, image))
            else:
                own = ~image.crowd[image.g]
                partner[at + image.d[own]], iou[at + image.d[own]] = true_at + image.g[own], image.iou[own]
                np.maximum.at(self.in_crowd, at + image.d[~own], image.iou[~own])
            at += image.scores.size
            true_at += image.true_areas.size
        self.partner, self.iou = partner, iou

    def match(self, low: float, high: float) -> tuple[Bools, Bools, int]:
        """matched and ignored, bool [T, D], and the number of true masks that count."""
        true_ignored = self.crowd | (self.true_areas < low) | (self.true_areas > high)
        outside = (self.areas < low) | (self.areas > high)
        own = (self.partner >= 0) & (self.iou >= IOU_THRESHOLDS[:, None])
        matched = own | (self.in_crowd >= IOU_THRESHOLDS[:, None])
        partner = np.where(own, self.partner, -1)
        for at, true_at, image in self.searched:
            end = true_at + image.true_areas.size
            found = _search(image, true_ignored[true_at:end])
            columns = slice(at, at + image.scores.size)
            matched[:, columns] = found >= 0
            partner[:, columns] = np.where(found >= 0, found + true_at, -1)
        with_crowd = np.append(true_ignored, True)  # place -1: a crowd, which is always ignored
        ignored = np.where(matched, with_crowd[partner], outside)
        return matched, ignored, int((~true_ignored).sum())


def _joined(columns: list[npt.NDArray[np.generic]]) -> Floats:
    return np.concatenate([*columns, np.empty(0)]).astype(np.float64)


def _search(image: ImagePairs, true_ignored: Bools) -> Ints:
    """COCO's greedy matching: the true mask of every detection or -1, [T, D]."""
    candidates: list[list[tuple[bool, int, float]]] = [[] for _ in image.scores]
    for d, g, iou in zip(image.d.tolist(), image.g.tolist(), image.iou.tolist(), strict=True):
        candidates[d].append((bool(true_ignored[g]), g, iou))
    found = np.full((IOU_THRESHOLDS.size, image.scores.size), -1, np.int64)
    for t, threshold in enumerate(IOU_THRESHOLDS.tolist()):
        taken: set[int] = set()
        for d, near in enumerate(candidates):
            best = _best_free(sorted(near), image.crowd, taken, threshold)
            if best >= 0:
                found[t, d] = best
                taken.add(best)
    return found


def _best_free(near: list[tuple[bool, int, float]], crowd: Bools, taken: set[int], threshold: float) -> int:
    """The free true mask with the highest IoU, one that counts before an ignored one; -1 if none."""
    best, best_iou = -1, threshold
    best_counts = False
    for is_ignored, g, iou in near:
        if g in taken and not crowd[g]:
            continue
        if best_counts and is_ignored:
            break
        if iou >= best_iou:
            best, best_iou, best_counts = g, iou, not is_ignored
    return best


def _curve(matched: Bools, ignored: Bools, true: int) -> tuple[Floats, Floats]:
    """Precision at the recall points [T, R] and final recall [T] of detections in order of score."""
    hits = np.cumsum(matched & ~ignored, axis=1).astype(np.float64)
    misses = np.cumsum(~matched & ~ignored, axis=1).astype(np.float64)
    precision = np.zeros((len(hits), RECALL_POINTS.size))
    if not hits.shape[1]:
        return precision, np.zeros(len(hits))
    recall = hits / true
    exact = hits / (misses + hits + np.spacing(1))
    envelope = np.maximum.accumulate(exact[:, ::-1], axis=1)[:, ::-1]
    for t, row in enumerate(recall):
        at = np.searchsorted(row, RECALL_POINTS, "left")
        reached = at < row.size
        precision[t, reached] = envelope[t, at[reached]]
    return precision, recall[:, -1]
