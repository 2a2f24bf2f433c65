"""What one predicted label map is worth against the true one: all that measures over many images need.

One pass over the runs of both maps gives every IoU, a second one the IoU of the bands along the borders.

VOID of the truth, where nobody said what is there, is treated as each measure's own field does. For AP it is
a crowd (COCO): a detection that finds no partner and lies in VOID for the threshold's share counts neither
for nor against; the pixels of a detection that finds one lie in the union wherever they are. For PQ it lies
in no union (panopticapi), and a detection that lies in it for more than half is no false alarm.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from annotation_server.segmentation.average_precision import IOU_THRESHOLDS, Floats, ImagePairs
from annotation_server.segmentation.boundary import VOID_REGION, band_histogram, band_width
from annotation_server.segmentation.matching import JointHistogram, joint_histogram
from annotation_server.segmentation.panoptic_quality import Counts, Segment, count_image
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID

_ENTITY = Segment(category=1)


class BadFigures(ValueError):
    """A record holds no figures of an image; the sentence says what is wrong with it."""


class Overlap(NamedTuple):
    """P pairs of detection ``d`` and true mask ``g`` (places) with ``iou`` of at least .5; ``in_void`` [D] is
    the share of each detection that lies in the truth's VOID."""

    d: Ints
    g: Ints
    iou: Floats
    in_void: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageFigures:
    """One image: D detections and G true masks, both by ascending number.

    ``scores``, ``areas`` [D] and ``true_areas``, ``best_ious`` [G] (px; IoU of the best detection, what lies
    in VOID left out); ``masks`` and ``bands`` are overlaps of masks, and of the smaller of mask and boundary
    IoU; ``annotated`` px of the truth are no VOID, ``covered`` of them are of some detection.
    """

    image: int
    width: int
    height: int
    scores: Floats
    areas: Ints
    true_areas: Ints
    best_ious: Floats
    masks: Overlap
    bands: Overlap
    annotated: int
    covered: int
    panoptic: Counts

    def pairs(self) -> ImagePairs:
        """What average precision is computed from."""
        return self._pairs(self.masks)

    def boundary_pairs(self) -> ImagePairs:
        """What boundary AP is computed from."""
        return self._pairs(self.bands)

    def _pairs(self, overlap: Overlap) -> ImagePairs:
        void = self.width * self.height - self.annotated
        with_void = np.flatnonzero(overlap.in_void >= IOU_THRESHOLDS[0]) if void else np.empty(0, np.int64)
        crowd_place = np.full(with_void.size, self.true_areas.size)
        return ImagePairs(
            scores=self.scores,
            areas=self.areas.astype(np.float64),
            true_areas=np.append(self.true_areas, [void] if void else []).astype(np.float64),
            crowd=np.append(np.zeros(self.true_areas.size, np.bool_), [True] if void else []).astype(
                np.bool_
            ),
            d=np.concatenate((overlap.d, with_void)),
            g=np.concatenate((overlap.g, crowd_place)),
            iou=np.concatenate((overlap.iou, overlap.in_void[with_void])),
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; raises BadFigures for scores that are not finite."""
        self._check()
        return {
            "image": self.image,
            "width": self.width,
            "height": self.height,
            "scores": self.scores.tolist(),
            "areas": self.areas.tolist(),
            "true_areas": self.true_areas.tolist(),
            "best_ious": self.best_ious.tolist(),
            "pairs": _rows(self.masks),
            "boundary_pairs": _rows(self.bands),
            "in_void": self.masks.in_void.tolist(),
            "boundary_in_void": self.bands.in_void.tolist(),
            "annotated_px": self.annotated,
            "covered_px": self.covered,
            "panoptic": asdict(self.panoptic),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote; raises BadFigures for anything else."""
        try:
            figures = cls(
                image=int(record["image"]),
                width=int(record["width"]),
                height=int(record["height"]),
                scores=_floats(record["scores"]),
                areas=np.array(record["areas"], np.int64),
                true_areas=np.array(record["true_areas"], np.int64),
                best_ious=_floats(record["best_ious"]),
                masks=_overlap(record["pairs"], record["in_void"]),
                bands=_overlap(record["boundary_pairs"], record["boundary_in_void"]),
                annotated=int(record["annotated_px"]),
                covered=int(record["covered_px"]),
                panoptic=Counts(**record["panoptic"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadFigures(f"The record is not one of an image's figures ({error!r}).") from error
        figures._check()
        return figures

    def _check(self) -> None:
        """Refuse columns that do not fit together, places that there are not and shares that are none."""
        detections, true = self.scores.shape, self.true_areas.shape
        columns = (self.areas, self.masks.in_void, self.bands.in_void)
        fit = len(detections) == len(true) == 1 and self.best_ious.shape == true
        if not fit or any(column.shape != detections for column in columns):
            raise BadFigures(f"The columns of image {self.image} are not of one length.")
        if not np.isfinite(self.scores).all():
            raise BadFigures(f"A score of image {self.image} is not a finite number.")
        if not 0 <= self.covered <= self.annotated <= self.width * self.height:
            raise BadFigures(f"The pixels of image {self.image} do not add up.")
        for overlap in (self.masks, self.bands):
            places = (overlap.d, detections[0]), (overlap.g, true[0])
            if any(place.size and not 0 <= place.min() <= place.max() < end for place, end in places):
                raise BadFigures(f"A pair of image {self.image} is of a mask that there is not.")
            shares = np.concatenate((overlap.iou, overlap.in_void))
            if not ((shares >= 0) & (shares <= 1)).all():
                raise BadFigures(f"An IoU of image {self.image} does not lie between 0 and 1.")


def compare_maps(
    truth: TiledMap, found: TiledMap, scores: Mapping[int, float], *, image: int = 0
) -> ImageFigures:
    """The figures of a predicted label map whose numbers have ``scores``; raises ValueError for other sizes.

    Raises KeyError for a number of ``found`` that has no score.
    """
    histogram = joint_histogram(truth, found)
    areas, true_areas = _areas(histogram.b, histogram.pixels), _areas(histogram.a, histogram.pixels)
    numbers, true_numbers = _entities(areas), _entities(true_areas)
    masks = _all_overlaps(histogram, VOID)
    distance = band_width(truth.height, truth.width)
    bands = _all_overlaps(band_histogram(truth, found, distance), VOID_REGION)
    places = _Places(numbers, true_numbers)
    least = masks.narrowed(bands)
    counted = histogram.pixels[histogram.a != VOID]
    predicted = histogram.pixels[(histogram.a != VOID) & (histogram.b != VOID)]
    return ImageFigures(
        image=image,
        width=truth.width,
        height=truth.height,
        scores=np.array([scores[number] for number in numbers.tolist()], np.float64),
        areas=areas[numbers],
        true_areas=true_areas[true_numbers],
        best_ious=_best_ious(histogram, true_numbers),
        masks=places.of(masks),
        bands=places.of(least),
        annotated=int(counted.sum()),
        covered=int(predicted.sum()),
        panoptic=_panoptic(histogram, numbers, true_numbers),
    )


class _Overlaps(NamedTuple):
    """Numbers ``a`` (true) and ``b`` of the pairs that share a pixel, sorted, their IoU, and for each that
    shares pixels with VOID its share of them: ``share`` of number ``in_void``."""

    a: Ints
    b: Ints
    iou: Floats
    in_void: Ints
    share: Floats

    def narrowed(self, bands: "_Overlaps") -> "_Overlaps":
        """The same pairs with the smaller of both IoUs; a pair or share that is not among bands has 0."""
        iou = _looked_up(_key(self.a, self.b), _key(bands.a, bands.b), bands.iou)
        share = _looked_up(self.in_void, bands.in_void, bands.share)
        return self._replace(iou=np.minimum(self.iou, iou), share=np.minimum(self.share, share))


class _Places(NamedTuple):
    """Ascending numbers of detections and true masks: a number's place is its index."""

    numbers: Ints
    true_numbers: Ints

    def of(self, overlaps: _Overlaps) -> Overlap:
        near = overlaps.iou >= IOU_THRESHOLDS[0]
        in_void = np.zeros(self.numbers.size)
        in_void[np.searchsorted(self.numbers, overlaps.in_void)] = overlaps.share
        return Overlap(
            d=np.searchsorted(self.numbers, overlaps.b[near]),
            g=np.searchsorted(self.true_numbers, overlaps.a[near]),
            iou=overlaps.iou[near],
            in_void=in_void,
        )


def _all_overlaps(histogram: JointHistogram, void: int) -> _Overlaps:
    """IoU of all pairs of entities, and the shares of detections in the number ``void`` of the truth."""
    areas_a, areas_b = _areas(histogram.a, histogram.pixels), _areas(histogram.b, histogram.pixels)
    pair = (histogram.a != VOID) & (histogram.a != void) & (histogram.b != VOID)
    a, b, shared = histogram.a[pair], histogram.b[pair], histogram.pixels[pair]
    inside = (histogram.a == void) & (histogram.b != VOID)
    numbers = histogram.b[inside]
    share = histogram.pixels[inside] / areas_b[numbers]
    return _Overlaps(a, b, shared / (areas_a[a] + areas_b[b] - shared), numbers, share)


def _best_ious(histogram: JointHistogram, true_numbers: Ints) -> Floats:
    """For every true entity the IoU of its best detection, 0 if none touches it."""
    areas_a = _areas(histogram.a, histogram.pixels)
    known = histogram.a != VOID
    areas_b = np.bincount(histogram.b[known], histogram.pixels[known], minlength=int(histogram.b.max()) + 1)
    pair = known & (histogram.b != VOID)
    a, b, shared = histogram.a[pair], histogram.b[pair], histogram.pixels[pair]
    best = np.zeros(true_numbers.size)
    np.maximum.at(best, np.searchsorted(true_numbers, a), shared / (areas_a[a] + areas_b[b] - shared))
    return best


def _panoptic(histogram: JointHistogram, numbers: Ints, true_numbers: Ints) -> Counts:
    true, found = ({number: _ENTITY for number in side.tolist()} for side in (true_numbers, numbers))
    return count_image(histogram, true, found).get(_ENTITY.category, Counts())


def _areas(numbers: Ints, pixels: Ints) -> Ints:
    """Pixels of every number, its index."""
    return np.bincount(numbers, pixels).astype(np.int64)


def _entities(areas: Ints) -> Ints:
    found = np.flatnonzero(areas)
    return found[found != VOID]


def _key(a: Ints, b: Ints) -> Ints:
    return a << 16 | b


def _looked_up(wanted: Ints, keys: Ints, values: Floats) -> Floats:
    """The values of the wanted keys (``keys`` ascending), 0 where there is none."""
    if not keys.size:
        return np.zeros(wanted.size)
    place = np.searchsorted(keys, wanted).clip(max=keys.size - 1)
    return np.where(keys[place] == wanted, values[place], 0.0)


def _rows(overlap: Overlap) -> list[list[float]]:
    columns = (overlap.d.tolist(), overlap.g.tolist(), overlap.iou.tolist())
    return [list(row) for row in zip(*columns, strict=True)]


def _overlap(rows: Any, in_void: Any) -> Overlap:
    table = np.array(rows, np.float64).reshape(len(rows), 3)
    return Overlap(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], _floats(in_void))


def _floats(values: Any) -> Floats:
    return np.array(values, np.float64)
