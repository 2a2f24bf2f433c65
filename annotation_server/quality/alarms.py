"""Alarms: found on control charts, kept once an event, and acknowledged by a reviewer with a note."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.access import OVERSEERS
from annotation_server.errors import Conflict, NotAllowed, NotFound, Refused
from annotation_server.permissions import require_role, role_in
from annotation_server.projects.models import Membership, Role
from annotation_server.quality.control_charts import Usual
from annotation_server.quality.limits import Samples
from annotation_server.quality.measures import MEASURES, broken_rules, charted
from annotation_server.quality.models import Alarm

# What happened before and was not noticed then is history, no news: limits move a little with every day.
NEWS = timedelta(days=30)
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Event:
    """A stretch of points that break one rule, with the figures of its first point."""

    measure: str
    rule: str
    first_at: datetime
    last_at: datetime
    value: float
    centre: float | None
    limit: float | None


def events_of(samples: Samples, limits: Mapping[str, Usual]) -> list[Event]:
    """Every event on one person's charts."""
    found = []
    for measure in MEASURES:
        usual, mine = limits.get(measure.name), samples[measure.name]
        points = charted(measure, usual, mine) if usual else None
        for rule, first, last in broken_rules(measure, mine, points):
            point = points[first] if points else None
            limit = (point.low if measure.side < 0 else point.high) if point else None
            found.append(
                Event(
                    measure=measure.name,
                    rule=rule,
                    first_at=mine[first].at,
                    last_at=mine[last].at,
                    value=measure.shown(point.value if point else mine[first].value),
                    centre=measure.shown(usual.centre) if usual else None,
                    limit=None if limit is None else measure.shown(limit),
                )
            )
    return found


@transaction.atomic
def note_alarms(project_id: int, people: Mapping[int, Samples], limits: Mapping[str, Usual]) -> int:
    """Keep what is new on people's charts; how many alarms are new.

    An event that goes on, or that begins a point earlier since the limits have moved, is the alarm there is.
    """
    since = timezone.now() - NEWS
    known: dict[tuple[int, str, str], list[Alarm]] = {}
    for alarm in Alarm.objects.filter(project=project_id, annotator__in=list(people)):
        known.setdefault((alarm.annotator_id, alarm.measure, alarm.rule), []).append(alarm)
    new = []
    for person, samples in people.items():
        for event in events_of(samples, limits):
            same = _overlapping(known.get((person, event.measure, event.rule), ()), event)
            if same is None and event.last_at >= since:
                new.append(Alarm(project_id=project_id, annotator_id=person, **vars(event)))
            elif same is not None and same.last_at < event.last_at:
                Alarm.objects.filter(pk=same.pk).update(last_at=event.last_at)
    Alarm.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _overlapping(alarms: Iterable[Alarm], event: Event) -> Alarm | None:
    return next((a for a in alarms if a.first_at <= event.last_at and a.last_at >= event.first_at), None)


@transaction.atomic
def acknowledge(user: Any, alarm_id: int, note: str) -> Alarm:
    """Say what was done about an alarm. Raises NotFound, NotAllowed, Refused, Conflict (``acknowledged``).

    Nobody acknowledges their own alarm where another reviewer, curator or admin could.
    """
    alarm = Alarm.objects.select_for_update().filter(pk=alarm_id).first()
    if alarm is None or role_in(user, alarm.project_id) is None:
        raise NotFound(_("There is no such alarm, or you are not a member of its project."))
    require_role(user, alarm.project_id, Role.REVIEWER)
    if alarm.annotator_id == user.pk and _others_oversee(user, alarm.project_id):
        raise NotAllowed(_("This alarm is about your own work: another reviewer looks at it."))
    if alarm.acknowledged_at is not None:
        raise Conflict(_("This alarm is acknowledged already."), code="acknowledged")
    if not note.strip() or len(note) > LONGEST_NOTE or "\0" in note:
        raise Refused(
            _("Say in a note what you found, in at most %(n)s characters.") % {"n": LONGEST_NOTE},
            code="note_needed",
        )
    alarm.note, alarm.acknowledged_by, alarm.acknowledged_at = note.strip(), user, timezone.now()
    alarm.save(update_fields=["note", "acknowledged_by", "acknowledged_at"])
    audit.record(user, alarm.project_id, "alarm.acknowledge", alarm, annotator=alarm.annotator_id)
    return alarm


def _others_oversee(user: Any, project_id: int) -> bool:
    others = Membership.objects.filter(project=project_id, role__in=OVERSEERS)
    return others.exclude(user=user).exists()
