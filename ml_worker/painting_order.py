"""Which mask wins a contested pixel: the order in which queries are painted."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ml_worker.candidates import stride_for
from ml_worker.fusion import THRESHOLD, View, bounded_probabilities


def painting_order(
    choice: str,
    class_scores: NDArray[np.float64],
    mask_logits: Tensor,
    views: list[View],
    size: tuple[int, int],
) -> list[int]:
    """Queries, those that win first; equal ones by ascending query.

    ``choice`` is one of `predictor_options.PAINTING_ORDERS`. Masks are judged as they are before painting, on
    cells of a few px where the image is large. class_scores [Q], mask_logits [Q, T, h, w], ``size`` (height,
    width) of the image.
    """
    if choice == "class_score":
        return _descending(class_scores)
    areas, means = _judged(mask_logits, views, size)
    if choice == "mask_score":
        return _descending(class_scores * means)
    return [int(query) for query in np.lexsort((-class_scores, np.where(areas > 0, areas, np.inf)))]


def _descending(scores: NDArray[np.float64]) -> list[int]:
    return [int(query) for query in np.argsort(-scores, kind="stable")]


def _judged(
    mask_logits: Tensor, views: list[View], size: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cells and mean probability of every query's mask, 0 where there is none."""
    stride = stride_for(*size)
    cells = (-(-size[0] // stride), -(-size[1] // stride))
    areas, means = np.zeros(len(mask_logits)), np.zeros(len(mask_logits))
    everyone = list(range(len(mask_logits)))
    for query, chance in bounded_probabilities(mask_logits, views, stride, cells, everyone):
        inside = chance[chance > THRESHOLD]
        if inside.size:
            areas[query], means[query] = inside.size, inside.mean(dtype=np.float64)
    return areas, means
