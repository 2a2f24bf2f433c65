"""Figures of images that nobody painted: entities of which each image makes some harder to find."""

import numpy as np

from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.panoptic_quality import Counts
from annotation_server.segmentation.touching import Overlap

SIDE = 100
ENTITIES = 8


def figures_of(
    difficulty: np.ndarray, *, quality: float, seed: int, covered: float = 0.95
) -> list[ImageFigures]:
    """A model's figures: the IoU of each entity is about ``quality`` less its image's difficulty [N].

    Scores follow the IoU loosely. Two models of the same quality and other seeds are equally good.
    """
    random = np.random.default_rng(seed)
    return [
        _image(place, float(hard), quality, random, covered) for place, hard in enumerate(difficulty, start=1)
    ]


def difficulties(images: int, seed: int) -> np.ndarray:
    """How hard the images are: most a little, a few very."""
    return np.random.default_rng(seed).gamma(1.5, 0.08, images)


def _image(
    image: int, hard: float, quality: float, random: np.random.Generator, covered: float
) -> ImageFigures:
    iou = np.clip(random.normal(quality - hard, 0.12, ENTITIES), 0.0, 1.0)
    scores = np.clip(iou + random.normal(0, 0.15, ENTITIES), 0.01, 0.99)
    near = np.flatnonzero(iou >= 0.5)
    overlap = Overlap(near, near, iou[near], np.zeros(ENTITIES))
    return ImageFigures(
        image=image,
        width=SIDE,
        height=SIDE,
        scores=scores,
        areas=np.full(ENTITIES, 1000),
        true_areas=np.full(ENTITIES, 1000),
        best_ious=iou,
        masks=overlap,
        bands=overlap,
        annotated=SIDE * SIDE,
        covered=int(covered * SIDE * SIDE),
        panoptic=Counts(near.size, ENTITIES - near.size, ENTITIES - near.size, float(iou[near].sum())),
    )
