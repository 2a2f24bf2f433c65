"""How each person does over a span of days: one row a person, summed from their days."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat, Trim

from annotation_server.quality.annotator_days import SUMS
from annotation_server.quality.models import Alarm, AnnotatorDay
from annotation_server.work.days import Span

Row = dict[str, Any]
_HOUR_MS = 3_600_000
_LEAST_FOR_RATES_MS = 60_000
# What nobody but reviewers and above sees, unless the project tells its annotators.
OF_HONEYPOTS = ("honeypots", "honeypots_passed", "honeypot_pq")
_ABOUT_PERSON = ("username", "name")


def days_in(project_id: int, span: Span, person: Any = None) -> QuerySet[AnnotatorDay]:
    """Persons' days of a span; only one person's, if named."""
    rows = AnnotatorDay.objects.filter(project=project_id, day__range=(span.first, span.last)).order_by()
    return rows if person is None else rows.filter(annotator=person)


def people_rows(rows: QuerySet[AnnotatorDay]) -> list[Row]:
    """One row a person, by name of account; one question to the database."""
    name = Trim(Concat("annotator__first_name", Value(" "), "annotator__last_name"))
    grouped = rows.values(username=F("annotator__username"), name=name)
    summed = grouped.annotate(**{f"sum_{column}": Sum(column) for column in SUMS}).order_by("username")
    return [described({key.removeprefix("sum_"): value for key, value in row.items()}) for row in summed]


def everyone(people: Sequence[Mapping[str, Any]]) -> Row:
    """The same figures of all people together."""
    return described({column: sum(row["sums"][column] for row in people) for column in SUMS})


def described(row: Mapping[str, Any]) -> Row:
    """A row's figures from its sums; None where there is nothing to divide by. The sums stay in ``sums``."""
    hours = row["active_ms"] / _HOUR_MS if row["active_ms"] >= _LEAST_FOR_RATES_MS else 0.0
    proposed = row["kept"] + row["edited"] + row["rejected"]
    return {
        **{key: row[key] for key in _ABOUT_PERSON if key in row},
        **{key: row[key] for key in ("images", "masks", "pixels", "active_ms", "judged", "drawn")},
        "images_per_hour": _share(row["images"], hours),
        "masks_per_hour": _share(row["masks"], hours),
        "megapixels_per_hour": _share(row["pixels"] / 1e6, hours),
        "strokes_per_mask": _share(row["strokes"], row["counted_masks"]),
        "operations_per_mask": _share(row["operations"], row["counted_masks"]),
        "accepted": _share(row["accepted"], row["judged"]),
        "returned": _share(row["returned"], row["judged"]),
        "compared": row["compared"],
        "reviewer_pq": _share(row["reviewer_pq"], row["compared"]),
        "proposed": proposed,
        "kept": _share(row["kept"], proposed),
        "edited": _share(row["edited"], proposed),
        "rejected": _share(row["rejected"], proposed),
        "honeypots": row["honeypots"],
        "honeypots_passed": _share(row["honeypots_passed"], row["honeypots"]),
        "honeypot_pq": _share(row["honeypot_pq"], row["honeypots"]),
        "sums": {column: row[column] for column in SUMS},
    }


def without_honeypots(row: Row) -> Row:
    """A row as annotators see their own."""
    sums = {key: value for key, value in row["sums"].items() if key not in OF_HONEYPOTS}
    return {**{key: value for key, value in row.items() if key not in OF_HONEYPOTS}, "sums": sums}


def open_alarms(project_id: int) -> dict[str, int]:
    """How many alarms nobody has acknowledged, by name of account."""
    rows = Alarm.objects.filter(project=project_id).order_by().values(username=F("annotator__username"))
    counted = rows.annotate(open=Count("pk", filter=Q(acknowledged_at__isnull=True)))
    return {row["username"]: row["open"] for row in counted}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
