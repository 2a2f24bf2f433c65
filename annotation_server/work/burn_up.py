"""How a project grew: images, begun, submitted, accepted, and its vocabulary, at the end of each day."""

from typing import Any

from django.db.models import Count, QuerySet

from annotation_server.annotation.models import Assignment, Review
from annotation_server.annotation.submission import Submission
from annotation_server.images.models import Image
from annotation_server.vocabulary.models import Term
from annotation_server.work.days import Span, as_text, by_day, running_total

ACCEPTING = (Review.Verdict.ACCEPT, Review.Verdict.REPLACE)


def burn_up(project_id: int, span: Span) -> list[dict[str, Any]]:
    """For each day how many images there were, and of how many the work was begun, submitted, accepted."""
    drawn = Assignment.objects.filter(image__project=project_id, round=Assignment.Round.DRAW)
    begun = drawn.exclude(state=Assignment.State.DROPPED)
    ours = Submission.objects.filter(project=project_id).exclude(
        annotation__assignment__state=Assignment.State.DROPPED
    )
    accepted = ours.filter(is_latest=True, verdict__in=ACCEPTING, verdict_day__lte=span.last)
    columns = {
        "images": by_day(Image.objects.filter(project=project_id), "created_at", span),
        "begun": by_day(begun, "created_at", span),
        "submitted": _by_date(ours.filter(attempt=1, day__lte=span.last), "day"),
        "accepted": _by_date(accepted, "verdict_day"),
    }
    return _rows(columns, span)


def vocabulary_growth(project_id: int, span: Span) -> list[dict[str, Any]]:
    """For each day how many terms there were."""
    return _rows({"terms": by_day(Term.objects.filter(project=project_id), "created_at", span)}, span)


def _by_date(rows: QuerySet[Submission], day: str) -> dict[str, int]:
    return as_text(rows.order_by().values(day).annotate(n=Count("pk")).values_list(day, "n"))


def _rows(columns: dict[str, dict[str, int]], span: Span) -> list[dict[str, Any]]:
    totals = {name: running_total(counts, span) for name, counts in columns.items()}
    return [
        {"day": day.isoformat(), **{name: column[at] for name, column in totals.items()}}
        for at, day in enumerate(span)
    ]
