"""Let masks end where the picture's own regions end, for a model whose borders are coarse."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ml_worker.baselines.borders import enlarged_labels, reduced
from ml_worker.baselines.regions import MergingRule, merge_tree
from ml_worker.candidates import Candidate
from ml_worker.prediction import Prediction

LOOKED_AT_PX = 80_000
ALIKE = 2.0  # neighbouring superpixels are one region while merging costs no more, see MergingRule
STRIP_ROWS = 512


def regions_of(rgb: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Regions of one look [H, W], numbered from 0, of an RGB image [H, W, 3] uint8."""
    small = reduced(rgb, LOOKED_AT_PX)
    tree = merge_tree(small, MergingRule())
    done = int(np.searchsorted(tree.cost, ALIKE, side="right"))
    labels = tree.owners(tree.standing(done))[tree.labels].astype(np.uint16)
    return enlarged_labels(labels, small, rgb)


def snapped(prediction: Prediction, regions: NDArray[np.uint16], smallest: int) -> Prediction:
    """Every region goes whole to the mask, or to VOID, that has most of it.

    Masks of which less than ``smallest`` px is left are dropped; the others keep their scores.
    """
    numbers = len(prediction.scores) + 1
    votes = np.zeros((int(regions.max()) + 1, numbers), np.int64)
    for rows in _strips(regions):
        codes = regions[rows].astype(np.int64) * numbers + prediction.label_map[rows]
        votes += np.bincount(codes.ravel(), minlength=votes.size).reshape(votes.shape)
    winner = votes.argmax(1)
    areas = np.bincount(winner, weights=votes.sum(1), minlength=numbers).astype(np.int64)
    kept = areas >= max(1, smallest)
    kept[0] = False
    places = np.flatnonzero(kept) - 1
    renumbered = np.where(kept, np.cumsum(kept), 0)[winner].astype(np.uint16)
    label_map = np.empty_like(prediction.label_map)
    for rows in _strips(regions):
        label_map[rows] = renumbered[regions[rows]]
    return replace(
        prediction,
        label_map=label_map,
        scores=[prediction.scores[place] for place in places],
        class_scores=[prediction.class_scores[place] for place in places],
        queries=[prediction.queries[place] for place in places],
        areas=areas[kept].tolist(),
    )


def snapped_candidates(candidates: list[Candidate], regions: NDArray[np.uint16]) -> list[Candidate]:
    """Each mask [h, w] as the regions it has most of; ``regions`` [h, w] at the masks' cells."""
    cells = np.bincount(regions.ravel())
    whole = []
    for candidate in candidates:
        inside = np.bincount(regions[candidate.mask], minlength=len(cells))
        mask = (2 * inside > cells)[regions]
        whole.append(replace(candidate, mask=mask if mask.any() else candidate.mask))
    return whole


def _strips(array: NDArray[np.uint16]) -> list[slice]:
    return [slice(top, top + STRIP_ROWS) for top in range(0, len(array), STRIP_ROWS)]
