"""The pairs of many images with equal scores put in the order that was asked for.

Masks of people have no scores, or all the same; average precision then depends on their order. COCO takes
images one after the other; ``largest`` and ``smallest`` order equal scores by area over all images together.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from annotation_server.segmentation.average_precision import ImagePairs
from annotation_server.segmentation.image_figures import ImageFigures


def scored_pairs(images: Sequence[ImageFigures], *, boundary: bool = False) -> list[ImagePairs]:
    """What average precision is computed from, image by image.

    Raises ValueError for images whose equal scores were to be ordered in different ways.
    """
    pairs = [image.boundary_pairs() if boundary else image.pairs() for image in images]
    orders = {image.order for image in images}
    if len(orders) > 1:
        raise ValueError(f"Equal scores are ordered in one way in all images, not as {sorted(orders)}.")
    if orders <= {"number"}:
        return pairs
    scores = np.concatenate([one.scores for one in pairs])
    areas = np.concatenate([one.areas for one in pairs])
    if orders == {"largest"}:
        areas = -areas
    order = np.lexsort((areas, -scores))
    unlike = (np.diff(scores[order]) != 0) | (np.diff(areas[order]) != 0)
    ranks = np.empty(scores.size)
    ranks[order] = -np.cumsum(np.concatenate((np.zeros(min(1, scores.size)), unlike)))
    ends = np.cumsum([one.scores.size for one in pairs])[:-1]
    return [replace(one, scores=rank) for one, rank in zip(pairs, np.split(ranks, ends), strict=True)]
