"""S-measure and E-measure: how alike a grey prediction and a mask are in structure."""

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.f_measures import LEVELS, counts_above

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

OBJECT_SHARE = 0.5
_SMALLEST = np.spacing(1)


def s_measure(truth: Bools, found: Floats) -> float:
    """.5 · likeness of the object + .5 · likeness of the regions around its centroid, at least 0.

    Source: Fan et al. 2017, "Structure-measure". Without a true pixel 1 - the mean of the prediction, with
    nothing but true pixels its mean.
    """
    share = float(truth.mean())
    if share in (0.0, 1.0):
        return float(found.mean()) if share else 1 - float(found.mean())
    likeness = share * _object(found[truth]) + (1 - share) * _object(1 - found[~truth])
    return max(0.0, OBJECT_SHARE * likeness + (1 - OBJECT_SHARE) * _regions(truth, found))


def e_measures(truth: Bools, found: Floats) -> Floats:
    """Enhanced alignment [256] at the thresholds 255 to 0 of 255.

    Source: Fan et al. 2018, "Enhanced-alignment Measure". With g and p the binary truth and prediction less
    their means, the mean of (1 + 2gp / (g² + p²))² / 4, over one pixel less than there are. Only four values
    of (g, p) occur, so each threshold is a sum of four.
    """
    size = truth.size
    hits, alarms = (column.astype(np.float64) for column in counts_above(truth, found))
    true = float(truth.sum())
    if true in (0.0, float(size)):
        right = size - alarms if not true else hits
        return right / (size - 1 + _SMALLEST)
    g, p = true / size, (hits + alarms) / size
    kinds = [
        (hits, 1 - g, 1 - p),
        (alarms, -g, 1 - p),
        (true - hits, 1 - g, -p),
        (size - true - alarms, -g, -p),
    ]
    total = np.zeros(LEVELS)
    for count, of_truth, of_found in kinds:
        alignment = 2 * of_truth * of_found / (of_truth**2 + of_found**2 + _SMALLEST)
        total += count * (alignment + 1) ** 2 / 4
    return total / (size - 1 + _SMALLEST)


def _object(values: Floats) -> float:
    mean = float(values.mean())
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return 2 * mean / (mean**2 + 1 + spread + _SMALLEST)


def _regions(truth: Bools, found: Floats) -> float:
    """The four parts around the truth's centroid, each with the share of the image it covers."""
    y, x = (int(np.round(along.mean())) + 1 for along in np.nonzero(truth))
    total = 0.0
    for rows in (slice(0, y), slice(y, None)):
        for columns in (slice(0, x), slice(x, None)):
            part = truth[rows, columns]
            if part.size:
                total += part.size / truth.size * _similarity(part.astype(np.float64), found[rows, columns])
    return total


def _similarity(truth: Floats, found: Floats) -> float:
    """The SSIM of two parts as wholes."""
    true_mean, mean = float(truth.mean()), float(found.mean())
    n = max(1, truth.size - 1)
    true_off, off = truth - true_mean, found - mean
    above = 4 * true_mean * mean * float((true_off * off).sum()) / n
    below = (true_mean**2 + mean**2) * (float((true_off**2).sum()) / n + float((off**2).sum()) / n)
    if above:
        return above / (below + _SMALLEST)
    return 0.0 if below else 1.0
