"""F-measures of grey predictions: by threshold, and weighted by where the errors lie."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BETA_SQUARED = 0.3  # Achanta et al. 2009: precision counts more
LEVELS = 256
_SPREAD, _REACH = 5.0, 3  # of the window over which a detection may be off (Margolin et al.: 7 × 7, σ = 5)
_SMALLEST = np.spacing(1)


def counts_above(truth: Bools, found: Floats) -> tuple[Ints, Ints]:
    """Pixels of the truth, and others, with a value of at least 255, 254, … 0 of 255: two columns [256]."""
    level = (found * (LEVELS - 1)).astype(np.uint8)
    inside, outside = (np.bincount(level[side], minlength=LEVELS) for side in (truth, ~truth))
    return np.cumsum(inside[::-1]), np.cumsum(outside[::-1])


def f_measures(truth: Bools, found: Floats) -> Floats:
    """Fβ [256] at the thresholds 255 to 0: (1 + β²) · P · R / (β² · P + R), β² = .3; 0 without a hit."""
    hits, alarms = counts_above(truth, found)
    precision = hits / np.maximum(hits + alarms, 1)
    recall = hits / max(1, int(truth.sum()))
    below = BETA_SQUARED * precision + recall
    return np.divide((1 + BETA_SQUARED) * precision * recall, below, out=np.zeros(LEVELS), where=below > 0)


def weighted_f_measure(truth: Bools, found: Floats) -> float:
    """Fβ with β = 1, errors weighted by their place; 0 without a true pixel.

    Source: Margolin et al. 2014, "How to Evaluate Foreground Maps?": an error inside the truth is smoothed
    over its neighbourhood (7 × 7, σ = 5) and counts no more than before; one outside counts double far from
    the truth and once beside it: 2 - e^(ln(.5) / 5 · distance).
    """
    if not truth.any():
        return 0.0
    distance, nearest = ndimage.distance_transform_edt(~truth, return_indices=True)
    error = np.abs(found - truth)
    carried = np.where(truth, error, error[nearest[0], nearest[1]])
    smooth = ndimage.convolve(carried, _window(), mode="constant", cval=0.0)
    least = np.where(truth & (smooth < error), smooth, error)
    weighted = least * np.where(truth, 1.0, 2.0 - np.exp(np.log(0.5) / 5 * distance))
    hits = truth.sum() - weighted[truth].sum()
    alarms = weighted[~truth].sum()
    recall = 1 - weighted[truth].mean()
    precision = hits / (hits + alarms + _SMALLEST)
    return float(2 * recall * precision / (recall + precision + _SMALLEST))


def _window() -> Floats:
    y, x = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1]
    weights = np.exp(-(x**2 + y**2) / (2 * _SPREAD**2))
    return weights / weights.sum()
