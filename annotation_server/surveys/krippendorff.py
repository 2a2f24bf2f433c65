"""Krippendorff's alpha: how far people agree beyond chance, whoever answered what. Pure.

1: they agree in everything; 0: as if they had answered at random; below: they contradict each other.
Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np


def alpha(units: Sequence[Sequence[float]], metric: Literal["nominal", "interval"]) -> float | None:
    """Alpha of the values that were given to each unit; None where no two can be compared.

    ``units``: for each thing judged the values it got, from however many people. Units with fewer than two
    values say nothing. Where everybody gave every unit the same value there is no chance to compare
    with: None.
    """
    pairable = [unit for unit in units if len(unit) > 1]
    values = sorted({value for unit in pairable for value in unit})
    if len(values) < 2:
        return None
    coincidences = _coincidences(pairable, {value: at for at, value in enumerate(values)})
    spread = np.subtract.outer(values, values)
    distance = (spread != 0).astype(np.float64) if metric == "nominal" else spread**2
    totals = coincidences.sum(axis=1)
    expected = (np.outer(totals, totals) * distance).sum() / (totals.sum() - 1)
    return float(1 - (coincidences * distance).sum() / expected)


def same_share(units: Sequence[Sequence[float]]) -> float | None:
    """Of all pairs of values that were given to one unit, how many are equal; None without a pair."""
    pairs = equal = 0
    for unit in units:
        pairs += len(unit) * (len(unit) - 1) // 2
        equal += sum(n * (n - 1) // 2 for n in Counter(unit).values())
    return equal / pairs if pairs else None


def _coincidences(units: Sequence[Sequence[float]], places: Mapping[float, int]) -> np.ndarray:
    """How often two values [v, v] met in a unit, each unit weighing as much as it has values."""
    found = np.zeros((len(places), len(places)))
    for unit in units:
        counts = np.bincount([places[value] for value in unit], minlength=len(places)).astype(np.float64)
        found += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return found
