"""Control charts of statistical process control: limits from a history, rules that points break. Pure.

Source: Montgomery, Introduction to Statistical Quality Control: fractions (p chart, chapter 7), individuals
and moving ranges (chapter 6), exponentially weighted moving averages (chapter 9), and the sensitising rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import copysign, inf, sqrt
from statistics import fmean, stdev

MEAN_RANGE_OF_TWO = 1.128  # d2: the mean range of two normal values, in standard deviations
SIGMAS = 3.0
WARNING_SIGMAS = 2.0
LONG_RUN = 8
_ROUNDING = 1e-9
# Together they let a process in control run for 500 points on average before a false alarm.
EWMA_WEIGHT = 0.2
EWMA_SIGMAS = 2.962


@dataclass(frozen=True)
class Usual:
    """What is usual: ``centre``, the standard deviation ``sigma`` of one point (of one unit, for fractions),
    from so many ``points`` after ``left_out`` of them were beyond the limits and taken out."""

    centre: float
    sigma: float
    points: int
    left_out: int = 0


@dataclass(frozen=True)
class Point:
    """One point of a chart with its limits; ``score`` is its distance from the centre, in sigmas."""

    value: float
    low: float
    high: float
    score: float


def usual_fraction(counts: Sequence[int], sizes: Sequence[int]) -> Usual:
    """Pooled fraction of ``counts`` out of ``sizes``; points beyond its limits are taken out once."""
    first = _fraction(counts, sizes)
    inside = [
        (count, size)
        for count, size in zip(counts, sizes, strict=True)
        if abs(count / size - first.centre) <= SIGMAS * first.sigma / sqrt(size)
    ]
    if len(inside) == len(counts) or not inside:
        return first
    kept = _fraction([count for count, _ in inside], [size for _, size in inside])
    return Usual(kept.centre, kept.sigma, kept.points, len(counts) - len(inside))


def _fraction(counts: Sequence[int], sizes: Sequence[int]) -> Usual:
    centre = sum(counts) / sum(sizes)
    return Usual(centre, sqrt(centre * (1 - centre)), len(counts))


def usual_individual(series: Sequence[Sequence[float]]) -> Usual:
    """Mean, and sigma from the moving ranges inside each of several series: what differs from one point to
    the next, not from one series to the other. At least one series has two values."""
    return _without_outliers(series, _sigma_of_ranges)


def usual_spread(series: Sequence[Sequence[float]]) -> Usual:
    """Mean and standard deviation of all values, whichever series they are of: at least two values."""
    return _without_outliers(series, lambda rows: stdev(value for row in rows for value in row))


def _without_outliers(
    series: Sequence[Sequence[float]], sigma_of: Callable[[Sequence[Sequence[float]]], float]
) -> Usual:
    values = [value for row in series for value in row]
    centre, sigma = fmean(values), sigma_of(series)
    inside = [[value for value in row if abs(value - centre) <= SIGMAS * sigma] for row in series]
    kept = [value for row in inside for value in row]
    if len(kept) == len(values) or not any(len(row) > 1 for row in inside):
        return Usual(centre, sigma, len(values))
    return Usual(fmean(kept), sigma_of(inside), len(kept), len(values) - len(kept))


def _sigma_of_ranges(series: Sequence[Sequence[float]]) -> float:
    ranges = [abs(b - a) for row in series for a, b in pairwise(row)]
    return fmean(ranges) / MEAN_RANGE_OF_TWO


def fraction_chart(usual: Usual, counts: Sequence[int], sizes: Sequence[int]) -> list[Point]:
    """A p chart with limits for each point's own size, cut off at 0 and 1."""
    points = []
    for count, size in zip(counts, sizes, strict=True):
        sigma = usual.sigma / sqrt(size)
        low, high = max(0.0, usual.centre - SIGMAS * sigma), min(1.0, usual.centre + SIGMAS * sigma)
        points.append(Point(count / size, low, high, _score(count / size - usual.centre, sigma)))
    return points


def individuals_chart(usual: Usual, values: Sequence[float]) -> list[Point]:
    """A Shewhart chart of single values."""
    low, high = usual.centre - SIGMAS * usual.sigma, usual.centre + SIGMAS * usual.sigma
    return [Point(value, low, high, _score(value - usual.centre, usual.sigma)) for value in values]


def ewma_chart(
    usual: Usual, values: Sequence[float], *, weight: float = EWMA_WEIGHT, sigmas: float = EWMA_SIGMAS
) -> list[Point]:
    """A chart of exponentially weighted moving averages, from the centre on; its limits widen at first.

    Scores are scaled so that the limits lie at SIGMAS, as on the other charts.
    """
    points, average = [], usual.centre
    for n, value in enumerate(values, start=1):
        average = weight * value + (1 - weight) * average
        sigma = usual.sigma * sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * n)))
        width = sigmas * sigma
        score = _score(average - usual.centre, width) * SIGMAS
        points.append(Point(average, usual.centre - width, usual.centre + width, score))
    return points


def _score(distance: float, sigma: float) -> float:
    """Where nothing ever varied, any distance is beyond all limits, but for what rounding leaves."""
    if abs(distance) < _ROUNDING:
        return 0.0
    return distance / sigma if sigma > _ROUNDING else copysign(inf, distance)


def beyond_limits(scores: Sequence[float]) -> list[bool]:
    """Which points lie beyond three sigma above the centre; turn the sign of ``scores`` for below."""
    return [score > SIGMAS for score in scores]


def two_of_three(scores: Sequence[float]) -> list[bool]:
    """Which points are the second of three in a row beyond two sigma on this side."""
    warned = [score > WARNING_SIGMAS for score in scores]
    return [warned[n] and sum(warned[max(0, n - 2) : n + 1]) >= 2 for n in range(len(warned))]


def long_run(scores: Sequence[float]) -> list[bool]:
    """Which points end a run of eight or more on this side of the centre."""
    broken, run = [], 0
    for score in scores:
        run = run + 1 if score > 0 else 0
        broken.append(run >= LONG_RUN)
    return broken


def failed_twice(failed: Sequence[bool], among: int = 5) -> list[bool]:
    """Which points failed when another of the last ``among`` had failed."""
    return [failed[n] and sum(failed[max(0, n - among + 1) : n + 1]) >= 2 for n in range(len(failed))]


def events(broken: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last point of every stretch of points in a row that break a rule."""
    found: list[tuple[int, int]] = []
    for n, is_broken in enumerate(broken):
        if not is_broken:
            continue
        if found and found[-1][1] == n - 1:
            found[-1] = found[-1][0], n
        else:
            found.append((n, n))
    return found
