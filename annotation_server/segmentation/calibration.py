"""Whether scores mean what they say: of detections with scores about .8, are 80 % right?

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks" (bins, expected calibration error); right
is a detection that COCO's matching gives a true mask at IoU .5, and what lies in VOID is left out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import Floats, ImagePairs, match_all

BINS = 10


def calibration(images: Sequence[ImagePairs], scores: Floats) -> dict[str, Any] | None:
    """Bins of equal width over 0..1, and the error: the mean of |mean score - precision| over detections.

    Args:
        images: pairs that are matched in their order.
        scores: the scores of all their detections [D], in any order, which the pairs' own scores refine.

    None where scores say nothing: there are fewer than two different ones, or one is not from 0 to 1.
    """
    if np.unique(scores).size < 2 or scores.min() < 0 or scores.max() > 1:
        return None
    matches = match_all(images, (None,))
    counts = matches.counts[0]
    score, hit = np.sort(scores)[::-1][counts], matches.hit[0][counts]
    place = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    count, total, hits = (
        np.bincount(place, weights, minlength=BINS) for weights in (None, score, hit.astype(np.float64))
    )
    error = np.abs(total - hits).sum() / max(1, score.size)
    rows = zip(count.tolist(), total.tolist(), hits.tolist(), strict=True)
    return {
        "bins": [
            {
                "low": b / BINS,
                "high": (b + 1) / BINS,
                "count": int(many),
                "mean_score": summed / many if many else None,
                "precision": right / many if many else None,
            }
            for b, (many, summed, right) in enumerate(rows)
        ],
        "error": float(error) if score.size else None,
    }
