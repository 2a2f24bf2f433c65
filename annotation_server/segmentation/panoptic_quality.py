"""PQ, SQ and RQ of label maps whose entities bear categories.

Source: Kirillov et al. 2019, "Panoptic Segmentation", with the void and crowd rules of panopticapi
``evaluation.py``: void pixels of the truth lie in no union; a crowd is never a miss, and a prediction that
lies for more than half in void and in its category's crowd is no false alarm.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from annotation_server.segmentation.matching import SAME_ENTITY, JointHistogram
from annotation_server.segmentation.tiles import VOID

MOST_FORGIVEN = 0.5


class Segment(NamedTuple):
    """What an entity of a label map is."""

    category: int
    crowd: bool = False


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


def count_image(
    histogram: JointHistogram, true: Mapping[int, Segment], found: Mapping[int, Segment]
) -> dict[int, Counts]:
    """Counts by category of one image.

    Args:
        histogram: of the true map (a) and the predicted map (b).
        true: every number of the true map but VOID; numbers not named here count as void.
        found: the same of the predicted map.

    Raises ValueError, naming the number, for an entity without a pixel in its map.
    """
    pixels = _known_pixels(histogram, true, found)
    areas_a, areas_b = _areas(pixels, 0), _areas(pixels, 1)
    _refuse_empty(true, areas_a, "true")
    _refuse_empty(found, areas_b, "predicted")
    counts: dict[int, Counts] = defaultdict(Counts)
    matched_true, matched_found = set(), set()
    for (a, b), shared in pixels.items():
        if a == VOID or b == VOID or true[a].crowd or true[a].category != found[b].category:
            continue
        iou = shared / (areas_a[a] + areas_b[b] - shared - pixels.get((VOID, b), 0))
        if iou > SAME_ENTITY:
            counts[true[a].category].hits += 1
            counts[true[a].category].iou += iou
            matched_true.add(a)
            matched_found.add(b)
    crowd_of = {segment.category: number for number, segment in true.items() if segment.crowd}
    for number, segment in true.items():
        if number not in matched_true and not segment.crowd:
            counts[segment.category].misses += 1
    for number, segment in found.items():
        if number in matched_found:
            continue
        forgiven = pixels.get((VOID, number), 0)
        if segment.category in crowd_of:
            forgiven += pixels.get((crowd_of[segment.category], number), 0)
        if forgiven / areas_b[number] <= MOST_FORGIVEN:
            counts[segment.category].false_alarms += 1
    return dict(counts)


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


def _known_pixels(
    histogram: JointHistogram, true: Mapping[int, Segment], found: Mapping[int, Segment]
) -> dict[tuple[int, int], int]:
    """Shared pixels by pair of numbers; what is not named on its side is VOID there."""
    pixels: dict[tuple[int, int], int] = defaultdict(int)
    rows = zip(histogram.a.tolist(), histogram.b.tolist(), histogram.pixels.tolist(), strict=True)
    for a, b, shared in rows:
        pixels[a if a in true else VOID, b if b in found else VOID] += shared
    return pixels


def _areas(pixels: Mapping[tuple[int, int], int], side: int) -> dict[int, int]:
    areas: dict[int, int] = defaultdict(int)
    for pair, shared in pixels.items():
        areas[pair[side]] += shared
    return areas


def _refuse_empty(segments: Mapping[int, Segment], areas: Mapping[int, int], side: str) -> None:
    for number in segments:
        if not areas.get(number):
            raise ValueError(f"Entity {number} of the {side} map has no pixel.")
