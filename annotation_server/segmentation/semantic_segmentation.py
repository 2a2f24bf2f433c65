"""IoU of terms over all pixels: mean IoU, frequency weighted IoU, pixel accuracy, and Open mIoU.

Source: Long et al. 2015, "Fully Convolutional Networks", §5 (the three figures); Open mIoU as in the Open
Metrics of EntitySeg's authors: pixels of another name count as far as that name is similar.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from annotation_server.segmentation.average_precision import Floats
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.similarity import Similarity

NOTHING = 0  # VOID of the truth that counts as background, or no prediction


class Confusion(NamedTuple):
    """``pixels`` [K, K] of true term (row) and found term (column), both in the order of ``terms``.

    The first term is NOTHING: truth that bears no term, or pixels nothing was predicted for.
    """

    terms: Ints
    pixels: Ints


class SemanticQuality(NamedTuple):
    """Shares 0..1, NaN without a pixel; ``ious`` by term that occurs on either side."""

    miou: float
    frequency_weighted_iou: float
    pixel_accuracy: float
    ious: dict[int, float]


def confusion(rows: Iterable[Ints]) -> Confusion:
    """Sum the rows [P, 3] of true term, found term and px of many images."""
    table = np.concatenate([np.empty((0, 3), np.int64), *rows])
    terms = np.unique(np.concatenate((table[:, :2].ravel(), [NOTHING])))
    place = np.searchsorted(terms, table[:, :2])
    keys = place[:, 0] * terms.size + place[:, 1]
    pixels = np.zeros(terms.size**2, np.int64)
    np.add.at(pixels, keys, table[:, 2])
    return Confusion(terms, pixels.reshape(terms.size, terms.size))


def semantic_quality(found: Confusion) -> SemanticQuality:
    """IoU_j = C_jj / (true_j + found_j - C_jj), the mean over the terms that occur on either side."""
    return _quality(found, found.pixels.astype(np.float64))


def open_semantic_quality(found: Confusion, similarity: Similarity) -> SemanticQuality:
    """The same with every pixel of found term i and true term j split: S[i, j] right, the rest wrong.

    C is indexed [found i, true j] there: tp_j = Σ_i C_ij · S_ij, C'_ij = C_ij · (1 - S_ij) and C'_jj = tp_j;
    IoU_j = C'_jj / (Σ_i C'_ij + Σ_i C'_ji - C'_jj). An asymmetric similarity is read as [found, true].
    """
    alike = similarity.of(found.terms[None, :], found.terms[:, None])  # [true, found]
    alike[found.terms == NOTHING] = 0.0
    alike[:, found.terms == NOTHING] = 0.0
    split = found.pixels * (1.0 - alike)
    np.fill_diagonal(split, (found.pixels * alike).sum(axis=1))
    return _quality(found, split)


def _quality(found: Confusion, pixels: Floats) -> SemanticQuality:
    named = found.terms != NOTHING
    right = np.diagonal(pixels)
    union = pixels.sum(axis=0) + pixels.sum(axis=1) - right
    true = found.pixels.sum(axis=1)
    occurs = named & ((true > 0) | (found.pixels.sum(axis=0) > 0))
    ious = np.divide(right, union, out=np.zeros(union.size), where=union > 0)
    if not occurs.any():
        return SemanticQuality(np.nan, np.nan, np.nan, {})
    known = int(true[named].sum())
    return SemanticQuality(
        miou=float(ious[occurs].mean()),
        frequency_weighted_iou=float((ious[named] * true[named]).sum() / known) if known else np.nan,
        pixel_accuracy=float(right[named].sum() / known) if known else np.nan,
        ious=dict(zip(found.terms[occurs].tolist(), ious[occurs].tolist(), strict=True)),
    )
