"""All figures of one evaluation report as JSON has them, from the figures of its images.

Shares lie between 0 and 1; None stands for what is undefined: there is nothing of which it could be a figure,
masks overlap where a measure needs them disjoint, or they bear no terms. No names, so that the same figures
give the same bytes whatever a term is called. Every measure is described in docs/measures.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import (
    MAX_DETECTIONS,
    RECALL_POINTS,
    Curves,
    ImagePairs,
    Limits,
    curves,
    match_all,
    summary,
)
from annotation_server.segmentation.by_term import (
    NamedFigures,
    PanopticByTerm,
    have_terms,
    named,
    panoptic_by_term,
)
from annotation_server.segmentation.calibration import calibration
from annotation_server.segmentation.covering import coverings, mean_of_known
from annotation_server.segmentation.entity_f1 import F1Counts, f1_counts
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.model_figures import mean_coverage
from annotation_server.segmentation.open_vocabulary import open_average_precision
from annotation_server.segmentation.panoptic_quality import Quality, quality
from annotation_server.segmentation.report_tables import (
    by_size,
    by_source,
    by_term,
    confused_names,
    entity_total,
    known,
    left_out,
    mean_known,
)
from annotation_server.segmentation.resampled_precision import (
    Measure,
    WeightedPrecision,
    WeightedRatio,
    interval,
    resampled,
)
from annotation_server.segmentation.scored_pairs import scored_pairs
from annotation_server.segmentation.semantic_segmentation import (
    Confusion,
    SemanticQuality,
    confusion,
    open_semantic_quality,
    semantic_quality,
)
from annotation_server.segmentation.similarity import Similarity

RESAMPLES = 1000
_AT_75 = 5


def report_figures(
    images: Sequence[ImageFigures],
    *,
    boundary: bool = True,
    similarity: Similarity | None = None,
    kinds: Mapping[int, str] | None = None,
    sources: Mapping[int, str] | None = None,
    limits: Limits = MAX_DETECTIONS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """The figures of a report over ``images``, all compared by one rule.

    Args:
        boundary: work out boundary AP too, where every image has it.
        similarity: of terms, for the open-vocabulary figures; None leaves them out.
        kinds: "thing" or "stuff" by term.
        sources: where an image comes from, by its id.
        limits: detections an image that count; AP is that of the last.

    Raises ValueError for images that were compared by different rules, or for scores that are not finite.
    """
    rules = {(image.void, image.order) for image in images}
    if len(rules) > 1:
        raise ValueError(f"Images are compared by one rule, not by {sorted(rules)}.")
    is_disjoint = all(image.is_disjoint for image in images)
    pairs = scored_pairs(images)
    found = curves([pairs], limits)
    f1 = f1_counts(images)
    return {
        "images": len(images),
        "true_entities": sum(image.true_areas.size for image in images),
        "found_entities": sum(image.scores.size for image in images),
        "is_disjoint": is_disjoint,
        "void": images[0].void if images else None,
        "order": images[0].order if images else None,
        "limits": list(limits),
        "ap": _average_precision(found, pairs, limits),
        "intervals": _intervals(images, pairs, limits, seed, resamples),
        "boundary": _boundary(images, limits) if boundary else None,
        "semantic": None,
        "f1": dict(zip(("50", "75", "mean"), _f1(f1), strict=True)),
        "covering": known(mean_of_known(coverings(images))),
        "coverage": known(mean_coverage(images)),
        "by_size": by_size(images, pairs, limits),
        "curves": _curves(found),
        "calibration": calibration(pairs, _scores(images)),
        "by_source": by_source(images, pairs, limits, sources) if sources is not None else [],
        "confusion": confused_names(images),
        "counts": left_out(images, limits),
        **_by_name(images, pairs, limits, similarity, kinds, is_disjoint),
    }


def per_image(images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS) -> list[dict[str, Any]]:
    """One row an image: AP, boundary AP, PQ, F1 at IoU .5, covering, and how many masks either side has."""
    f1, covering = f1_counts(images).by_image()[:, 0], coverings(images)
    rows = []
    for place, image in enumerate(images):
        total = entity_total([image])
        pq = quality({1: total}, [1])
        ap = curves([scored_pairs([image])], limits[-1:])
        rows.append(
            {
                "image": image.image,
                "AP": mean_known(ap.precision[..., 0, 0]),
                "AP50": mean_known(ap.precision[0, ..., 0, 0]),
                "PQ": pq.pq if image.is_disjoint and pq.categories else None,
                "F1": known(f1[place]),
                "covering": known(covering[place]),
                "boundary_AP": _image_boundary(image, limits),
                "true": image.true_areas.size,
                "found": image.scores.size,
            }
        )
    return rows


def measures_of(images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS) -> dict[str, Measure]:
    """The measures that can be resampled over images: "AP", "PQ" (disjoint masks), "boundary_AP", "F1"."""
    measures: dict[str, Measure] = {"AP": WeightedPrecision(match_all(scored_pairs(images), limits[-1:])).of}
    if all(image.is_disjoint for image in images):
        counts = np.array(
            [(p.iou, p.hits + 0.5 * p.false_alarms + 0.5 * p.misses) for p in (i.panoptic for i in images)]
        ).reshape(-1, 2)
        measures["PQ"] = WeightedRatio(counts[:, 0], counts[:, 1]).of
    if all(image.bands is not None for image in images):
        matches = match_all(scored_pairs(images, boundary=True), limits[-1:])
        measures["boundary_AP"] = WeightedPrecision(matches).of
    f1 = f1_counts(images)
    measures["F1"] = WeightedRatio(2.0 * f1.hits[:, 0], f1.found[:, 0] + f1.true).of
    return measures


def _average_precision(found: Curves, pairs: Sequence[ImagePairs], limits: Limits) -> dict[str, float | None]:
    figures = {name: known(value) for name, value in summary(found, limits).items()}
    if limits[-1] is not None:
        figures["AR@all"] = mean_known(curves([pairs], (None,)).recall[..., 0, 0])
    return figures


def _boundary(images: Sequence[ImageFigures], limits: Limits) -> dict[str, float | None] | None:
    if any(image.bands is None for image in images):
        return None
    pairs = scored_pairs(images, boundary=True)
    return _average_precision(curves([pairs], limits), pairs, limits)


def _image_boundary(image: ImageFigures, limits: Limits) -> float | None:
    if image.bands is None:
        return None
    found = curves([scored_pairs([image], boundary=True)], limits[-1:])
    return mean_known(found.precision[..., 0, 0])


def _intervals(
    images: Sequence[ImageFigures], pairs: Sequence[ImagePairs], limits: Limits, seed: int, resamples: int
) -> dict[str, list[float] | None]:
    """95 % percentile intervals over resampled images."""
    measures = {name: of for name, of in measures_of(images, limits).items() if name in ("AP", "PQ")}
    cells = sum(one.scores.size for one in pairs)
    drawn = resampled(list(measures.values()), len(images), seed=seed, resamples=resamples, cells=cells)
    found: dict[str, list[float] | None] = {"AP": None, "PQ": None}
    for name, values in zip(measures, drawn, strict=True):
        bounds = interval(values)
        found[name] = list(bounds) if bounds else None
    return found


def _f1(counts: F1Counts) -> list[float | None]:
    f1 = counts.f1()
    return [known(f1[0]), known(f1[_AT_75]), known(float(f1.mean()))]


def _scores(images: Sequence[ImageFigures]) -> np.ndarray:
    return np.concatenate([np.empty(0), *(image.scores for image in images)])


def _curves(found: Curves) -> dict[str, Any]:
    """Precision at the recall points, masks of every size, up to the last limit."""
    precision = found.precision[:, :, 0, 0, -1]
    rows = {"50": precision[0], "75": precision[_AT_75], "mean": precision.mean(axis=0)}
    return {
        "recall": RECALL_POINTS.tolist(),
        "precision": {name: [known(value) for value in row.tolist()] for name, row in rows.items()},
    }


def _by_name(
    images: Sequence[ImageFigures],
    pairs: Sequence[ImagePairs],
    limits: Limits,
    similarity: Similarity | None,
    kinds: Mapping[int, str] | None,
    is_disjoint: bool,
) -> dict[str, Any]:
    """What needs terms, and panoptic quality, of which one part does not."""
    agnostic = quality({1: entity_total(images)}, [1])
    total = entity_total(images)
    alone = _panoptic_row(agnostic, (total.hits, total.false_alarms, total.misses))
    if not have_terms(images):
        rest: dict[str, Any] = {"class_aware": None, "open": None, "by_term": [], "semantic": None}
        nothing = {"all": None, "things": None, "stuff": None, "agnostic": alone}
        return {"panoptic": nothing if is_disjoint else None, **rest}
    bearing = [named(image, one) for image, one in zip(images, pairs, strict=True)]
    pixels = _pixels(images)
    semantic = semantic_quality(pixels) if pixels else None
    rows, found = by_term(bearing, limits, semantic, is_disjoint)
    return {
        "panoptic": _panoptic(bearing, kinds, alone) if is_disjoint else None,
        "semantic": _semantic(semantic),
        "class_aware": {name: known(value) for name, value in summary(found, limits).items()},
        "open": _open(bearing, pixels, similarity, kinds, is_disjoint) if similarity else None,
        "by_term": rows,
    }


def _panoptic(
    images: Sequence[NamedFigures], kinds: Mapping[int, str] | None, agnostic: dict[str, Any]
) -> dict[str, Any]:
    found = panoptic_by_term(images)
    parts = {"all": np.ones(found.terms.size, np.bool_)}
    for name, kind in (("things", "thing"), ("stuff", "stuff")):
        parts[name] = np.array([(kinds or {}).get(term) == kind for term in found.terms.tolist()], np.bool_)
    rows = {name: _part(found, chosen) for name, chosen in parts.items()}
    return {**rows, "agnostic": agnostic}


def _part(found: PanopticByTerm, chosen: np.ndarray) -> dict[str, Any]:
    return _panoptic_row(found.quality(chosen), found.totals(chosen))


def _panoptic_row(found: Quality, totals: Sequence[float]) -> dict[str, Any]:
    shares = (found.pq, found.sq, found.rq) if found.categories else (None, None, None)
    counts = (int(total) for total in totals)
    names = ("pq", "sq", "rq", "hits", "false_alarms", "misses")
    return {**dict(zip(names, (*shares, *counts), strict=True)), "categories": found.categories}


def _pixels(images: Sequence[ImageFigures]) -> Confusion | None:
    rows = [image.semantic for image in images if image.semantic is not None]
    return confusion(rows) if len(rows) == len(images) else None


def _semantic(found: SemanticQuality | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "miou": known(found.miou),
        "frequency_weighted_iou": known(found.frequency_weighted_iou),
        "pixel_accuracy": known(found.pixel_accuracy),
        "terms": len(found.ious),
    }


def _open(
    images: Sequence[NamedFigures],
    pixels: Confusion | None,
    similarity: Similarity,
    kinds: Mapping[int, str] | None,
    is_disjoint: bool,
) -> dict[str, Any]:
    precision = open_average_precision(images, similarity)
    panoptic = panoptic_by_term(images, similarity, kinds).quality() if is_disjoint else Quality(0, 0, 0, 0)
    shares = (panoptic.pq, panoptic.sq, panoptic.rq) if panoptic.categories else (None, None, None)
    return {
        "similarity": similarity.name,
        "AP": known(precision.ap()),
        "AP50": known(precision.ap(0)),
        **dict(zip(("PQ", "SQ", "RQ"), shares, strict=True)),
        "mIoU": known(open_semantic_quality(pixels, similarity).miou) if pixels else None,
    }
