"""Which detections of an image touch which true masks, in how many pixels, and every overlap that follows."""

from typing import NamedTuple

import numpy as np

from annotation_server.segmentation.average_precision import IOU_THRESHOLDS, Bools, Floats
from annotation_server.segmentation.matching import SAME_ENTITY, JointHistogram
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.tiles import VOID

_NUMBERS = 1 << 16


class Overlap(NamedTuple):
    """P pairs of detection ``d`` and true mask ``g`` (places) with ``iou`` of at least .5; ``in_void`` [D] is
    the share of each detection that lies in the truth's VOID."""

    d: Ints
    g: Ints
    iou: Floats
    in_void: Floats


class Touching(NamedTuple):
    """P pairs of true mask ``g`` and detection ``d`` (places), sorted, that share ``pixels`` > 0.

    ``areas``, ``void`` [D] are the px of each detection and how many of them lie in VOID of the truth;
    ``true_areas`` [G] the px of each true mask.
    """

    g: Ints
    d: Ints
    pixels: Ints
    areas: Ints
    true_areas: Ints
    void: Ints

    def ious(self, crowd: Bools | None = None) -> Floats:
        """IoU [P] as COCO has it: what lies in VOID lies in the union.

        For a true mask that is a ``crowd`` (bool [G]) the share of the detection that lies in it.
        """
        union = self.true_areas[self.g] + self.areas[self.d] - self.pixels
        if crowd is not None:
            union = np.where(crowd[self.g], self.areas[self.d], union)
        return self.pixels / union

    def least_ious(self, bands: "Touching", crowd: Bools | None = None) -> Floats:
        """The smaller of mask IoU and boundary IoU [P]; what is not among ``bands`` has 0."""
        wanted, keys = (side.g * max(1, self.areas.size) + side.d for side in (self, bands))
        return np.minimum(self.ious(crowd), _looked_up(wanted, keys, bands.ious(crowd)))

    def forgiving(self, lost: Ints) -> Floats:
        """IoU [P] as panoptic quality has it: ``lost`` [D] px of each detection lie in no union."""
        union = self.true_areas[self.g] + self.areas[self.d] - lost[self.d] - self.pixels
        return self.pixels / np.maximum(
            union, self.pixels
        )  # what a true mask shares with a crowd is not lost

    def void_share(self) -> Floats:
        """The share [D] of each detection that lies in VOID of the truth."""
        return self.void / np.maximum(self.areas, 1)

    def overlap(self) -> Overlap:
        """The pairs from COCO's lowest threshold on."""
        return _from(IOU_THRESHOLDS[0], self, self.ious(), self.void_share())

    def narrowed(self, bands: "Touching") -> Overlap:
        """The same with the smaller of mask IoU and boundary IoU."""
        least = np.minimum(self.void_share(), bands.void_share())
        return _from(IOU_THRESHOLDS[0], self, self.least_ious(bands), least)

    def segments(self, lost: Ints) -> Overlap:
        """The pairs that panoptic quality takes for one entity, ``lost`` [D] px of detections forgiven."""
        iou = self.forgiving(lost)
        same = iou > SAME_ENTITY
        return Overlap(self.d[same], self.g[same], iou[same], lost / np.maximum(self.areas, 1))

    def best_ious(self, lost: Ints) -> Floats:
        """For every true mask [G] the IoU of its best detection, 0 if none touches it."""
        best = np.zeros(self.true_areas.size)
        np.maximum.at(best, self.g, self.forgiving(lost))
        return best

    def without(self, left_out: Bools) -> tuple["Touching", Ints]:
        """The pairs of the true masks that stay (``left_out`` bool [G]), and px [D] in those that do not."""
        gone = left_out[self.g]
        lost = np.bincount(self.d[gone], self.pixels[gone], minlength=self.areas.size).astype(np.int64)
        stay = self._replace(g=self.g[~gone], d=self.d[~gone], pixels=self.pixels[~gone])
        return stay, lost


def touching_entities(
    histogram: JointHistogram, true_numbers: Ints, numbers: Ints, *, void: int = VOID
) -> Touching:
    """The entities of a joint histogram of truth (a) and detections (b), by place among ascending numbers.

    ``void`` is the number that the truth's VOID bears in the histogram.
    """
    a, b, pixels = histogram.a, histogram.b, histogram.pixels
    areas, true_areas = (
        np.bincount(side, pixels, minlength=_NUMBERS).astype(np.int64)[of]
        for side, of in ((b, numbers), (a, true_numbers))
    )
    pair = (a != VOID) & (a != void) & (b != VOID)
    inside = (a == void) & (b != VOID)
    lost = np.zeros(numbers.size, np.int64)
    lost[np.searchsorted(numbers, b[inside])] = pixels[inside]
    g, d = np.searchsorted(true_numbers, a[pair]), np.searchsorted(numbers, b[pair])
    return Touching(g, d, pixels[pair], areas, true_areas, lost)


def _from(least: float, touching: Touching, iou: Floats, in_void: Floats) -> Overlap:
    near = iou >= least
    return Overlap(touching.d[near], touching.g[near], iou[near], in_void)


def _looked_up(wanted: Ints, keys: Ints, values: Floats) -> Floats:
    """The values of the wanted keys (``keys`` ascending), 0 where there is none."""
    if not keys.size:
        return np.zeros(wanted.size)
    place = np.searchsorted(keys, wanted).clip(max=keys.size - 1)
    return np.where(keys[place] == wanted, values[place], 0.0)
