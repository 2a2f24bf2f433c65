"""All figures of one evaluation report as JSON has them, from the figures of its images.

Shares lie between 0 and 1; None stands for what is undefined: there is nothing of which it could be a figure,
masks overlap where a measure needs them disjoint, or they bear no terms. No names, so that the same figures
give the same bytes whatever a term is called. Every measure is described in docs/measures.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotation_server.segmentation import metrics
from annotation_server.segmentation.average_precision import (
    MAX_DETECTIONS,
    ImagePairs,
    Limits,
    match_all,
)
from annotation_server.segmentation.by_term import have_terms, named
from annotation_server.segmentation.covering import coverings
from annotation_server.segmentation.entity_f1 import f1_counts
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.panoptic_quality import quality
from annotation_server.segmentation.report_tables import (
    by_size,
    by_source,
    by_term,
    confused_names,
    entity_total,
    known,
    left_out,
)
from annotation_server.segmentation.resampled_precision import (
    Measure,
    WeightedPrecision,
    WeightedRatio,
    image_precisions,
    interval,
    resampled,
)
from annotation_server.segmentation.scored_pairs import scored_pairs
from annotation_server.segmentation.similarity import Similarity

RESAMPLES = 1000


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
    return {
        "images": len(images),
        "true_entities": sum(image.true_areas.size for image in images),
        "found_entities": sum(image.scores.size for image in images),
        "is_disjoint": is_disjoint,
        "void": images[0].void if images else None,
        "order": images[0].order if images else None,
        "limits": list(limits),
        "ap": metrics.average_precision(images, limits),
        "intervals": _intervals(images, pairs, limits, seed, resamples),
        "boundary": metrics.boundary_average_precision(images, limits) if boundary else None,
        "panoptic": metrics.panoptic_quality(images, kinds),
        "semantic": metrics.semantic_iou(images),
        "f1": metrics.f1(images),
        "covering": metrics.covering(images),
        "coverage": metrics.coverage(images),
        "class_aware": metrics.class_average_precision(images, limits),
        "open": metrics.open_figures(images, similarity, kinds) if similarity else None,
        "by_size": by_size(images, pairs, limits),
        "curves": metrics.precision_recall(images, limits),
        "calibration": metrics.score_calibration(images),
        "by_term": _by_term(images, pairs, limits, is_disjoint),
        "by_source": by_source(images, pairs, limits, sources) if sources is not None else [],
        "confusion": confused_names(images),
        "counts": left_out(images, limits),
    }


def per_image(images: Sequence[ImageFigures], limits: Limits = MAX_DETECTIONS) -> list[dict[str, Any]]:
    """One row an image: AP, boundary AP, PQ, F1 at IoU .5, covering, and how many masks either side has."""
    f1, covering = f1_counts(images).by_image()[:, 0], coverings(images)
    matches = match_all(scored_pairs(images), limits[-1:])
    ap, ap50 = image_precisions(matches), image_precisions(matches, slice(1))
    boundary = _image_boundaries(images, limits)
    rows = []
    for place, image in enumerate(images):
        pq = quality({1: entity_total([image])}, [1])
        rows.append(
            {
                "image": image.image,
                "AP": known(ap[place]),
                "AP50": known(ap50[place]),
                "PQ": pq.pq if image.is_disjoint and pq.categories else None,
                "F1": known(f1[place]),
                "covering": known(covering[place]),
                "boundary_AP": boundary.get(place),
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


def _image_boundaries(images: Sequence[ImageFigures], limits: Limits) -> dict[int, float | None]:
    """Boundary AP by the places of the images whose bands were measured."""
    places = [place for place, image in enumerate(images) if image.bands is not None]
    measured = scored_pairs([images[place] for place in places], boundary=True)
    found = image_precisions(match_all(measured, limits[-1:]))
    return {place: known(value) for place, value in zip(places, found.tolist(), strict=True)}


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


def _by_term(
    images: Sequence[ImageFigures], pairs: Sequence[ImagePairs], limits: Limits, is_disjoint: bool
) -> list[dict[str, Any]]:
    if not have_terms(images):
        return []
    bearing = [named(image, one) for image, one in zip(images, pairs, strict=True)]
    return by_term(bearing, limits, metrics.semantic_quality(images), is_disjoint)
