"""What was submitted: by day and person, how long it took, how much of it came back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat, Trim

from annotation_server.annotation.models import Review
from annotation_server.annotation.submission import Submission
from annotation_server.work.days import Span

_FIRST = Q(attempt=1)
# Where no review is required the verdict is there at once, but nobody gave it.
_JUDGED = ~Q(verdict="") & Q(reviewer__isnull=False)
_FIGURES = {
    "images": Count("pk", filter=_FIRST),
    "masks_submitted": Sum("masks", filter=_FIRST, default=0),
    "active": Sum("active_ms", default=0),
}


def submitted_in(project_id: int, span: Span, person: Any = None) -> QuerySet[Submission]:
    """The submissions of a span; only one person's, if named."""
    rows = Submission.objects.filter(project=project_id, day__range=(span.first, span.last)).order_by()
    return rows if person is None else rows.filter(annotator=person)


def by_day_and_person(rows: QuerySet[Submission]) -> list[dict[str, Any]]:
    """Images and masks submitted for the first time, and active time (ms), by day and person."""
    grouped = rows.values("day", username=F("annotator__username")).annotate(**_FIGURES)
    return [
        {**_plain(dict(row)), "day": row["day"].isoformat()} for row in grouped.order_by("day", "username")
    ]


def by_person(rows: QuerySet[Submission]) -> list[dict[str, Any]]:
    """The same over the whole span, with how many verdicts there were and how many returned the work."""
    name = Trim(Concat("annotator__first_name", Value(" "), "annotator__last_name"))
    grouped = rows.values(username=F("annotator__username"), name=name).annotate(
        **_FIGURES,
        judged=Count("pk", filter=_JUDGED),
        returned=Count("pk", filter=Q(verdict=Review.Verdict.RETURN)),
    )
    return sorted((_plain(dict(row)) for row in grouped), key=lambda row: (-row["masks"], row["username"]))


def returned_share(rows: QuerySet[Submission]) -> dict[str, int]:
    """How many submissions got a verdict, and how many were returned."""
    return rows.aggregate(
        judged=Count("pk", filter=_JUDGED),
        returned=Count("pk", filter=Q(verdict=Review.Verdict.RETURN)),
    )


def coverage_by_day(rows: QuerySet[Submission]) -> list[dict[str, Any]]:
    """Share of the pixels submitted on each day that belong to an entity."""
    grouped = rows.values("day").annotate(void=Sum("void_px"), px=Sum("pixels")).order_by("day")
    return [{"day": row["day"].isoformat(), "coverage": 1 - row["void"] / row["px"]} for row in grouped]


def times(rows: QuerySet[Submission]) -> dict[str, Any]:
    """Median and 90th percentile of the active time (ms) of an image, and of a mask of it."""
    pairs = list(
        rows.values("annotation")
        .annotate(ms=Sum("active_ms"), most=Max("masks"))
        .filter(ms__gt=0)
        .values_list("ms", "most")
    )
    return {
        "images": len(pairs),
        "image": _middle([ms for ms, _ in pairs]),
        "mask": _middle([ms / masks for ms, masks in pairs if masks]),
    }


def _middle(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    median, p90 = np.percentile(np.array(values, float), [50, 90])
    return {"median": float(median), "p90": float(p90)}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    masks, active = row.pop("masks_submitted"), row.pop("active")
    return {**row, "masks": masks, "active_ms": active}
