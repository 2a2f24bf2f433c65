"""Intervals by drawing people again: which participants take part is the largest chance of a survey. Pure."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
SEED = 0
LEVEL = (2.5, 97.5)
Floats = npt.NDArray[np.float64]


def drawn_again(participants: int) -> Floats:
    """How often each participant is in each resample, [RESAMPLES, participants]."""
    chance = np.random.default_rng(SEED)
    return chance.multinomial(participants, np.full(participants, 1 / participants), RESAMPLES).astype(float)


def interval(values: Floats) -> tuple[float, float] | None:
    """95 % of resampled values, [RESAMPLES]; None where too few of them are numbers."""
    known = values[np.isfinite(values)]
    if known.size < RESAMPLES / 2:
        return None
    low, high = np.percentile(known, LEVEL)
    return float(low), float(high)


def mean_interval(by_participant: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """Of the mean over all values; None for fewer than two participants."""
    if len(by_participant) < 2:
        return None
    weights = drawn_again(len(by_participant))
    sums = weights @ np.array([sum(values) for values in by_participant], float)
    return interval(sums / (weights @ np.array([len(values) for values in by_participant], float)))


def wilson(hits: int, total: int) -> tuple[float, float] | None:
    """95 % of a share by Wilson's score; None of nothing."""
    if not total:
        return None
    z2 = 1.959963984540054**2
    centre = (hits + z2 / 2) / (total + z2)
    half = (z2 * (hits * (total - hits) / total + z2 / 4)) ** 0.5 / (total + z2)
    return max(0.0, centre - half), min(1.0, centre + half)
