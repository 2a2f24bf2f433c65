"""What a model proposes for an image: a label map without overlaps, and what is known of its numbers."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation_server.segmentation.rle import compress_counts, label_map_rles
from ml_worker.fusion import Painted
from ml_worker.parts import split_parts
from ml_worker.predictor_options import PredictorOptions


@dataclass(frozen=True)
class Prediction:
    """A label map [H, W] uint16 and what is known of its numbers; entry i belongs to number i + 1.

    Numbers run in painting order, by descending class score unless asked otherwise (equal scores: lower query
    first, then larger part first). ``scores`` are class score × mean probability of the visible mask. In
    parity mode queries of which nothing shows keep their place, score 0. ``remarks`` are sentences for the
    person who asked, such as that memory was short.
    """

    label_map: NDArray[np.uint16]
    scores: list[float]
    class_scores: list[float]
    queries: list[int]
    areas: list[int]
    remarks: tuple[str, ...] = ()

    @property
    def masks(self) -> list[dict[str, Any]]:
        """COCO RLE of every number, in their order."""
        rles = label_map_rles(self.label_map)
        height, width = self.label_map.shape
        empty = {"size": [height, width], "counts": _empty_counts(height * width)}
        return [rles.get(number, empty) for number in range(1, len(self.scores) + 1)]


def as_prediction(
    painted: Painted,
    order: list[int],
    class_scores: NDArray[np.float64],
    options: PredictorOptions,
    remarks: tuple[str, ...] = (),
) -> Prediction:
    """Score what was painted in ``order`` (queries) and leave out what the options rule out.

    ``class_scores`` [Q]. The painted label map is changed in place.
    """
    classes = class_scores[order]
    scores = classes * painted.mask_scores
    kept = np.ones(len(order), bool)
    label_map = painted.label_map
    smallest = options.smallest_mask(label_map.size)
    if not options.parity:
        kept = (painted.areas >= smallest) & (scores > options.score_threshold)
    if not kept.all():
        _renumber(label_map, kept)
    whole = Prediction(
        label_map=label_map,
        scores=scores[kept].tolist(),
        class_scores=classes[kept].tolist(),
        queries=[query for query, keep in zip(order, kept, strict=True) if keep],
        areas=painted.areas[kept].tolist(),
        remarks=remarks,
    )
    return _in_parts(whole, smallest) if options.split and not options.parity else whole


def _in_parts(whole: Prediction, smallest: int) -> Prediction:
    """Every connected part a mask of its own; its score falls with its share of the mask it came from."""
    split = split_parts(whole.label_map, smallest)
    parents = [origin - 1 for origin in split.origins]
    return Prediction(
        label_map=split.label_map,
        scores=[
            whole.scores[parent] * math.sqrt(area / whole.areas[parent])
            for parent, area in zip(parents, split.areas, strict=True)
        ],
        class_scores=[whole.class_scores[parent] for parent in parents],
        queries=[whole.queries[parent] for parent in parents],
        areas=split.areas,
        remarks=whole.remarks,
    )


def _renumber(label_map: NDArray[np.uint16], kept: NDArray[np.bool_]) -> None:
    """Close the gaps in place: dropped numbers become VOID, the others move up; strip by strip."""
    numbers = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.uint16)
    for top in range(0, len(label_map), 512):
        label_map[top : top + 512] = numbers[label_map[top : top + 512]]


def _empty_counts(pixels: int) -> str:
    return compress_counts([np.array([pixels])])[0]
