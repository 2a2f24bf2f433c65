"""The tables of an evaluation report: by size, by term, by source, and names that were confused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import (
    AREAS,
    ImagePairs,
    Limits,
    Range,
    curves,
)
from annotation_server.segmentation.by_term import NamedFigures, pairs_by_term, panoptic_by_term
from annotation_server.segmentation.image_figures import UNNAMED, ImageFigures
from annotation_server.segmentation.panoptic_quality import MOST_FORGIVEN, Counts
from annotation_server.segmentation.semantic_segmentation import SemanticQuality

ALL = (AREAS["all"],)
SHARES: dict[str, Range] = {
    "<0.1 %": (0.0, 0.001),
    "0.1–1 %": (0.001, 0.01),
    "1–10 %": (0.01, 0.1),
    ">10 %": (0.1, 1.0),
}
MOST_CONFUSIONS = 200


def known(value: float) -> float | None:
    """The figure as JSON has it: None for what is undefined (COCO's -1, NaN)."""
    return None if value < 0 or np.isnan(value) else float(value)


def mean_known(values: np.ndarray) -> float | None:
    """COCO's mean of what is defined (not -1), in its order of summation."""
    real = values[values > -1]
    return float(np.mean(real)) if real.size else None


def pq_of(counts: Counts) -> float | None:
    """PQ of one class; None where nothing is on either side."""
    half = counts.hits + 0.5 * counts.false_alarms + 0.5 * counts.misses
    return counts.iou / half if half else None


def by_size(
    images: Sequence[ImageFigures], pairs: Sequence[ImagePairs], limits: Limits
) -> list[dict[str, Any]]:
    """Figures of masks by area: COCO's ranges in px, then shares of the image; both ends of each belong."""
    pixels = [float(image.width * image.height) for image in images]
    shared = [
        replace(one, areas=one.areas / size, true_areas=one.true_areas / size)
        for one, size in zip(pairs, pixels, strict=True)
    ]
    ranges = {name: area for name, area in AREAS.items() if name != "all"}
    ones = [1.0] * len(images)
    return [
        *_sizes(images, pairs, limits, ranges, "px", ones),
        *_sizes(images, shared, limits, SHARES, "share", pixels),
    ]


def _sizes(
    images: Sequence[ImageFigures],
    pairs: Sequence[ImagePairs],
    limits: Limits,
    ranges: Mapping[str, Range],
    unit: str,
    units: Sequence[float],
) -> list[dict[str, Any]]:
    found = curves([pairs], limits[-1:], tuple(ranges.values()))
    rows = []
    for a, (name, (low, high)) in enumerate(ranges.items()):
        counts, true, detections = _counts_of_size(images, units, low, high)
        rows.append(
            {
                "name": name,
                "unit": unit,
                "low": low,
                "high": None if high >= AREAS["all"][1] else high,
                "true": true,
                "found": detections,
                "AP": mean_known(found.precision[..., a, 0]),
                "AP50": mean_known(found.precision[0, ..., a, 0]),
                "AR": mean_known(found.recall[..., a, 0]),
                "PQ": None if counts is None else pq_of(counts),
            }
        )
    return rows


def _counts_of_size(
    images: Sequence[ImageFigures], units: Sequence[float], low: float, high: float
) -> tuple[Counts | None, int, int]:
    """Panoptic counts (hits and misses by the true area, false alarms by the found one) and masks."""
    total, true, found = Counts(), 0, 0
    has_segments = all(image.segments is not None for image in images)
    for image, unit in zip(images, units, strict=True):
        mine = (image.true_areas / unit >= low) & (image.true_areas / unit <= high)
        theirs = (image.areas / unit >= low) & (image.areas / unit <= high)
        true, found = true + int(mine.sum()), found + int(theirs.sum())
        if image.segments is not None:
            hit = mine[image.segments.g]
            alone = theirs & (image.segments.in_void <= MOST_FORGIVEN)
            alone[image.segments.d] = False
            hits = int(hit.sum())
            iou = float(image.segments.iou[hit].sum())
            total.add(Counts(hits, int(alone.sum()), int(mine.sum()) - hits, iou))
    return total if has_segments else None, true, found


def by_term(
    images: Sequence[NamedFigures], limits: Limits, semantic: SemanticQuality | None, is_disjoint: bool
) -> list[dict[str, Any]]:
    """A row for every term that occurs, ascending."""
    terms = pairs_by_term(images)
    found = curves(list(terms.values()), limits[-1:], ALL)
    quality = panoptic_by_term(images).by_term() if is_disjoint else {}
    true, detected = (
        Counter(np.concatenate([np.empty(0, np.int64), *side]).tolist())
        for side in ([image.true_terms for image in images], [image.terms for image in images])
    )
    return [
        {
            "term": term,
            "true": true[term],
            "found": detected[term],
            "AP": mean_known(found.precision[:, :, k, 0, -1]),
            "AP50": mean_known(found.precision[0, :, k, 0, -1]),
            "PQ": quality.get(term),
            "IoU": semantic.ious.get(term) if semantic else None,
        }
        for k, term in enumerate(terms)
    ]


def by_source(
    images: Sequence[ImageFigures],
    pairs: Sequence[ImagePairs],
    limits: Limits,
    sources: Mapping[int, str],
) -> list[dict[str, Any]]:
    """A row for every source, by name; "" for images that have none."""
    places: dict[str, list[int]] = {}
    for place, image in enumerate(images):
        places.setdefault(sources.get(image.image, ""), []).append(place)
    rows = []
    for source, mine in sorted(places.items()):
        found = curves([[pairs[place] for place in mine]], limits[-1:], ALL)
        chosen = [images[place] for place in mine]
        rows.append(
            {
                "source": source,
                "images": len(mine),
                "true": sum(image.true_areas.size for image in chosen),
                "AP": mean_known(found.precision),
                "AP50": mean_known(found.precision[0]),
                "PQ": pq_of(entity_total(chosen)) if all(image.is_disjoint for image in chosen) else None,
            }
        )
    return rows


def entity_total(images: Sequence[ImageFigures]) -> Counts:
    """Class-agnostic panoptic counts of all images."""
    total = Counts()
    for image in images:
        total.add(image.panoptic)
    return total


def confused_names(images: Sequence[ImageFigures]) -> list[dict[str, Any]]:
    """Pairs of unequal names on masks with IoU ≥ .5, the most frequent first, with the px they share."""
    count: Counter[tuple[int, int]] = Counter()
    pixels: Counter[tuple[int, int]] = Counter()
    for image in images:
        if image.terms is None or image.true_terms is None:
            continue
        true, found = image.true_terms[image.masks.g], image.terms[image.masks.d]
        unlike = (true != found) & (true != UNNAMED) & (found != UNNAMED)
        both = image.true_areas[image.masks.g] + image.areas[image.masks.d]
        shared = np.rint(both * image.masks.iou / (1 + image.masks.iou)).astype(np.int64)
        for a, b, px in zip(true[unlike], found[unlike], shared[unlike], strict=True):
            count[int(a), int(b)] += 1
            pixels[int(a), int(b)] += int(px)
    order = sorted(count, key=lambda pair: (-count[pair], -pixels[pair], pair))
    return [
        {"true": a, "found": b, "count": count[a, b], "pixels": pixels[a, b]}
        for a, b in order[:MOST_CONFUSIONS]
    ]


def left_out(images: Sequence[ImageFigures], limits: Limits) -> dict[str, int]:
    """What did not count, by reason."""
    most = limits[-1]
    counts = {
        "images_without_truth": sum(not image.true_areas.size for image in images),
        "images_without_detections": sum(not image.scores.size for image in images),
        "true_without_term": sum(
            int((image.true_terms == UNNAMED).sum()) for image in images if image.true_terms is not None
        ),
        "found_without_term": sum(
            int((image.terms == UNNAMED).sum()) for image in images if image.terms is not None
        ),
        "found_in_void": sum(_forgiven(image) for image in images),
        "over_limit": sum(max(0, image.scores.size - most) for image in images) if most else 0,
    }
    return {name: count for name, count in counts.items() if count}


def _forgiven(image: ImageFigures) -> int:
    """Detections without a partner that lie for half or more in VOID, which AP .5 overlooks."""
    alone = image.masks.in_void >= 0.5
    alone[image.masks.d] = False
    return int(alone.sum())
