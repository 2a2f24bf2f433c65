"""F1 of entities, which needs no scores: how many have a partner of their own at an IoU threshold.

F1 = 2 · hits / (true + found). Hits are the most pairs of IoU at or above the threshold that can be formed
with every mask in one of them (a maximum bipartite matching), so neither scores nor order matter and both
directions agree. A detection without a partner that lies in VOID for the threshold's share is overlooked.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from annotation_server.segmentation.average_precision import IOU_THRESHOLDS, Floats
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.touching import Overlap


class F1Counts(NamedTuple):
    """Of N images: ``hits`` [N, T] and detections that count ``found`` [N, T] by threshold, ``true`` [N]."""

    hits: Ints
    found: Ints
    true: Ints

    def f1(self) -> Floats:
        """F1 [T] of all images together; NaN where there is no mask on either side."""
        return _f1(self.hits.sum(axis=0), self.found.sum(axis=0), self.true.sum())

    def by_image(self) -> Floats:
        """F1 [N, T] of every image alone; NaN without masks."""
        return _f1(self.hits, self.found, self.true[:, None])


def f1_counts(images: Sequence[ImageFigures]) -> F1Counts:
    """What F1 at COCO's ten IoU thresholds is made of."""
    rows = [_image_counts(image.masks, image.true_areas.size) for image in images]
    hits, found = (
        np.array([row[i] for row in rows], np.int64).reshape(-1, IOU_THRESHOLDS.size) for i in (0, 1)
    )
    return F1Counts(hits, found, np.array([image.true_areas.size for image in images], np.int64))


def _image_counts(masks: Overlap, true: int) -> tuple[Ints, Ints]:
    near = masks.iou >= IOU_THRESHOLDS[:, None]
    forgiven = masks.in_void >= IOU_THRESHOLDS[:, None]
    if _is_alone(masks.d, masks.in_void.size) and _is_alone(masks.g, true):
        spared = (forgiven[:, masks.d] & near).sum(axis=1)
        return near.sum(axis=1), masks.in_void.size - forgiven.sum(axis=1) + spared
    hits, found = np.zeros((2, IOU_THRESHOLDS.size), np.int64)
    for t, pairs in enumerate(near):
        alone = np.ones(masks.in_void.size, np.bool_)
        alone[_partnered(masks.d[pairs], masks.g[pairs], masks.in_void.size, true)] = False
        hits[t] = int((~alone).sum())
        found[t] = masks.in_void.size - int((alone & forgiven[t]).sum())
    return hits, found


def _is_alone(places: Ints, size: int) -> bool:
    """Whether no mask is in two pairs."""
    return not (np.bincount(places, minlength=size) > 1).any()


def _partnered(d: Ints, g: Ints, found: int, true: int) -> Ints:
    """The detections of a largest set of pairs in which every mask is once."""
    graph = csr_matrix((np.ones(d.size, np.int8), (d, g)), shape=(found, true))
    return np.flatnonzero(maximum_bipartite_matching(graph, perm_type="column") >= 0)


def _f1(hits: Ints, found: Ints, true: Ints | np.int64) -> Floats:
    masks = np.asarray(found + true, np.float64)
    return np.divide(2.0 * hits, masks, out=np.full(masks.shape, np.nan), where=masks > 0)
