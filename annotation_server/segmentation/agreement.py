"""How far two people's label maps of the same images agree.

Average precision takes one person's map as truth and the other's as detections. People give no scores, so
that equal ones are put in an order, which must be stated with the figure: on BSDS500 AP moves from .17 to .29
between the smallest and the largest mask first. No limit of detections, since all masks of a person count.
F1, panoptic quality and covering beside it need neither scores nor order.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import Curves, Floats, curves
from annotation_server.segmentation.covering import coverings, mean_best_ious, mean_of_known
from annotation_server.segmentation.entity_f1 import f1_counts
from annotation_server.segmentation.image_figures import ImageFigures, TieBreak, VoidRule, compare_maps
from annotation_server.segmentation.label_map import areas
from annotation_server.segmentation.matching import SAME_ENTITY, iou_pairs, joint_histogram
from annotation_server.segmentation.report_tables import known, mean_known, pq_of
from annotation_server.segmentation.scored_pairs import scored_pairs
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID

_AT_75 = 5


def agreement(a: TiledMap, b: TiledMap) -> float:
    """Class-agnostic panoptic quality of two maps, 0 to 1, the same in both directions.

    Entities with an IoU above 0.5 are partners; the sum of the partners' IoU is divided by the mean number
    of entities. Two maps without any entity agree. Raises ValueError for maps of different sizes.
    """
    histogram = joint_histogram(a, b)
    entities = len(histogram.areas_a().keys() - {VOID}) + len(histogram.areas_b().keys() - {VOID})
    if not entities:
        return 1.0
    shared = sum(pair.iou for pair in iou_pairs(histogram) if pair.iou > SAME_ENTITY)
    return 2 * shared / entities


def compare_people(
    truth: TiledMap,
    other: TiledMap,
    *,
    image: int = 0,
    order: TieBreak = "largest",
    void: VoidRule = "crowd",
    boundary: bool = False,
) -> ImageFigures:
    """The figures of another person's map against the one taken as truth, all masks with the score 1.

    Raises ValueError for maps of different sizes.
    """
    scores = dict.fromkeys(areas(other), 1.0)
    return compare_maps(truth, other, scores, image=image, order=order, void=void, boundary=boundary)


def agreement_figures(images: Sequence[ImageFigures], order: TieBreak | None = None) -> dict[str, Any]:
    """Agreement over images as JSON has it, shares 0..1, None where undefined.

    ``pooled`` puts the masks of all images into one ranking, as COCO does; ``per_image`` is the mean of the
    images' own figures, and so are ``f1``, ``pq``, ``covering`` and ``mbest`` (mean best IoU). ``order``
    puts equal scores in another order than the one they were compared with.
    """
    ranked = [replace(image, order=order) for image in images] if order else list(images)
    alone = [curves([scored_pairs([image])], (None,)) for image in ranked]
    f1 = f1_counts(ranked).by_image()
    return {
        "images": len(ranked),
        "tie_break": ranked[0].order if ranked else order,
        "pooled": _precision(curves([scored_pairs(ranked)], (None,))),
        "per_image": _mean_row([_precision(found) for found in alone]),
        "f1": {
            "50": known(mean_of_known(f1[:, 0])),
            "75": known(mean_of_known(f1[:, _AT_75])),
            "mean": known(mean_of_known(f1.mean(axis=1))),
        },
        "pq": known(mean_of_known(_pq(ranked))),
        "covering": known(mean_of_known(coverings(ranked))),
        "mbest": known(mean_of_known(mean_best_ious(ranked))),
    }


def _precision(found: Curves) -> dict[str, float | None]:
    precision = found.precision[..., 0, 0]
    return {
        "AP": mean_known(precision),
        "AP50": mean_known(precision[0]),
        "AP75": mean_known(precision[_AT_75]),
        "AR": mean_known(found.recall[..., 0, 0]),
    }


def _mean_row(rows: Sequence[dict[str, float | None]]) -> dict[str, float | None]:
    names = ("AP", "AP50", "AP75", "AR")
    columns = {name: np.array([row[name] for row in rows], np.float64) for name in names}
    return {name: known(mean_of_known(column)) for name, column in columns.items()}


def _pq(images: Sequence[ImageFigures]) -> Floats:
    return np.array([pq_of(image.panoptic) for image in images], np.float64)
