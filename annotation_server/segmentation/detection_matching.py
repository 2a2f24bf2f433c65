"""COCO's greedy matching of detections with true masks, all images of a category at once.

Source: cocoapi ``pycocotools/cocoeval.py``. Where every mask has at most one partner above the lowest
threshold, as between two partitions, no search is needed. Crowds are no partners: they have room for all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.rle import Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

IOU_THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10)


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
class PairColumns:
    """The same of ``images`` images, one after the other: ``image`` [D] and ``true_image`` [G] ascend.

    ``d`` and ``g`` are places among all detections and all true masks.
    """

    images: int
    image: Ints
    scores: Floats
    areas: Floats
    true_image: Ints
    true_areas: Floats
    crowd: Bools
    d: Ints
    g: Ints
    iou: Floats


def as_columns(images: Sequence[ImagePairs]) -> PairColumns:
    """Images in their order."""
    detections, true = [image.scores.size for image in images], [image.crowd.size for image in images]
    places = np.arange(len(images))
    return PairColumns(
        images=len(images),
        image=np.repeat(places, detections),
        scores=_joined([image.scores for image in images]),
        areas=_joined([image.areas for image in images]),
        true_image=np.repeat(places, true),
        true_areas=_joined([image.true_areas for image in images]),
        crowd=_joined([image.crowd for image in images]).astype(bool),
        d=_shifted([image.d for image in images], detections),
        g=_shifted([image.g for image in images], true),
        iou=_joined([image.iou for image in images]),
    )


def one_after_the_other(parts: Sequence[PairColumns]) -> PairColumns:
    """The columns of images that come in parts."""
    images = [part.images for part in parts]
    detections, true = [part.scores.size for part in parts], [part.crowd.size for part in parts]
    return PairColumns(
        images=sum(images),
        image=_shifted([part.image for part in parts], images),
        scores=_joined([part.scores for part in parts]),
        areas=_joined([part.areas for part in parts]),
        true_image=_shifted([part.true_image for part in parts], images),
        true_areas=_joined([part.true_areas for part in parts]),
        crowd=_joined([part.crowd for part in parts]).astype(bool),
        d=_shifted([part.d for part in parts], detections),
        g=_shifted([part.g for part in parts], true),
        iou=_joined([part.iou for part in parts]),
    )


class Matching:
    """The ``most`` best detections of every image, ``columns``, best first, and whom they match.

    ``chosen`` [D] are their places among those given, ``rank`` [D] those in their images, ``order`` [D] all
    of them from the best score on. Raises ValueError for scores that are not finite: NaN has no place in an
    order.
    """

    def __init__(self, pairs: PairColumns, most: int) -> None:
        if not np.isfinite(pairs.scores).all():
            raise ValueError("A score is not a finite number; without it there is no order of detections.")
        self.chosen, self.rank = _best(pairs, most)
        self.columns = _narrowed(pairs, self.chosen)
        self.order = np.argsort(-self.columns.scores, kind="stable")
        own = ~self.columns.crowd[self.columns.g]
        searched = _with_choice(self.columns, own)
        self._searched = list(_searches(self.columns, searched))
        sure = ~searched[self.columns.image[self.columns.d]]
        self._own, self._crowd = (_best_partners(self.columns, pair) for pair in (own & sure, ~own & sure))

    def partners(self, low: float = -np.inf, high: float = np.inf) -> Ints:
        """The true mask of every detection or -1, [T, D], where masks of ``low`` to ``high`` px go first."""
        found = np.full((IOU_THRESHOLDS.size, self.columns.scores.size), -1, np.int64)
        for partner, iou in (self._crowd, self._own):
            np.copyto(found, partner, where=iou >= IOU_THRESHOLDS[:, None])
        ignored = ~self._true_count(low, high)
        for search in self._searched:
            here = search.run(self.columns, ignored[search.true])
            found[:, search.detections] = np.where(here < 0, -1, here + search.true.start)
        return found

    def within(self, low: float, high: float) -> tuple[Bools, Bools, Bools]:
        """hit and counts [T, D] of detections, counts [G] of true masks, for masks of ``low`` to ``high`` px.

        A hit found a true mask that counts; a detection that found one that does not, or a crowd, or that has
        another area and found none, does not count itself.
        """
        true_counts = self._true_count(low, high)
        found = self.partners(low, high)
        inside = (self.columns.areas >= low) & (self.columns.areas <= high)
        hit = np.append(true_counts, False)[found]
        return hit, hit | ((found < 0) & inside), true_counts

    def _true_count(self, low: float, high: float) -> Bools:
        areas = self.columns.true_areas
        return ~(self.columns.crowd | (areas < low) | (areas > high))


def _best(pairs: PairColumns, most: int) -> tuple[Ints, Ints]:
    """The detections that count, image by image and best first, and their rank in their image."""
    sizes = np.bincount(pairs.image, minlength=pairs.images)
    order = np.lexsort((-pairs.scores, pairs.image))
    rank = np.arange(order.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return order[rank < most], rank[rank < most]


def _narrowed(pairs: PairColumns, chosen: Ints) -> PairColumns:
    """The chosen detections and their pairs that matter."""
    place = np.full(pairs.scores.size, -1, np.int64)
    place[chosen] = np.arange(chosen.size)
    near = (place[pairs.d] >= 0) & (pairs.iou >= IOU_THRESHOLDS[0])
    return replace(
        pairs,
        image=pairs.image[chosen],
        scores=pairs.scores[chosen],
        areas=pairs.areas[chosen],
        d=place[pairs.d[near]],
        g=pairs.g[near],
        iou=pairs.iou[near],
    )


def _best_partners(columns: PairColumns, pairs: Bools) -> tuple[Ints, Floats]:
    """Of the chosen pairs each detection's best: the true mask (-1: none) and the IoU, both [D]."""
    partner, iou = np.full(columns.scores.size, -1, np.int64), np.zeros(columns.scores.size)
    d, g, found = columns.d[pairs], columns.g[pairs], columns.iou[pairs]
    order = np.lexsort((g, found))  # the last written stays: the highest IoU, of equal ones the last mask
    partner[d[order]], iou[d[order]] = g[order], found[order]
    return partner, iou


def _with_choice(columns: PairColumns, own: Bools) -> Bools:
    """The images [N] where some mask has two partners to choose from, so that the greedy search is needed.

    A crowd is none: it is taken when no partner is left, and has room for all.
    """
    found = np.zeros(columns.images, np.bool_)
    found[columns.image[np.bincount(columns.d[own], minlength=columns.scores.size) > 1]] = True
    found[columns.true_image[np.bincount(columns.g[own], minlength=columns.crowd.size) > 1]] = True
    return found


@dataclass(frozen=True)
class _Search:
    """COCO's search in one image: its detections, its true masks, and every detection's (place, IoU)."""

    detections: slice
    true: slice
    near: list[list[tuple[int, float]]]

    def run(self, columns: PairColumns, true_ignored: Bools) -> Ints:
        """The true mask of every detection or -1, [T, D]."""
        crowd = columns.crowd[self.true].tolist()
        ignored = true_ignored.tolist()
        candidates = [sorted((ignored[g], g, iou) for g, iou in near) for near in self.near]
        found = np.full((IOU_THRESHOLDS.size, len(candidates)), -1, np.int64)
        for t, threshold in enumerate(IOU_THRESHOLDS.tolist()):
            taken: set[int] = set()
            for d, near in enumerate(candidates):
                best = _best_free(near, crowd, taken, threshold) if near else -1
                if best >= 0:
                    found[t, d] = best
                    taken.add(best)
        return found


def _searches(columns: PairColumns, searched: Bools) -> Iterator[_Search]:
    pair_image = columns.image[columns.d]
    order = np.argsort(pair_image, kind="stable")
    pair_image = pair_image[order]
    for image in np.flatnonzero(searched).tolist():
        detections = slice(*np.searchsorted(columns.image, (image, image + 1)).tolist())
        true = slice(*np.searchsorted(columns.true_image, (image, image + 1)).tolist())
        pairs = order[slice(*np.searchsorted(pair_image, (image, image + 1)))]
        near: list[list[tuple[int, float]]] = [[] for _ in range(detections.stop - detections.start)]
        rows = zip(
            columns.d[pairs].tolist(), columns.g[pairs].tolist(), columns.iou[pairs].tolist(), strict=True
        )
        for d, g, iou in rows:
            near[d - detections.start].append((g - true.start, iou))
        yield _Search(detections, true, near)


def _best_free(
    near: list[tuple[bool, int, float]], crowd: list[bool], taken: set[int], threshold: float
) -> int:
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


def _joined(columns: Sequence[npt.NDArray[np.generic]]) -> Floats:
    return np.concatenate([*columns, np.empty(0)]).astype(np.float64)


def _shifted(places: Sequence[Ints], sizes: Sequence[int]) -> Ints:
    """Places within parts of these sizes as places in all of them."""
    shift = np.cumsum([0, *sizes], dtype=np.int64)[:-1]
    joined: Ints = np.concatenate([*places, np.empty(0, np.int64)]).astype(np.int64, copy=False)
    return joined + np.repeat(shift, [column.size for column in places])
