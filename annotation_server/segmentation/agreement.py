"""How far two label maps of one image agree, as one number."""

from annotation_server.segmentation.matching import SAME_ENTITY, iou_pairs, joint_histogram
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID


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
