"""What is charted of a person: how points come from their days and honeypots, and which rules apply. Pure.

Days that hold little are gathered with those that follow until there is enough for one point, so that limits
mean something; what is not enough yet is no point.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from math import exp, expm1, log, log1p, sqrt
from typing import Any

from annotation_server.quality import control_charts as charts
from annotation_server.quality.control_charts import Point, Usual

LEAST_POINTS = 20  # before limits are drawn
ENOUGH = 20  # verdicts, masks or proposals in one point
# Where hardly anything comes back, limits are those of one in twenty: a single return is no alarm.
MOST_ACCEPTED = 0.95

Day = Mapping[str, Any]
Rule = Callable[[Sequence[float]], list[bool]]


@dataclass(frozen=True)
class Sample:
    """One point before it is charted: when it was complete, ``count`` of ``size`` or a plain value."""

    at: datetime
    value: float
    size: int
    count: int = 0
    failed: bool = False


@dataclass(frozen=True)
class Measure:
    """One figure of a person over time.

    ``side`` -1 watches what is low, 1 what is high; ``shown`` takes a charted value back to the figure.
    """

    name: str
    chart: str
    side: int
    rules: tuple[str, ...]
    shown: Callable[[float], float] = float


RULES: dict[str, Rule] = {
    "beyond_limits": charts.beyond_limits,
    "two_of_three": charts.two_of_three,
    "long_run": charts.long_run,
}
FAILED_TWICE = "failed_twice"

# People work at different speed, and that is no fault: only a point far from all others alarms there.
MEASURES = (
    Measure("accepted", "fraction", -1, ("beyond_limits", "two_of_three", "long_run")),
    Measure("honeypots", "ewma", -1, ("beyond_limits", FAILED_TWICE)),
    Measure("mask_time", "individuals", -1, ("beyond_limits",), exp),
    Measure("strokes", "individuals", -1, ("beyond_limits",), expm1),
    Measure("kept", "individuals", 1, ("beyond_limits",)),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def samples_of(days: Sequence[Day], honeypots: Sequence[Day]) -> dict[str, list[Sample]]:
    """The samples of every measure from one person's days and scored honeypots, both oldest first.

    ``days`` are rows of AnnotatorDay, ``honeypots`` have ``scored_at``, ``pq`` and ``passed``.
    """
    return {
        "accepted": [
            Sample(at, accepted / judged, judged, accepted)
            for at, (judged, accepted) in _gathered(days, "judged", "accepted")
        ],
        "honeypots": [Sample(row["scored_at"], row["pq"], 1, failed=not row["passed"]) for row in honeypots],
        "mask_time": [
            Sample(at, log(active_ms / 1000 / masks), masks)
            for at, (masks, active_ms) in _gathered(days, "masks", "active_ms")
            if active_ms
        ],
        "strokes": [
            Sample(at, log1p(strokes / masks), masks)
            for at, (masks, strokes) in _gathered(days, "counted_masks", "strokes")
        ],
        "kept": [
            Sample(at, kept / proposed, proposed)
            for at, (proposed, kept) in _gathered(map(_with_proposals, days), "proposed", "kept")
        ],
    }


def usual_of(measure: Measure, people: Iterable[Sequence[Sample]]) -> Usual | None:
    """What is usual by the samples of all people; None below LEAST_POINTS."""
    series = [samples for samples in people if samples]
    if sum(map(len, series)) < LEAST_POINTS:
        return None
    if measure.chart == "fraction":
        everyone = [sample for samples in series for sample in samples]
        usual = charts.usual_fraction([one.count for one in everyone], [one.size for one in everyone])
        if usual.centre <= MOST_ACCEPTED:
            return usual
        return replace(usual, centre=MOST_ACCEPTED, sigma=sqrt(MOST_ACCEPTED * (1 - MOST_ACCEPTED)))
    values = [[one.value for one in samples] for samples in series]
    if measure.chart == "individuals":
        return charts.usual_spread(values)
    return charts.usual_individual(values) if any(len(row) > 1 for row in values) else None


def charted(measure: Measure, usual: Usual, samples: Sequence[Sample]) -> list[Point]:
    """The points of one person's chart."""
    if measure.chart == "fraction":
        return charts.fraction_chart(usual, [one.count for one in samples], [one.size for one in samples])
    values = [one.value for one in samples]
    return (charts.ewma_chart if measure.chart == "ewma" else charts.individuals_chart)(usual, values)


def broken_rules(
    measure: Measure, samples: Sequence[Sample], points: Sequence[Point] | None
) -> Iterable[tuple[str, int, int]]:
    """(rule, first point, last point) of every event; without limits only rules that need none."""
    for rule in measure.rules:
        if rule == FAILED_TWICE:
            broken = charts.failed_twice([one.failed for one in samples])
        elif points is not None:
            broken = RULES[rule]([measure.side * point.score for point in points])
        else:
            continue
        for first, last in charts.events(broken):
            yield rule, first, last


def _gathered(days: Iterable[Day], size: str, *others: str) -> Iterable[tuple[datetime, tuple[int, ...]]]:
    """Sums over as few days as hold ENOUGH of ``size``, at the last of them."""
    sums = [0] * (1 + len(others))
    for row in days:
        for n, name in enumerate((size, *others)):
            sums[n] += row[name]
        if sums[0] >= ENOUGH:
            yield _moment(row["day"]), tuple(sums)
            sums = [0] * (1 + len(others))


def _with_proposals(row: Day) -> Day:
    return {**row, "proposed": row["kept"] + row["edited"] + row["rejected"]}


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
