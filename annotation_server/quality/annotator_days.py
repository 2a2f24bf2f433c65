"""Each person's figures of a day, summed from submissions and honeypots; counting again changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from annotation_server.annotation.models import Review
from annotation_server.annotation.submission import Submission
from annotation_server.quality.models import AnnotatorDay, Honeypot, HoneypotResult
from annotation_server.work.days import Span

_FIRST = Q(attempt=1)
_WORK = {
    "images": Count("pk", filter=_FIRST),
    "sum_masks": Sum("masks", filter=_FIRST, default=0),
    "sum_pixels": Sum("pixels", filter=_FIRST, default=0),
    "sum_active_ms": Sum("active_ms", default=0),
    "sum_kept": Sum("kept", filter=_FIRST, default=0),
    "sum_edited": Sum("edited", filter=_FIRST, default=0),
    "sum_drawn": Sum("drawn", filter=_FIRST, default=0),
    "sum_rejected": Sum("rejected", filter=_FIRST, default=0),
    "counted_masks": Sum("masks", filter=_FIRST & Q(strokes__isnull=False), default=0),
    "sum_strokes": Sum("strokes", filter=_FIRST, default=0),
    "sum_operations": Sum("operations", filter=_FIRST & Q(strokes__isnull=False), default=0),
}
_VERDICTS = {
    "judged": Count("pk", filter=_FIRST),
    "accepted": Count("pk", filter=_FIRST & Q(verdict=Review.Verdict.ACCEPT)),
    "returned": Count("pk", filter=_FIRST & Q(verdict=Review.Verdict.RETURN)),
    "compared": Count("reviewer_pq"),
    "sum_reviewer_pq": Sum("reviewer_pq", default=0.0),
}
_HONEYPOTS = {
    "honeypots": Count("pk"),
    "honeypots_passed": Count("pk", filter=Q(passed=True)),
    "sum_honeypot_pq": Sum("pq", default=0.0),
}
SUMS = tuple(name.removeprefix("sum_") for name in (*_WORK, *_VERDICTS, *_HONEYPOTS))
Key = tuple[int, date]


@transaction.atomic
def count_days(project_id: int, span: Span, annotator_id: int | None = None) -> int:
    """Count the days of a span again, of one person if named; how many persons' days there are.

    Three questions to the database however long the span; days on which nothing is left are removed.
    """
    found = _counted(project_id, span, annotator_id)
    rows = [
        AnnotatorDay(project_id=project_id, annotator_id=annotator, day=day, **sums)
        for (annotator, day), sums in found.items()
    ]
    days = AnnotatorDay.objects.filter(project=project_id, day__range=(span.first, span.last))
    if annotator_id is not None:
        days = days.filter(annotator=annotator_id)
    gone = [pk for pk, *key in days.values_list("pk", "annotator", "day") if tuple(key) not in found]
    AnnotatorDay.objects.filter(pk__in=gone).delete()
    AnnotatorDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["project", "annotator", "day"],
        update_fields=SUMS,
    )
    return len(rows)


def _counted(project_id: int, span: Span, annotator_id: int | None) -> dict[Key, dict[str, Any]]:
    days = (span.first, span.last)
    submissions = Submission.objects.filter(project=project_id).order_by()
    # A doubtful honeypot says nothing of the people who met it.
    believed = HoneypotResult.objects.exclude(honeypot__state=Honeypot.State.DOUBTFUL)
    honeypots = believed.filter(honeypot__project=project_id, scored_at__isnull=False).order_by()
    if annotator_id is not None:
        submissions = submissions.filter(annotator=annotator_id)
        honeypots = honeypots.filter(annotator=annotator_id)
    work = submissions.filter(day__range=days).values("annotator", at=F("day"))
    judged = submissions.filter(verdict_day__range=days, reviewer__isnull=False)
    verdicts = judged.values("annotator", at=F("verdict_day"))
    scored = honeypots.filter(scored_at__date__range=days).values("annotator", at=TruncDate("scored_at"))
    found: dict[Key, dict[str, Any]] = defaultdict(dict)
    _add(found, work.annotate(**_WORK))
    _add(found, verdicts.annotate(**_VERDICTS))
    _add(found, scored.annotate(**_HONEYPOTS))
    return found


def _add(found: dict[Key, dict[str, Any]], rows: Iterable[Any]) -> None:
    for given in rows:
        row = dict(given)
        key = row.pop("annotator"), row.pop("at")
        found[key] |= {name.removeprefix("sum_"): value for name, value in row.items()}
