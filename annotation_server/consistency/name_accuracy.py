"""How far two people give the same masks the same names, as typed and after the vocabulary's merges. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from annotation_server.segmentation.resampled_precision import WeightedRatio, interval, resampled

RESAMPLES = 1000
RAW, MERGED = 0, 1
# By place, then by number: the name as typed in its normal spelling, and the term it leads to.
Names = Mapping[str, Mapping[str, Sequence[Any]]]


class Accuracy(NamedTuple):
    """Of N images: masks that both named, and of those the ones with the same name."""

    masks: list[int]
    same: list[int]

    def share(self) -> float | None:
        total = sum(self.masks)
        return sum(self.same) / total if total else None

    def interval(self, seed: int) -> list[float] | None:
        """95 % percentile interval over resampled images."""
        measure = WeightedRatio(np.array(self.same, np.float64), np.array(self.masks, np.float64)).of
        drawn = resampled([measure], len(self.masks), seed=seed, resamples=RESAMPLES)
        bounds = interval(drawn[0])
        return list(bounds) if bounds else None


def accuracy(images: Sequence[Names], first: int, second: int, column: int) -> Accuracy:
    """How two places named the same masks; ``column`` is RAW or MERGED."""
    masks, same = [], []
    for names in images:
        a, b = names.get(str(first), {}), names.get(str(second), {})
        both = a.keys() & b.keys()
        masks.append(len(both))
        same.append(sum(a[number][column] == b[number][column] for number in both))
    return Accuracy(masks, same)


def name_figures(places: Sequence[int], images: Sequence[Names], *, seed: int) -> dict[str, Any] | None:
    """Accuracy matrices of a report, symmetric, None on the diagonal; None where nobody named masks twice."""
    if not any(names for names in images):
        return None
    raw, merged = (
        {(a, b): accuracy(images, a, b, column) for a in places for b in places if a < b}
        for column in (RAW, MERGED)
    )

    def matrix(found: Mapping[tuple[int, int], Accuracy], value: Any) -> list[list[Any]]:
        return [[None if a == b else value(found[min(a, b), max(a, b)]) for b in places] for a in places]

    return {
        "accuracy": matrix(raw, Accuracy.share),
        "accuracy_merged": matrix(merged, Accuracy.share),
        "intervals": matrix(raw, lambda one: one.interval(seed)),
        "intervals_merged": matrix(merged, lambda one: one.interval(seed)),
        "masks": matrix(raw, lambda one: sum(one.masks)),
    }
