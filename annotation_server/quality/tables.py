"""The figures of annotators as tables for download; each sees in them what their page shows."""

from typing import Any

from django.db.models import F

from annotation_server.annotation.access import OVERSEERS
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role
from annotation_server.quality.annotator_days import SUMS
from annotation_server.quality.models import Alarm
from annotation_server.quality.overview import alarm_row, overview
from annotation_server.quality.people import OF_HONEYPOTS, days_in
from annotation_server.work.days import Span

Row = dict[str, Any]


def annotators_table(user: Any, project_id: int, span: Span) -> list[Row]:
    """One row a person, as the page has it."""
    rows = overview(user, project_id, span)["people"]
    return [
        {name: value for name, value in row.items() if name not in ("sums", "study")} | _study(row)
        for row in rows
    ]


def days_table(user: Any, project_id: int, span: Span) -> list[Row]:
    """One row a person and day: the sums that all figures are made of."""
    sees_people = require_role(user, project_id, Role.ANNOTATOR) in OVERSEERS
    columns = [name for name in SUMS if sees_people or name not in OF_HONEYPOTS]
    rows = days_in(project_id, span, None if sees_people else user)
    values = rows.order_by("day", "annotator").values("day", *columns, username=F("annotator__username"))
    return [
        {"day": row["day"].isoformat(), "username": row["username"], **_only(row, columns)} for row in values
    ]


def alarms_table(user: Any, project_id: int, span: Span) -> list[Row]:
    """One row an alarm of the span; raises NotAllowed below reviewer."""
    require_role(user, project_id, Role.REVIEWER)
    alarms = Alarm.objects.filter(project=project_id, last_at__date__range=(span.first, span.last))
    return [alarm_row(alarm) for alarm in alarms.select_related("annotator", "acknowledged_by")]


def _study(row: Row) -> Row:
    if "study" not in row:
        return {}
    study = row["study"] or {"images": 0, "pq": None}
    return {"study_images": study["images"], "study_pq": study["pq"]}


def _only(row: Any, columns: list[str]) -> Row:
    return {name: row[name] for name in columns}
