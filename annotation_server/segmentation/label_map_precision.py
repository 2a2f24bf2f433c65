"""What COCO's class-agnostic AP is computed from, for many label maps at once, from their runs alone."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from annotation_server.segmentation.detection_matching import PairColumns, one_after_the_other
from annotation_server.segmentation.joint_runs import Ints, JointColumns, joint_columns
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID

Scores = Mapping[int, float]


def label_map_pairs(images: Iterable[tuple[TiledMap, TiledMap, Scores]]) -> PairColumns:
    """Detections, true masks and their pairs, by ascending number, of images in their order.

    An image is its true map, its found map and the scores of the numbers found. VOID of the truth is
    background, not a crowd. Memory is bounded by the largest image and what is returned. Raises ValueError
    for maps of different sizes and KeyError for a number without a score.
    """
    scores: list[Scores] = []

    def maps() -> Iterator[tuple[TiledMap, TiledMap]]:
        for truth, found, its_scores in images:
            scores.append(its_scores)
            yield truth, found

    return one_after_the_other([_pairs(columns, scores) for columns in joint_columns(maps())])


def _pairs(joint: JointColumns, scores: list[Scores]) -> PairColumns:
    first, last = int(joint.pair[0]), int(joint.pair[-1])
    image = joint.pair - first
    found_image, found_number, found_areas, d = _entities(image, joint.b, joint.pixels)
    true_image, _, true_areas, g = _entities(image, joint.a, joint.pixels)
    touching = (joint.a != VOID) & (joint.b != VOID)
    d, g, shared = d[touching], g[touching], joint.pixels[touching]
    rows = zip((found_image + first).tolist(), found_number.tolist(), strict=True)
    return PairColumns(
        images=last - first + 1,
        image=found_image,
        scores=np.array([scores[place][number] for place, number in rows], np.float64),
        areas=found_areas.astype(np.float64),
        true_image=true_image,
        true_areas=true_areas.astype(np.float64),
        crowd=np.zeros(true_areas.size, np.bool_),
        d=d,
        g=g,
        iou=shared / (found_areas[d] + true_areas[g] - shared),
    )


def _entities(image: Ints, numbers: Ints, pixels: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Image, number and area of every entity, by image and number, and which each row is (VOID: -1)."""
    order = np.lexsort((numbers.astype(np.uint16), image.astype(np.uint16)))
    image, numbers = image[order], numbers[order]
    changes = np.concatenate(([True], (image[1:] != image[:-1]) | (numbers[1:] != numbers[:-1])))
    first = np.flatnonzero(changes)
    real = numbers[first] != VOID
    places = np.where(real, np.cumsum(real) - 1, -1)
    entity = np.empty(order.size, np.int64)
    entity[order] = np.repeat(places, np.diff(first, append=order.size))
    areas = np.add.reduceat(pixels[order], first)
    return image[first[real]], numbers[first[real]], areas[real], entity
