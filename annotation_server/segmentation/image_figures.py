"""What one predicted label map is worth against the true one: all that measures over many images need.

One pass over the runs of both maps gives every IoU, a second one the IoU of the bands along the borders.

VOID of the truth, where nobody said what is there, is treated as each measure's own field does. For AP it is
a crowd (COCO): a detection that finds no partner and lies in VOID for the threshold's share counts neither
for nor against; the pixels of a detection that finds one lie in the union wherever they are. For PQ it lies
in no union (panopticapi), and a detection that lies in it for more than half is no false alarm. With
``void="background"`` VOID is nothing special, as papers count: what lies there is wrong.

Where entities bear terms, a true entity without one counts like VOID in every measure that looks at terms.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.average_precision import IOU_THRESHOLDS, Floats, ImagePairs
from annotation_server.segmentation.boundary import VOID_REGION, band_histogram, band_width
from annotation_server.segmentation.matching import JointHistogram, joint_histogram
from annotation_server.segmentation.panoptic_quality import MOST_FORGIVEN, Counts
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID
from annotation_server.segmentation.touching import Overlap, Touching, touching_entities

VoidRule = Literal["crowd", "background"]
TieBreak = Literal["largest", "smallest", "number"]
UNNAMED = 0  # the term of an entity that bears none


class BadFigures(ValueError):
    """A record holds no figures of an image; the sentence says what is wrong with it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageFigures:
    """One image: D detections and G true masks, both by ascending number.

    ``scores``, ``areas`` [D] and ``true_areas``, ``best_ious`` [G] (px; IoU of the best detection, what lies
    in VOID left out); ``masks`` and ``bands`` are overlaps of masks, and of the smaller of mask and boundary
    IoU (None: not measured); ``annotated`` px of the truth are no VOID, ``covered`` of them are of some
    detection. ``order`` says which of detections with equal scores comes first.

    What older records lack is None: ``numbers`` [D] and ``true_numbers`` [G]; ``segments``, the pairs with an
    IoU above .5 when VOID lies in no union; ``terms`` [D] and ``true_terms`` [G], UNNAMED for none;
    ``named_segments``, the same as ``segments`` when true entities without a term are VOID too; ``semantic``
    [P, 3], rows of true term (0: VOID), found term (0: none) and px. ``is_disjoint``: no two masks of one
    side overlap; else there is no panoptic quality, ``segments`` and ``semantic`` are None, and of
    ``named_segments`` only ``in_void`` means something.
    """

    image: int
    width: int
    height: int
    scores: Floats
    areas: Ints
    true_areas: Ints
    best_ious: Floats
    masks: Overlap
    bands: Overlap | None
    annotated: int
    covered: int
    panoptic: Counts
    numbers: Ints | None = None
    true_numbers: Ints | None = None
    segments: Overlap | None = None
    terms: Ints | None = None
    true_terms: Ints | None = None
    named_segments: Overlap | None = None
    semantic: Ints | None = None
    void: VoidRule = "crowd"
    order: TieBreak = "number"
    is_disjoint: bool = True

    def pairs(self) -> ImagePairs:
        """What average precision is computed from."""
        return self._mask_pairs

    def boundary_pairs(self) -> ImagePairs:
        """What boundary AP is computed from; raises ValueError where the bands were not measured."""
        return self._band_pairs

    @cached_property
    def _mask_pairs(self) -> ImagePairs:
        return self._pairs(self.masks)

    @cached_property
    def _band_pairs(self) -> ImagePairs:
        if self.bands is None:
            raise ValueError(f"The bands of image {self.image} were not measured.")
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
        check(self)
        return {
            "image": self.image,
            "width": self.width,
            "height": self.height,
            "scores": self.scores.tolist(),
            "areas": self.areas.tolist(),
            "true_areas": self.true_areas.tolist(),
            "best_ious": self.best_ious.tolist(),
            "pairs": _rows(self.masks),
            "boundary_pairs": None if self.bands is None else _rows(self.bands),
            "in_void": self.masks.in_void.tolist(),
            "boundary_in_void": None if self.bands is None else self.bands.in_void.tolist(),
            "annotated_px": self.annotated,
            "covered_px": self.covered,
            "panoptic": asdict(self.panoptic),
            **{name: column.tolist() for name in _COLUMNS if (column := getattr(self, name)) is not None},
            **{
                name: {"pairs": _rows(overlap), "in_void": overlap.in_void.tolist()}
                for name in _OVERLAPS
                if (overlap := getattr(self, name)) is not None
            },
            "void": self.void,
            "order": self.order,
            "is_disjoint": self.is_disjoint,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote, now or in an older version; raises BadFigures for anything else."""
        try:
            banded = record["boundary_pairs"] is not None or record["boundary_in_void"] is not None
            figures = cls(
                image=int(record["image"]),
                width=int(record["width"]),
                height=int(record["height"]),
                scores=_floats(record["scores"]),
                areas=np.array(record["areas"], np.int64),
                true_areas=np.array(record["true_areas"], np.int64),
                best_ious=_floats(record["best_ious"]),
                masks=_overlap(record["pairs"], record["in_void"]),
                bands=_overlap(record["boundary_pairs"], record["boundary_in_void"]) if banded else None,
                annotated=int(record["annotated_px"]),
                covered=int(record["covered_px"]),
                panoptic=Counts(**record["panoptic"]),
                **_optional(record),
                void=_one_of(record.get("void", "crowd"), "crowd", "background"),
                order=_one_of(record.get("order", "number"), "largest", "smallest", "number"),
                is_disjoint=bool(record.get("is_disjoint", True)),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadFigures(f"The record is not one of an image's figures ({error!r}).") from error
        check(figures)
        return figures


_COLUMNS = ("numbers", "true_numbers", "terms", "true_terms", "semantic")
_OVERLAPS = ("segments", "named_segments")


def check(figures: ImageFigures) -> None:
    """Refuse columns that do not fit together, places that there are not and shares that are none.

    Raises BadFigures.
    """
    detections, true = figures.scores.shape, figures.true_areas.shape
    overlaps = [figures.masks, figures.bands, figures.segments, figures.named_segments]
    measured = [overlap for overlap in overlaps if overlap is not None]
    columns = [figures.areas, figures.numbers, figures.terms, *(overlap.in_void for overlap in measured)]
    true_columns = (figures.best_ious, figures.true_numbers, figures.true_terms)
    fit = len(detections) == len(true) == 1
    fit = fit and all(column is None or column.shape == detections for column in columns)
    if not fit or any(column is not None and column.shape != true for column in true_columns):
        raise BadFigures(f"The columns of image {figures.image} are not of one length.")
    if not np.isfinite(figures.scores).all():
        raise BadFigures(f"A score of image {figures.image} is not a finite number.")
    if not 0 <= figures.covered <= figures.annotated <= figures.width * figures.height:
        raise BadFigures(f"The pixels of image {figures.image} do not add up.")
    for overlap in measured:
        places = (overlap.d, detections[0]), (overlap.g, true[0])
        if any(place.size and not 0 <= place.min() <= place.max() < end for place, end in places):
            raise BadFigures(f"A pair of image {figures.image} is of a mask that there is not.")
        shares = np.concatenate((overlap.iou, overlap.in_void))
        if not ((shares >= 0) & (shares <= 1)).all():
            raise BadFigures(f"An IoU of image {figures.image} does not lie between 0 and 1.")


def compare_maps(
    truth: TiledMap,
    found: TiledMap,
    scores: Mapping[int, float],
    *,
    image: int = 0,
    terms: Mapping[int, int] | None = None,
    true_terms: Mapping[int, int] | None = None,
    void: VoidRule = "crowd",
    order: TieBreak = "number",
    boundary: bool = True,
) -> ImageFigures:
    """The figures of a predicted label map whose numbers have ``scores``; raises ValueError for other sizes.

    ``terms`` and ``true_terms`` name entities by number; those not named count as UNNAMED. Raises KeyError
    for a number of ``found`` that has no score.
    """
    histogram = joint_histogram(truth, found)
    true_numbers, numbers = (_entities(side, histogram.pixels) for side in (histogram.a, histogram.b))
    touching = touching_entities(histogram, true_numbers, numbers)
    annotated = histogram.a != VOID
    bands = None
    if boundary:
        banded = band_histogram(truth, found, band_width(truth.height, truth.width))
        bands = touching_entities(banded, true_numbers, numbers, void=VOID_REGION)
    if void == "background":
        touching = touching._replace(void=np.zeros_like(touching.void))
        bands = bands and bands._replace(void=np.zeros_like(bands.void))
    of_true, of_found = terms_of(true_numbers, true_terms), terms_of(numbers, terms)
    semantic = None
    if of_true is not None and of_found is not None:
        semantic = _semantic(histogram, true_numbers, numbers, of_true, of_found, void)
    return figures_of(
        touching,
        bands,
        image=image,
        width=truth.width,
        height=truth.height,
        scores=np.array([scores[number] for number in numbers.tolist()], np.float64),
        annotated=int(histogram.pixels[annotated].sum()),
        covered=int(histogram.pixels[annotated & (histogram.b != VOID)].sum()),
        numbers=numbers,
        true_numbers=true_numbers,
        terms=of_found,
        true_terms=of_true,
        semantic=semantic,
        void=void,
        order=order,
    )


def figures_of(
    touching: Touching,
    bands: Touching | None,
    *,
    true_terms: Ints | None,
    void: VoidRule,
    is_disjoint: bool = True,
    **columns: Any,
) -> ImageFigures:
    """Everything that follows from what touches what; ``columns`` are the other columns of ImageFigures."""
    segments = touching.segments(touching.void)
    named = None
    if true_terms is not None:
        stay, lost = touching.without(true_terms == UNNAMED)
        named = stay.segments(np.minimum(touching.void + lost, touching.areas))
    return ImageFigures(
        areas=touching.areas,
        true_areas=touching.true_areas,
        best_ious=touching.best_ious(touching.void),
        masks=touching.overlap(),
        bands=bands and touching.narrowed(bands),
        panoptic=entity_counts(segments, touching.true_areas.size) if is_disjoint else Counts(),
        segments=segments if is_disjoint else None,
        named_segments=named,
        true_terms=true_terms,
        void=void,
        is_disjoint=is_disjoint,
        **columns,
    )


def entity_counts(segments: Overlap, true: int) -> Counts:
    """Class-agnostic hits, false alarms and misses of an image with ``true`` entities."""
    alone = np.ones(segments.in_void.size, np.bool_)
    alone[segments.d] = False
    hits = segments.d.size
    alarms = int((alone & (segments.in_void <= MOST_FORGIVEN)).sum())
    return Counts(hits, alarms, true - hits, float(np.cumsum(segments.iou)[-1]) if hits else 0.0)


def terms_of(numbers: Ints, terms: Mapping[int, int] | None) -> Ints | None:
    """The terms of entities by number, UNNAMED for those not named; None where there are no terms at all."""
    if terms is None:
        return None
    return np.array([terms.get(number, UNNAMED) for number in numbers.tolist()], np.int64)


def _entities(numbers: Ints, pixels: Ints) -> Ints:
    found = np.flatnonzero(np.bincount(numbers, pixels))
    return found[found != VOID]


def _semantic(
    histogram: JointHistogram,
    true_numbers: Ints,
    numbers: Ints,
    of_true: Ints,
    of_found: Ints,
    void: VoidRule,
) -> Ints:
    """Rows of true term, found term, px; unnamed true entities, and VOID where it is a crowd, left out."""
    true, found = np.zeros((2, int(max(histogram.a.max(), histogram.b.max())) + 1), np.int64)
    true[true_numbers], found[numbers] = of_true, of_found
    counts = true[histogram.a] != UNNAMED
    if void == "background":
        counts |= histogram.a == VOID
    rows = np.column_stack((true[histogram.a], found[histogram.b]))[counts]
    pairs, place = np.unique(rows, axis=0, return_inverse=True)
    pixels = np.bincount(place.ravel(), histogram.pixels[counts], minlength=len(pairs)).astype(np.int64)
    return np.column_stack((pairs, pixels))


def _rows(overlap: Overlap) -> list[list[float]]:
    columns = (overlap.d.tolist(), overlap.g.tolist(), overlap.iou.tolist())
    return [list(row) for row in zip(*columns, strict=True)]


def _overlap(pairs: Any, in_void: Any) -> Overlap:
    table = np.array(pairs, np.float64).reshape(len(pairs), 3)
    return Overlap(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], _floats(in_void))


def _optional(record: Mapping[str, Any]) -> dict[str, Any]:
    """What older records lack."""
    columns = {name: _column(record[name], name) for name in _COLUMNS if name in record}
    overlaps = {name: record[name] for name in _OVERLAPS if name in record}
    return columns | {name: _overlap(one["pairs"], one["in_void"]) for name, one in overlaps.items()}


def _column(values: Any, name: str) -> npt.NDArray[np.int64]:
    column = np.array(values, np.int64)
    return column.reshape(-1, 3) if name == "semantic" else column


def _floats(values: Any) -> Floats:
    return np.array(values, np.float64)


def _one_of(value: Any, *choices: Any) -> Any:
    if value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")
    return value
