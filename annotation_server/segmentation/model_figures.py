"""A model's figures over many images: AP by size, AR, boundary AP, PQ, coverage and mean best IoU."""

from collections.abc import Sequence

import numpy as np

from annotation_server.segmentation.average_precision import curves, summary
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.panoptic_quality import Counts, quality

UNDEFINED = -1.0  # as COCO says it: there is nothing of which this could be a figure


def model_figures(images: Sequence[ImageFigures]) -> dict[str, float]:
    """Counts, COCO's twelve figures, ``boundary_AP…``, ``PQ``, ``SQ``, ``RQ``, coverage and mean best IoU.

    UNDEFINED stands for what is no number. Raises ValueError for scores that are not finite.
    """
    by_boundary = summary(curves([[image.boundary_pairs() for image in images]]))
    pq = quality({1: _added([image.panoptic for image in images])}, [1])
    best = np.concatenate([np.empty(0), *(image.best_ious for image in images)])
    return {
        "images": len(images),
        "entities": sum(image.true_areas.size for image in images),
        "predicted": sum(image.scores.size for image in images),
        **summary(curves([[image.pairs() for image in images]])),
        **{f"boundary_{name}": by_boundary[name] for name in ("AP", "AP50", "AP75")},
        "PQ": pq.pq if pq.categories else UNDEFINED,
        "SQ": pq.sq if pq.categories else UNDEFINED,
        "RQ": pq.rq if pq.categories else UNDEFINED,
        "coverage": mean_coverage(images),
        "mean_best_iou": float(best.mean()) if best.size else UNDEFINED,
    }


def mean_coverage(images: Sequence[ImageFigures]) -> float:
    """The share of annotated pixels that some detection covers, mean over images; UNDEFINED without any."""
    covered = [image.covered / image.annotated for image in images if image.annotated]
    return float(np.mean(covered)) if covered else UNDEFINED


def _added(parts: Sequence[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        total.add(part)
    return total
