"""Open AP: average precision in which a wrong name costs only as much as it is unlike the right one.

Source: the Open Metrics of EntitySeg's authors (qqlu/Entity). Masks of all terms are matched together by IoU.
A detection matched to a true mask is a hit of that mask's term for s = S[found, true], and a false alarm of
its own term for 1 - s when the terms differ; unmatched it is a whole one. AP as COCO's, the mean over the
terms of the truth. Masks with s = 0 are no partners, so that with the identity each digit is that of the
class-aware AP, even where masks overlap and there is a choice. Open PQ is in by_term.py, Open mIoU in
semantic_segmentation.py.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from annotation_server.segmentation.average_precision import (
    IOU_THRESHOLDS,
    RECALL_POINTS,
    Bools,
    Floats,
)
from annotation_server.segmentation.by_term import NamedFigures, grouped
from annotation_server.segmentation.detection_matching import Matching, as_columns
from annotation_server.segmentation.image_figures import UNNAMED
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.similarity import Similarity, known_terms


class OpenPrecision(NamedTuple):
    """Precision [T, R, K] at IoU thresholds and recall points of ``terms`` [K]; -1: no true mask."""

    terms: Ints
    precision: Floats

    def ap(self, thresholds: slice | int = slice(None)) -> float:
        """The mean over (one or all) thresholds, recall points and terms of the truth; -1 without any."""
        values = self.precision[thresholds]
        real = values[values > -1]
        return float(np.mean(real)) if real.size else -1.0


def open_average_precision(
    images: Sequence[NamedFigures], similarity: Similarity, limit: int | None = None
) -> OpenPrecision:
    """Open AP of every term; ``limit`` is how many detections of an image count, of all terms together."""
    together = _together(images, similarity, limit)
    terms = np.array(known_terms(together.found, together.true), np.int64)
    precision = np.full((IOU_THRESHOLDS.size, RECALL_POINTS.size, terms.size), -1.0)
    true = [group.size for group in grouped(together.true, terms)]
    own = grouped(together.found, terms)
    hits = [grouped(row, terms) for row in together.hit]
    for k, term in enumerate(terms.tolist()):
        if true[k]:
            chosen = np.unique(np.concatenate([own[k], *(row[k] for row in hits)]))
            precision[:, :, k] = _term_precision(together, chosen, term, true[k])
    return OpenPrecision(terms, precision)


class _Together(NamedTuple):
    """All detections, best score first: their term ``found`` [D], the term ``hit`` [T, D] of the true mask
    each is matched to (UNNAMED: none), its similarity ``s`` [T, D], and whether it ``counts`` [T, D]; the
    terms ``true`` [G] of all true masks."""

    found: Ints
    hit: Ints
    s: Floats
    counts: Bools
    true: Ints


def _together(images: Sequence[NamedFigures], similarity: Similarity, limit: int | None) -> _Together:
    none = [np.empty(0, np.int64)]
    found = np.concatenate([*none, *(image.terms for image in images)])
    true = np.concatenate([*none, *(np.append(image.true_terms, UNNAMED) for image in images)])
    pairs = as_columns([image.pairs for image in images])
    of_found, of_true = found[pairs.d], true[pairs.g]
    alike = (similarity.of(of_found, of_true) > 0) & (of_found != UNNAMED)
    near = alike | (pairs.crowd[pairs.g] & (of_true == UNNAMED))
    matching = Matching(
        replace(pairs, d=pairs.d[near], g=pairs.g[near], iou=pairs.iou[near]), limit or sys.maxsize
    )
    partner = matching.partners()[:, matching.order]
    found = found[matching.chosen[matching.order]]
    counts = (partner < 0) | ~np.append(pairs.crowd, False)[partner]
    hit = np.where((partner >= 0) & counts, np.append(true, UNNAMED)[partner], UNNAMED)
    return _Together(found, hit, similarity.of(found[None, :], hit), counts, true[~pairs.crowd])


def _term_precision(together: _Together, chosen: Ints, term: int, true: int) -> Floats:
    """Precision [T, R] from the ``chosen`` detections, those of the term or matched to it."""
    hit, s = together.hit[:, chosen] == term, together.s[:, chosen]
    own = (together.found[chosen] == term) & together.counts[:, chosen]
    matched = together.hit[:, chosen] != UNNAMED
    hits = np.cumsum(np.where(hit, s, 0.0), axis=1)
    misses = np.cumsum(np.where(own & ~hit, np.where(matched, 1.0 - s, 1.0), 0.0), axis=1)
    precision = np.zeros((IOU_THRESHOLDS.size, RECALL_POINTS.size))
    if not hits.shape[1]:
        return precision
    exact = hits / (misses + hits + np.spacing(1))
    envelope = np.maximum.accumulate(exact[:, ::-1], axis=1)[:, ::-1]
    for t, row in enumerate(hits / true):
        at = np.searchsorted(row, RECALL_POINTS, "left")
        reached = at < row.size
        precision[t, reached] = envelope[t, at[reached]]
    return precision
