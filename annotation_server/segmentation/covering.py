"""How well the entities of a map are covered by single entities of another, without scores.

Source: Arbeláez et al. 2011, "Contour Detection and Hierarchical Image Segmentation", §3.1.2: covering of the
truth by the other map = Σ area(R) · max IoU(R, R') / Σ area(R). The mean best IoU weighs entities alike.
Both ask from the truth's side only, so the two directions differ.
"""

from collections.abc import Sequence

import numpy as np

from annotation_server.segmentation.average_precision import Floats
from annotation_server.segmentation.image_figures import ImageFigures


def coverings(images: Sequence[ImageFigures]) -> Floats:
    """Covering [N] of every image's true masks; NaN where there is none."""
    return np.array([_weighted(image.best_ious, image.true_areas) for image in images])


def mean_best_ious(images: Sequence[ImageFigures]) -> Floats:
    """Mean best IoU [N] of every image's true masks; NaN where there is none."""
    return np.array([image.best_ious.mean() if image.best_ious.size else np.nan for image in images])


def mean_of_known(values: Floats) -> float:
    """The mean of what is no NaN; NaN if nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _weighted(best: Floats, areas: np.ndarray) -> float:
    return float((best * areas).sum() / areas.sum()) if areas.size else float("nan")
