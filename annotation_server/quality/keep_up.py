"""Keeping the figures of annotators up: after each submission and verdict for one, by the clock for all."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils import timezone

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.mask_shapes import keep_shapes
from annotation_server.annotation.measure import after_measure
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.settle_hidden import settle_hidden
from annotation_server.annotation.submission import Submission
from annotation_server.consistency.models import Study
from annotation_server.consistency.report import image_agreements
from annotation_server.projects.models import Project
from annotation_server.quality.alarms import note_alarms
from annotation_server.quality.annotator_days import count_days
from annotation_server.quality.honeypot_score import score_honeypot
from annotation_server.quality.limits import kept_limits, people_samples, work_out_limits
from annotation_server.quality.models import Honeypot, HoneypotResult, Limits
from annotation_server.quality.renew_honeypots import add_from_studies, flag_doubtful, retire_used
from annotation_server.work.days import Span

TASK = "server.keep_quality"
# Figures of a submission may come a little after midnight.
LATE = timedelta(days=1)
SHAPES_AT_ONCE = 50


@after_measure
def count_submission(annotation: Annotation) -> None:
    """Score a honeypot, count its day again, and look for alarms of the person whose work it was."""
    if annotation.assignment is None or annotation.submitted_at is None:
        return
    score_honeypot(annotation)
    original = annotation.original
    whose = original.assignment if original is not None else annotation.assignment
    if whose is None:
        return
    _count_day(annotation.image.project_id, annotation.submitted_at.date(), whose.annotator_id)


def count_verdict(annotation_id: int) -> None:
    """Count the day of the latest verdict on an annotation again, for whoever drew it."""
    judged = Submission.objects.filter(annotation=annotation_id, is_latest=True, verdict_day__isnull=False)
    for project_id, day, annotator_id in judged.values_list("project_id", "verdict_day", "annotator_id"):
        if day is not None:
            _count_day(project_id, day, annotator_id)


def _count_day(project_id: int, day: date, annotator_id: int) -> None:
    count_days(project_id, Span(day, day), annotator_id)
    note_alarms(project_id, people_samples(project_id, annotator_id), kept_limits(project_id))


def keep_quality() -> int:
    """Bring every project with something new up to date; how many there were."""
    due = list(_with_news())
    for project_id in due:
        keep_project(project_id)
    return len(due)


def keep_project(project_id: int) -> None:
    """Count the days since last time again, work out limits, find alarms, renew honeypots."""
    add_from_studies(project_id, image_agreements(project_id))
    retire_used(project_id)
    settle_hidden(project_id)
    today = timezone.now().date()
    count_days(project_id, Span(min(_first_day(project_id), today), today))
    for honeypot in flag_doubtful(project_id):
        _forget(honeypot)
    people = people_samples(project_id)
    note_alarms(project_id, people, work_out_limits(project_id, people))
    Limits.objects.filter(project=project_id).update(counted_until=today)
    _keep_missing_shapes(project_id)


def _with_news() -> Any:
    """Projects of which something may not be counted yet, those with honeypots, those with fresh studies."""
    since = timezone.now().date() - LATE
    rows = Submission.objects.filter(project=OuterRef("pk")).order_by()
    new = rows.filter(Q(day__gte=since) | Q(verdict_day__gte=since))
    used = Honeypot.objects.filter(project=OuterRef("pk"), state=Honeypot.State.ACTIVE)
    closed = Study.objects.filter(project=OuterRef("pk"), closed_at__date__gte=since)
    is_new = Exists(new) | (Q(limits__isnull=True) & Exists(rows)) | Exists(used) | Exists(closed)
    return Project.objects.filter(is_new).order_by("pk").values_list("pk", flat=True)


def _first_day(project_id: int) -> Any:
    """The first day that may have changed since last time; the project's first one if it is new."""
    counted = Limits.objects.filter(project=project_id).values_list("counted_until", flat=True).first()
    if counted is not None:
        return counted - LATE
    first = Submission.objects.filter(project=project_id).aggregate(first=Min("day"))["first"]
    return first or timezone.now().date()


def _forget(honeypot: Honeypot) -> None:
    """Count the days again on which people met a honeypot that is doubtful now."""
    met = HoneypotResult.objects.filter(honeypot=honeypot, scored_at__isnull=False)
    for annotator, scored_at in met.values_list("annotator", "scored_at"):
        if scored_at is not None:
            count_days(honeypot.project_id, Span(scored_at.date(), scored_at.date()), annotator)


def _keep_missing_shapes(project_id: int) -> None:
    """Some shapes of accepted maps that were submitted before shapes were kept."""
    missing = accepted(project_id).exclude(shapes_sha256=F("map_sha256")).order_by()
    for annotation_id in list(missing.values_list("pk", flat=True)[:SHAPES_AT_ONCE]):
        keep_shapes(annotation_id)
