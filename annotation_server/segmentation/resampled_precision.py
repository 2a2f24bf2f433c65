"""Average precision of many resamples of the same images at once, and the paired bootstrap of two models.

A resample draws as many images as there are, with replacement. Instead of copies every image has a weight,
how often it was drawn: matching, which does not depend on other images, is done once, and a resample costs
one pass over the detections. Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter
13 (percentile interval); both models see the same resamples, so that hard images weigh on both alike.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.average_precision import RECALL_POINTS, Bools, Floats, Matches
from annotation_server.segmentation.rle import Ints

Occurrences = npt.NDArray[np.int32]
Measure = Callable[[Ints], Floats]  # of resamples, the weights of images [B, N], to its values [B]

CONFIDENCE = 0.95
# Weights of detections held at once: few, so that arrays stay in the cache and memory is used again.
_CELLS_AT_ONCE = 1 << 17
_IMAGES_AT_ONCE = 1 << 10
_SMALLEST = np.spacing(1)  # as in pycocotools, so that every digit is the same


class Difference(NamedTuple):
    """What the bootstrap says of two models' average precision: ``second`` - ``first``.

    ``low`` and ``high`` bound the 95 % percentile interval of the difference; ``probability`` is the share of
    resamples in which the second is better, equal ones counted half; ``resamples`` had a true mask.
    """

    first: float
    second: float
    low: float
    high: float
    probability: float
    resamples: int


def paired_bootstrap(first: Matches, second: Matches, *, seed: int, resamples: int = 2000) -> Difference:
    """Compare two models on the same images; the same seed gives the same digits.

    Raises ValueError when the images are not the same or no true mask is among them.
    """
    if not np.array_equal(first.true, second.true):
        raise ValueError("Two models are compared on the same images with the same true masks only.")
    if not first.true.sum():
        raise ValueError("Without a true mask there is no average precision.")
    models = [WeightedPrecision(first).of, WeightedPrecision(second).of]
    cells = first.image.size + second.image.size
    return difference(models, first.true.size, seed=seed, resamples=resamples, cells=cells)


def difference(
    models: Sequence[Measure], images: int, *, seed: int, resamples: int = 2000, cells: int = 1
) -> Difference:
    """What the bootstrap says of one measure of two models on the same images.

    ``cells`` is how many numbers a measure takes up for one resample: so many fewer are held at once.
    """
    once = np.ones((1, images), np.int64)
    first, second = (float(model(once)[0]) for model in models)
    drawn = resampled(models, images, seed=seed, resamples=resamples, cells=cells)
    gains = drawn[1] - drawn[0]
    gains = gains[np.isfinite(gains)]
    low, high = interval(gains) or (0.0, 0.0)
    better = (gains > 0).sum() + 0.5 * (gains == 0).sum()
    return Difference(first, second, low, high, float(better / max(1, gains.size)), int(gains.size))


def resampled(
    measures: Sequence[Measure], images: int, *, seed: int, resamples: int, cells: int = 1
) -> Floats:
    """Every measure of the same resamples of ``images`` images: [measures, resamples]."""
    if not images:
        return np.full((len(measures), resamples), np.nan)
    draws = _weights(np.random.default_rng(seed), images, resamples, cells)
    return np.concatenate([[measure(weights) for measure in measures] for weights in draws], axis=1)


def interval(values: Floats) -> tuple[float, float] | None:
    """The 95 % percentile interval of what is finite; None if nothing is."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, (tail, 1 - tail)).tolist()
    return low, high


class WeightedRatio:
    """A measure that is a sum over images by a sum over images, [N] or [N, T]; the mean over T."""

    def __init__(self, above: npt.ArrayLike, below: npt.ArrayLike) -> None:
        self._above, self._below = (
            np.atleast_2d(np.asarray(side, np.float64).T).T for side in (above, below)
        )

    def of(self, weights: Ints) -> Floats:
        """The ratio [B] with images that occur ``weights`` [B, N] times; NaN where it has no denominator."""
        above, below = weights @ self._above, weights @ self._below
        return np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0).mean(axis=1)


class WeightedPrecision:
    """AP of resamples of N images, whatever the resample; what does not depend on it is kept."""

    def __init__(self, matches: Matches) -> None:
        self._true = matches.true
        self._thresholds: list[_Threshold] = []
        before = np.zeros(0, np.bool_)
        for hit, counts in zip(matches.hit, matches.counts, strict=True):
            same = bool(self._thresholds) and np.array_equal(counts, before)
            counted = None if same else matches.image[counts]
            place = np.flatnonzero(hit[counts])
            self._thresholds.append(_Threshold(counted, matches.image[hit], place))
            before = counts

    def of(self, weights: Ints) -> Floats:
        """AP [B] with images that occur ``weights`` [B, N] times; NaN where no true mask occurs.

        The same digits as COCO's AP over that many copies of each image, up to the order of equal scores.
        """
        true = weights @ self._true
        needed = _needed(true)
        small = weights.astype(np.int32)
        so_far = np.zeros((len(weights), 0), np.int32)
        found = []
        for counted, hit, place in self._thresholds:
            if counted is not None:
                so_far = np.cumsum(np.take(small, counted, axis=1), axis=1, dtype=np.int32)
            hits = np.take(small, hit, axis=1)
            found.append(_precision(hits, np.take(so_far, place, axis=1), needed))
        return np.where(true > 0, np.concatenate(found, axis=1).mean(axis=1), np.nan)


def image_precisions(matches: Matches, thresholds: slice = slice(None)) -> Floats:
    """AP [N] of every image alone, the mean over some thresholds; NaN for those without a true mask."""
    order = np.argsort(matches.image, kind="stable")
    image, true = matches.image[order], matches.true
    hit, counts = matches.hit[thresholds][:, order], matches.counts[thresholds][:, order]
    each = np.full(true.size, np.nan)
    for begin in range(0, true.size, _IMAGES_AT_ONCE):
        some = slice(begin, begin + _IMAGES_AT_ONCE)
        mine = slice(*np.searchsorted(image, (some.start, some.stop)).tolist())
        needed = _needed(true[some])
        rows = zip(hit[:, mine], counts[:, mine], strict=True)
        found = [_precision_alone(image[mine] - begin, *row, needed) for row in rows]
        each[some] = np.where(true[some] > 0, np.concatenate(found, axis=1).mean(axis=1), np.nan)
    return each


def _precision_alone(image: Ints, hit: Bools, counts: Bools, needed: Ints) -> Floats:
    """The best precision of every image at each recall point or beyond, [N, R].

    Args:
        image: of the detections, ascending; best score first within each.
        hit, counts: of the detections, see Matches.
        needed: the hits that each recall point needs, [N, R].
    """
    best = np.zeros(needed.shape)
    many = np.bincount(image[hit], minlength=len(needed))
    before = np.cumsum(many) - many
    begin = np.searchsorted(image, np.arange(len(needed)))
    counted = np.concatenate(([0], np.cumsum(counts)))
    so_far = counted[1:] - counted[begin][image]
    hits = np.arange(1, int(many.sum()) + 1) - np.repeat(before, many)
    row, point = np.nonzero((needed <= many[:, None]) & (many[:, None] > 0))
    first = before[row] + np.maximum(needed[row, point], 1) - 1  # recall 0 is reached at the first hit
    if first.size:
        best[row, point] = np.maximum.reduceat(hits / (so_far[hit] + _SMALLEST), first)
    return np.maximum.accumulate(best[:, ::-1], axis=1)[:, ::-1]


class _Threshold(NamedTuple):
    """Images of the detections that count (None: those of the threshold before), images of the hits, and the
    hits' places among those that count."""

    counted: Ints | None
    hit: Ints
    place: Ints


def _weights(generator: np.random.Generator, images: int, resamples: int, cells: int) -> Iterator[Ints]:
    """How often each image is drawn, [B, N], so many resamples at once as are quick."""
    at_once = max(1, _CELLS_AT_ONCE // max(1, cells))
    for start in range(0, resamples, at_once):
        count = min(at_once, resamples - start)
        drawn = generator.integers(0, images, (count, images))
        drawn += np.arange(count)[:, None] * images
        yield np.bincount(drawn.ravel(), minlength=count * images).reshape(count, images)


def _precision(hits: Occurrences, so_far: Occurrences, needed: Ints) -> Floats:
    """The best precision at each recall point or beyond, [B, R].

    Args:
        hits: how often each hit occurs, [B, H], best score first.
        so_far: the detections up to each hit, [B, H].
        needed: the hits that each recall point needs, [B, R].

    The best precision is always had at a hit, so nothing else is looked at. The rows lie one after the other,
    which makes each step one call; a row's place in the whole is kept by its offset.
    """
    rows, width = hits.shape
    best = np.zeros(needed.shape)
    if not width:
        return best
    together = np.cumsum(hits.ravel(), dtype=np.int32)
    ends = together[width - 1 :: width]
    before = np.concatenate(([0], ends[:-1])).astype(np.int32)
    precision = (together.reshape(rows, width) - before[:, None]) / (so_far + _SMALLEST)
    row, point = np.nonzero(needed <= (ends - before)[:, None])
    first = np.searchsorted(together, needed[row, point] + before[row], "left")
    first = np.maximum(first, row * width)  # recall 0 is reached at the row's own first hit
    if first.size:
        best[row, point] = np.maximum.reduceat(precision.ravel(), first)
    return np.maximum.accumulate(best[:, ::-1], axis=1)[:, ::-1]


def _needed(true: Ints) -> Ints:
    """The fewest hits [B, R] with which hits / true is at least each recall point, as floats divide."""
    divisor = np.maximum(true, 1)[:, None]
    needed = np.floor(RECALL_POINTS * divisor).astype(np.int64)
    needed = np.where(needed / divisor >= RECALL_POINTS, needed, needed + 1)
    return np.where((needed - 1) / divisor >= RECALL_POINTS, needed - 1, needed)
