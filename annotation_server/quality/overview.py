"""What the page about annotators shows: people, alarms, and one person's charts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from annotation_server.accounts.models import User
from annotation_server.annotation.access import OVERSEERS
from annotation_server.errors import NotAllowed, NotFound
from annotation_server.permissions import require_role
from annotation_server.projects.models import Membership, Role
from annotation_server.quality.annotator_days import SUMS
from annotation_server.quality.control_charts import Usual
from annotation_server.quality.honeypot_policy import policy_of
from annotation_server.quality.limits import kept_limits, people_samples
from annotation_server.quality.measures import (
    ENOUGH,
    LEAST_POINTS,
    MEASURES,
    Measure,
    Sample,
    broken_rules,
    charted,
)
from annotation_server.quality.models import Alarm, AnnotatorDay, HoneypotResult, Limits
from annotation_server.quality.people import (
    OF_HONEYPOTS,
    days_in,
    everyone,
    open_alarms,
    people_rows,
    without_honeypots,
)
from annotation_server.quality.studies import study_agreement
from annotation_server.work.days import Span

Row = dict[str, Any]
MOST_ALARMS = 200
MOST_RESULTS = 200


def overview(user: Any, project_id: int, span: Span) -> Row:
    """People's figures and alarms of a span. Raises NotFound for strangers.

    An annotator gets their own row, no alarms, and honeypots only where the project tells them.
    """
    sees_people = require_role(user, project_id, Role.ANNOTATOR) in OVERSEERS
    people = people_rows(days_in(project_id, span, None if sees_people else user))
    limits = Limits.objects.filter(project=project_id)
    about = {
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "sees_people": sees_people,
        "counted_at": limits.values_list("worked_out_at", flat=True).first(),
    }
    if not sees_people:
        tells = policy_of(project_id).tells_annotators
        return {**about, "people": people if tells else [without_honeypots(row) for row in people]}
    alarms = open_alarms(project_id)
    studies = study_agreement(project_id)
    for row in people:
        row["open_alarms"] = alarms.get(row["username"], 0)
        row["study"] = studies.get(row["username"])
    return {**about, "people": people, "everyone": everyone(people), "alarms": alarm_rows(project_id)}


def person(user: Any, project_id: int, username: str, span: Span) -> Row:
    """One person's row, days, charts and honeypots. Raises NotFound, and NotAllowed for another's."""
    sees_people = require_role(user, project_id, Role.ANNOTATOR) in OVERSEERS
    if not sees_people and username != user.username:
        raise NotAllowed(_("Only reviewers, curators and admins see how others do."))
    found = User.objects.filter(username=username).first()
    if found is None or not _has_part_in(found, project_id):
        raise NotFound(_("Nobody named “%(username)s” works in this project.") % {"username": username})
    sees_honeypots = sees_people or policy_of(project_id).tells_annotators
    days = days_in(project_id, span, found)
    rows = [_visible(row, sees_honeypots) for row in people_rows(days)]
    shown = [measure for measure in MEASURES if sees_honeypots or measure.name != "honeypots"]
    samples = people_samples(project_id, found.pk).get(found.pk, {})
    limits = kept_limits(project_id)
    answer: Row = {
        "username": found.username,
        "name": found.display_name,
        "figures": rows[0] if rows else None,
        "days": [_day(row) for row in days.order_by("day").values("day", *SUMS)],
        "charts": [_chart(one, limits.get(one.name), samples.get(one.name, []), span) for one in shown],
    }
    if sees_honeypots:
        answer["honeypots"] = _results(project_id, found.pk, sees_people)
    if sees_people:
        answer["alarms"] = alarm_rows(project_id, found.pk)
        answer["study"] = study_agreement(project_id, found.pk).get(found.username)
    return answer


def _has_part_in(user: User, project_id: int) -> bool:
    membership = Membership.objects.filter(project=project_id, user=user)
    return membership.exists() or AnnotatorDay.objects.filter(project=project_id, annotator=user).exists()


def alarm_rows(project_id: int, annotator_id: int | None = None) -> list[Row]:
    """Alarms, those that wait first, then the newest."""
    rows = Alarm.objects.filter(project=project_id).select_related("annotator", "acknowledged_by")
    if annotator_id is not None:
        rows = rows.filter(annotator=annotator_id)
    ordered = rows.order_by("-acknowledged_at", "-last_at", "-pk")
    waiting = ordered.filter(acknowledged_at__isnull=True)
    done = ordered.filter(acknowledged_at__isnull=False)
    return [alarm_row(alarm) for alarm in [*waiting[:MOST_ALARMS], *done[:MOST_ALARMS]]]


def alarm_row(alarm: Alarm) -> Row:
    """An alarm as JSON values."""
    by = alarm.acknowledged_by
    return {
        "id": alarm.pk,
        "username": alarm.annotator.username,
        "name": alarm.annotator.display_name,
        **{
            name: getattr(alarm, name)
            for name in ("measure", "rule", "first_at", "last_at", "value", "centre", "limit", "created_at")
        },
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": by.display_name if by else None,
        "note": alarm.note,
    }


def _chart(measure: Measure, usual: Usual | None, samples: Sequence[Sample], span: Span) -> Row:
    """One control chart: the points of the span, charted with all that came before them."""
    points = charted(measure, usual, samples) if usual else None
    broken: dict[int, list[str]] = {}
    for rule, first, last in broken_rules(measure, samples, points):
        for n in range(first, last + 1):
            broken.setdefault(n, []).append(rule)
    begin = datetime.combine(span.first, time(), UTC)
    return {
        "measure": measure.name,
        "chart": measure.chart,
        "side": measure.side,
        "least_points": LEAST_POINTS,
        "enough": ENOUGH,
        "usual": asdict(usual) if usual else None,
        "centre": measure.shown(usual.centre) if usual else None,
        "points": [
            {
                "at": sample.at,
                "size": sample.size,
                "raw": measure.shown(sample.value),
                "value": measure.shown(points[n].value if points else sample.value),
                "low": measure.shown(points[n].low) if points else None,
                "high": measure.shown(points[n].high) if points else None,
                "rules": broken.get(n, []),
            }
            for n, sample in enumerate(samples)
            if begin <= sample.at < span.end
        ],
    }


def _results(project_id: int, annotator_id: int, sees_annotation: bool) -> list[Row]:
    rows = HoneypotResult.objects.filter(honeypot__project=project_id, annotator=annotator_id)
    met = rows.filter(scored_at__isnull=False).select_related("honeypot__image", "assignment__annotation")
    return [
        {
            "honeypot": result.honeypot_id,
            "image": result.honeypot.image_id,
            "file_name": result.honeypot.image.file_name,
            "state": result.honeypot.state,
            "annotation": result.assignment.annotation.pk if sees_annotation else None,
            "trusted": result.honeypot.trusted_id if sees_annotation else None,
            **{
                name: getattr(result, name)
                for name in ("scored_at", "pq", "boundary", "missing", "extra", "found", "passed")
            },
        }
        for result in met.order_by("-scored_at")[:MOST_RESULTS]
    ]


def _visible(row: Row, sees_honeypots: bool) -> Row:
    return row if sees_honeypots else without_honeypots(row)


def _day(row: Any) -> Row:
    plain = {name: value for name, value in row.items() if name not in OF_HONEYPOTS}
    return {**plain, "day": row["day"].isoformat()}
