"""Every measure of a set of images by name, each from the figures of its images: formula, source, choices.

``compare_maps`` (image_figures.py) and ``compare_masks`` (mask_figures.py) make an image's figures; the
measures themselves are worked out in the modules named below. Shares lie between 0 and 1, None where there
is nothing of which they could be a figure. docs/measures.md says all this at length.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation import semantic_segmentation
from annotation_server.segmentation.average_precision import (
    MAX_DETECTIONS,
    RECALL_POINTS,
    Curves,
    ImagePairs,
    Limits,
    curves,
    summary,
)
from annotation_server.segmentation.boundary import band_width, label_map_bands
from annotation_server.segmentation.by_term import (
    NamedFigures,
    PanopticByTerm,
    have_terms,
    named,
    pairs_by_term,
    panoptic_by_term,
)
from annotation_server.segmentation.calibration import calibration
from annotation_server.segmentation.covering import coverings, mean_best_ious, mean_of_known
from annotation_server.segmentation.entity_f1 import f1_counts
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.model_figures import mean_coverage
from annotation_server.segmentation.open_vocabulary import open_average_precision
from annotation_server.segmentation.panoptic_quality import Quality, quality
from annotation_server.segmentation.report_tables import ALL, entity_total, known, mean_known
from annotation_server.segmentation.scored_pairs import scored_pairs
from annotation_server.segmentation.semantic_segmentation import Confusion, SemanticQuality, confusion
from annotation_server.segmentation.similarity import Similarity

Figures = dict[str, float | None]
_AT_75 = 5


def average_precision(images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS) -> Figures:
    """COCO's class-agnostic AP, AP50, AP75, APs, APm, APl and AR@k, and AR@all without a limit.

    The mean precision at 101 recall points and ten IoU thresholds .50:.05:.95; AP is that of the last of
    ``limits``. Source: cocoapi ``cocoeval.py``, digit for digit (average_precision.py).
    """
    return _precision_of(scored_pairs(images), limits)


def entity_average_precision(images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS) -> Figures:
    """APᵉ: the same for masks that do not overlap (EntitySeg, ICCV 2023, §5).

    Raises ValueError, naming the images, where masks overlap; non_overlap.py gives each pixel to the best.
    """
    overlapping = [str(image.image) for image in images if not image.is_disjoint]
    if overlapping:
        raise ValueError(
            f"Masks overlap in the images {', '.join(overlapping[:20])}; APᵉ is defined without overlap."
        )
    return average_precision(images, limits)


def boundary_average_precision(
    images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS
) -> Figures | None:
    """AP with min(mask IoU, boundary IoU) as IoU; None where an image's bands were not measured.

    Source: Cheng et al. 2021, "Boundary IoU"; bands are 2 % of the diagonal wide (boundary.py).
    """
    if any(image.bands is None for image in images):
        return None
    return _precision_of(scored_pairs(images, boundary=True), limits)


def boundary_iou(a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> float | None:
    """IoU of the bands along the borders of two masks bool [H, W]; None without a pixel on either side.

    A band is what lies within d px (chessboard) of what is not the mask, the image's frame included.
    """
    distance = band_width(*a.shape)
    bands = [label_map_bands(side.astype(np.uint16), distance) != 0 for side in (a, b)]
    either = int((bands[0] | bands[1]).sum())
    return int((bands[0] & bands[1]).sum()) / either if either else None


def precision_recall(images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS) -> dict[str, Any]:
    """Precision at the 101 recall points at IoU .5 and .75, and the mean over all ten thresholds."""
    precision = curves([scored_pairs(images)], limits[-1:], ALL).precision[:, :, 0, 0, 0]
    rows = {"50": precision[0], "75": precision[_AT_75], "mean": precision.mean(axis=0)}
    return {
        "recall": RECALL_POINTS.tolist(),
        "precision": {name: [known(value) for value in row.tolist()] for name, row in rows.items()},
    }


def score_calibration(images: Sequence[ImageFigures]) -> dict[str, Any] | None:
    """Precision by score, and the expected calibration error (Guo et al. 2017; calibration.py)."""
    scores = np.concatenate([np.empty(0), *(image.scores for image in images)])
    return calibration(scored_pairs(images), scores)


def panoptic_quality(
    images: Sequence[ImageFigures], kinds: Mapping[int, str] | None = None
) -> dict[str, Any] | None:
    """PQ = SQ · RQ of all terms, of things, of stuff, and class-agnostic; None where masks overlap.

    PQ = Σ IoU of hits / (hits + false alarms / 2 + misses / 2) by term, the mean over terms that occur.
    Source: Kirillov et al. 2019, with panopticapi's rules for VOID (panoptic_quality.py, by_term.py).
    """
    if not all(image.is_disjoint for image in images):
        return None
    total = entity_total(images)
    agnostic = _panoptic_row(quality({1: total}, [1]), (total.hits, total.false_alarms, total.misses))
    if not have_terms(images):
        return {"all": None, "things": None, "stuff": None, "agnostic": agnostic}
    found = panoptic_by_term([named(image) for image in images])
    of_kind = [(kinds or {}).get(term) for term in found.terms.tolist()]
    parts = {
        "all": np.ones(found.terms.size, np.bool_),
        "things": np.array([kind == "thing" for kind in of_kind], np.bool_),
        "stuff": np.array([kind == "stuff" for kind in of_kind], np.bool_),
    }
    return {**{name: _part(found, chosen) for name, chosen in parts.items()}, "agnostic": agnostic}


def semantic_iou(images: Sequence[ImageFigures]) -> dict[str, Any] | None:
    """mIoU, frequency weighted IoU and pixel accuracy (Long et al. 2015; semantic_segmentation.py).

    None where masks overlap or bear no terms.
    """
    found = semantic_quality(images)
    if found is None:
        return None
    return {
        "miou": known(found.miou),
        "frequency_weighted_iou": known(found.frequency_weighted_iou),
        "pixel_accuracy": known(found.pixel_accuracy),
        "terms": len(found.ious),
    }


def semantic_quality(images: Sequence[ImageFigures]) -> SemanticQuality | None:
    """The same with the IoU of every term."""
    pixels = _pixels(images)
    return semantic_segmentation.semantic_quality(pixels) if pixels else None


def f1(images: Sequence[ImageFigures]) -> Figures:
    """F1 = 2 · hits / (true + found) at IoU .5 and .75, and the mean over ten thresholds (entity_f1.py)."""
    found = f1_counts(images).f1()
    return {"50": known(found[0]), "75": known(found[_AT_75]), "mean": known(float(found.mean()))}


def covering(images: Sequence[ImageFigures]) -> float | None:
    """Σ area · best IoU / Σ area of an image's true masks, the mean over images (Arbeláez et al. 2011)."""
    return known(mean_of_known(coverings(images)))


def mean_best_iou(images: Sequence[ImageFigures]) -> float | None:
    """The best IoU of an image's true masks, its mean over masks and then over images (covering.py)."""
    return known(mean_of_known(mean_best_ious(images)))


def coverage(images: Sequence[ImageFigures]) -> float | None:
    """The share of the truth's pixels that some detection covers, the mean over images."""
    return known(mean_coverage(images))


def class_average_precision(
    images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS
) -> Figures | None:
    """COCO's AP by term, the mean over terms of the truth; None without terms (by_term.py).

    A true mask without a term is a crowd for all terms, a detection without one counts in none.
    """
    if not have_terms(images):
        return None
    found = curves(list(pairs_by_term(_named(images)).values()), limits)
    return {name: known(value) for name, value in summary(found, limits).items()}


def open_figures(
    images: Sequence[ImageFigures], similarity: Similarity, kinds: Mapping[int, str] | None = None
) -> dict[str, Any] | None:
    """Open AP, Open PQ and Open mIoU: a wrong name costs what it is unlike the right one; None without terms.

    An asymmetric similarity is read as S[found, true] by Open AP and Open mIoU and as S[true, found] by Open
    PQ, as the authors' code does. The identity gives the closed figures, AP without a limit of detections.
    Source: the Open Metrics of qqlu/Entity (open_vocabulary.py, by_term.py, semantic_segmentation.py).
    """
    if not have_terms(images):
        return None
    bearing, pixels = _named(images), _pixels(images)
    precision = open_average_precision(bearing, similarity)
    is_disjoint = all(image.is_disjoint for image in images)
    found = panoptic_by_term(bearing, similarity, kinds).quality() if is_disjoint else Quality(0, 0, 0, 0)
    shares = found[:3] if found.categories else (None, None, None)
    semantic = semantic_segmentation.open_semantic_quality(pixels, similarity) if pixels else None
    return {
        "similarity": similarity.name,
        "AP": known(precision.ap()),
        "AP50": known(precision.ap(0)),
        **dict(zip(("PQ", "SQ", "RQ"), shares, strict=True)),
        "mIoU": known(semantic.miou) if semantic else None,
    }


def _precision_of(pairs: Sequence[ImagePairs], limits: Limits) -> Figures:
    figures = {name: known(value) for name, value in summary(curves([pairs], limits), limits).items()}
    if limits[-1] is not None:
        without_limit: Curves = curves([pairs], (None,), ALL)
        figures["AR@all"] = mean_known(without_limit.recall)
    return figures


def _named(images: Sequence[ImageFigures]) -> list[NamedFigures]:
    pairs = scored_pairs(images)
    return [named(image, one) for image, one in zip(images, pairs, strict=True)]


def _part(found: PanopticByTerm, chosen: npt.NDArray[np.bool_]) -> dict[str, Any]:
    return _panoptic_row(found.quality(chosen), found.totals(chosen))


def _panoptic_row(found: Quality, totals: Sequence[float]) -> dict[str, Any]:
    shares = found[:3] if found.categories else (None, None, None)
    counts = (int(total) for total in totals)
    names = ("pq", "sq", "rq", "hits", "false_alarms", "misses")
    return {**dict(zip(names, (*shares, *counts), strict=True)), "categories": found.categories}


def _pixels(images: Sequence[ImageFigures]) -> Confusion | None:
    rows = [image.semantic for image in images if image.semantic is not None]
    return confusion(rows) if rows and len(rows) == len(images) else None
