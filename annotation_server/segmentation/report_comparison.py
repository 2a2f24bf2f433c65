"""Two reports compared on the images they share, by the paired bootstrap over images."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import MAX_DETECTIONS, Limits
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.report_figures import RESAMPLES, measures_of
from annotation_server.segmentation.resampled_precision import difference


def compare_reports(
    a: Sequence[ImageFigures],
    b: Sequence[ImageFigures],
    *,
    limits: Limits = MAX_DETECTIONS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """The difference ``b`` - ``a`` of every measure that both reports have, over their common images.

    Common are images of one id with equal truth (size and areas of the true masks); ``left_out`` counts the
    others by reason. A measure that is undefined on one side is None there.
    """
    first, second = ({figures.image: figures for figures in side} for side in (a, b))
    shared = sorted(first.keys() & second.keys())
    common = [image for image in shared if _same_truth(first[image], second[image])]
    sides = [[side[image] for image in common] for side in (first, second)]
    measures = [measures_of(side, limits) for side in sides] if common else [{}, {}]
    cells = sum(figures.scores.size for side in sides for figures in side)
    rows = {
        name: difference(
            [side[name] for side in measures], len(common), seed=seed, resamples=resamples, cells=cells
        )._asdict()
        for name in measures[0]
        if name in measures[1]
    }
    return {
        "images": len(common),
        "left_out": {
            "only_first": len(first) - len(shared),
            "only_second": len(second) - len(shared),
            "other_truth": len(shared) - len(common),
        },
        "measures": {name: _row(values) for name, values in rows.items()},
    }


def _row(values: dict[str, float]) -> dict[str, float] | None:
    if not (np.isfinite(values["first"]) and np.isfinite(values["second"])):
        return None
    gain = values["second"] - values["first"]
    return {
        "first": values["first"],
        "second": values["second"],
        "difference": gain,
        **{name: values[name] for name in ("low", "high", "probability")},
    }


def _same_truth(a: ImageFigures, b: ImageFigures) -> bool:
    same_numbers = a.true_numbers is None or b.true_numbers is None
    same_numbers = same_numbers or np.array_equal(a.true_numbers, b.true_numbers)  # type: ignore[arg-type]
    same_size = (a.width, a.height, a.void) == (b.width, b.height, b.void)
    return same_size and same_numbers and np.array_equal(a.true_areas, b.true_areas)
