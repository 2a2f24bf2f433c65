"""PQ, SQ and RQ from what matching found in each category.

Source: Kirillov et al. 2019, "Panoptic Segmentation", with the void and crowd rules of panopticapi
``evaluation.py``: void pixels of the truth lie in no union; a crowd is never a miss, and a prediction that
lies for more than half in void and in its category's crowd is no false alarm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

MOST_FORGIVEN = 0.5


@dataclass
class Counts:
    """What matching found in one category: hits, false alarms, misses, and the IoU of the hits summed."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    iou: float = 0.0

    def add(self, other: "Counts") -> None:
        self.hits += other.hits
        self.false_alarms += other.false_alarms
        self.misses += other.misses
        self.iou += other.iou


class Quality(NamedTuple):
    """PQ = SQ · RQ, averaged over ``categories`` categories that occur on either side."""

    pq: float
    sq: float
    rq: float
    categories: int


def quality(counts: Mapping[int, Counts], categories: Iterable[int]) -> Quality:
    """The mean over those of ``categories`` that occur; zeros where none does."""
    present = [counts[c] for c in categories if c in counts and _any(counts[c])]
    if not present:
        return Quality(0.0, 0.0, 0.0, 0)
    pq = [one.iou / (one.hits + 0.5 * one.false_alarms + 0.5 * one.misses) for one in present]
    rq = [one.hits / (one.hits + 0.5 * one.false_alarms + 0.5 * one.misses) for one in present]
    sq = [one.iou / one.hits if one.hits else 0.0 for one in present]
    n = len(present)
    return Quality(sum(pq) / n, sum(sq) / n, sum(rq) / n, n)


def _any(counts: Counts) -> bool:
    return bool(counts.hits or counts.false_alarms or counts.misses)
