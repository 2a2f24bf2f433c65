"""Everything a model sees in a picture, before painting: one mask per query, overlaps and all, scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from annotation_server.segmentation.rle import compress_counts
from ml_worker.crops import Window
from ml_worker.fusion import View, bounded_probabilities

LONGEST_SIDE = 1024
LOWEST_SCORE = 0.05
THRESHOLD = 0.5
# Masks are compared on a grid of this many cells a side; nearly equal ones are offered once.
COMPARED_SIDE = 192
SAME_IOU = 0.9
SMALLEST_PX = 8


@dataclass(frozen=True)
class Candidate:
    """One mask [h, w] bool of a model's query over a view of the image, and its score (0 to 1)."""

    mask: NDArray[np.bool_]
    score: float


def stride_for(height: int, width: int, longest: int = LONGEST_SIDE) -> int:
    """How many px a cell of a mask is wide and high, so that no side has more than ``longest`` cells."""
    return -(-max(height, width) // longest)


def candidates_of(
    mask_logits: Tensor, class_scores: Tensor, views: list[View], size: tuple[int, int]
) -> list[Candidate]:
    """What each query shows, best first; ``size`` is (height, width) of the picture the views lie in.

    mask_logits [Q, T, h, w] on the grid of stride 4; class_scores [Q]. The score is class score × mean
    probability inside the mask. Nearly equal masks are offered once, with the best of their scores.
    """
    stride = stride_for(*size)
    cells = (-(-size[0] // stride), -(-size[1] // stride))
    likely = [int(q) for q in np.flatnonzero(class_scores.numpy() > LOWEST_SCORE)]
    found = []
    for query, chance in bounded_probabilities(mask_logits, views, stride, cells, likely):
        mask = chance > THRESHOLD
        if int(mask.sum()) >= SMALLEST_PX:
            found.append(Candidate(mask, float(class_scores[query]) * float(chance[mask].mean())))
    found.sort(key=lambda candidate: -candidate.score)
    return distinct(found)


def distinct(best_first: list[Candidate]) -> list[Candidate]:
    """The candidates without those nearly equal (IoU ≥ 0.9) to a better one."""
    if not best_first:
        return []
    small = np.stack([_shrunk(candidate.mask) for candidate in best_first]).astype(np.float32)
    areas = small.sum(1)
    common = small @ small.T
    kept: list[int] = []
    for index in range(len(best_first)):
        unions = areas[index] + areas[kept] - common[index, kept]
        if not kept or (common[index, kept] < SAME_IOU * np.maximum(unions, 1)).all():
            kept.append(index)
    return [best_first[index] for index in kept]


def _shrunk(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask at no more than COMPARED_SIDE² cells, flat."""
    step = [max(1, -(-side // COMPARED_SIDE)) for side in mask.shape]
    return mask[:: step[0], :: step[1]].ravel()


def as_answer(candidates: Sequence[Candidate], view: Window, *, stride: int, split: bool) -> dict[str, Any]:
    """Candidates of ``view`` (image px) as they travel: see docs/model.md.

    A mask's cell is ``stride`` × ``stride`` image px; the last ones may reach beyond the view. ``split`` says
    that this model's masks are to be taken part by part.
    """
    counts = compress_counts([_column_counts(candidate.mask) for candidate in candidates])
    return {
        "view": [view.x0, view.y0, view.width, view.height],
        "stride": stride,
        "split": split,
        "candidates": [
            {
                "score": round(candidate.score, 4),
                "bbox": _box_in_image(candidate.mask, view, stride),
                "rle": {"size": list(candidate.mask.shape), "counts": string},
            }
            for candidate, string in zip(candidates, counts, strict=True)
        ],
    }


def _column_counts(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """COCO's uncompressed run lengths: column-major, zeros first."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate(([0], changes, [flat.size]))
    counts = np.diff(bounds)
    return np.concatenate(([0], counts)) if flat[0] else counts


def _box_in_image(mask: NDArray[np.bool_], view: Window, stride: int) -> list[int]:
    """[x, y, width, height] in image px of the cells of a mask, cut to the view."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x0, y0 = int(columns[0]) * stride, int(rows[0]) * stride
    x1, y1 = (int(columns[-1]) + 1) * stride, (int(rows[-1]) + 1) * stride
    return [view.x0 + x0, view.y0 + y0, min(x1, view.width) - x0, min(y1, view.height) - y0]
