"""How quickly the quality of annotators is worked out and shown: generated submissions, the real code.

    DATABASE_URL=sqlite:////tmp/quality.sqlite3 SECRET_KEY=x python -m benchmarks.annotator_quality

100 people with 10,000 submissions each, if nothing else is said; filling takes minutes. It must be a scratch
database.
"""

# ruff: noqa: E402 - Django must be set up before its models are imported.
import argparse
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.submission import Submission
from annotation_server.images.models import Image
from annotation_server.projects.models import Membership, Project
from annotation_server.quality.alarms import note_alarms
from annotation_server.quality.annotator_days import count_days
from annotation_server.quality.keep_up import keep_project
from annotation_server.quality.limits import kept_limits, people_samples
from annotation_server.quality.models import Alarm, AnnotatorDay
from annotation_server.quality.overview import overview, person
from annotation_server.work.days import Span

A_DAY = 10
AT_ONCE = 5000


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--people", type=int, default=100)
    given.add_argument("--submissions", type=int, default=10_000, help="of each of them")
    options = given.parse_args()
    call_command("migrate", verbosity=0)
    project, rita, people = fill(options.people, options.submissions)
    today = timezone.now().date()
    quarter = Span(today - timedelta(89), today)
    always = Span(today - timedelta(options.submissions // A_DAY - 1), today)

    def one_submission() -> None:
        count_days(project.pk, Span(today, today), people[0].pk)
        note_alarms(project.pk, people_samples(project.pk, people[0].pk), kept_limits(project.pk))

    measured("the very first count", lambda: keep_project(project.pk))
    measured("every quarter of an hour", lambda: keep_project(project.pk))
    measured("after a submission", one_submission)
    measured("the page, 90 days", lambda: overview(rita, project.pk, quarter))
    measured("the page, all days", lambda: overview(rita, project.pk, always))
    measured("one person, 90 days", lambda: person(rita, project.pk, people[0].username, quarter))
    print(f"{AnnotatorDay.objects.count():,} days, {Alarm.objects.count():,} alarms")


def fill(people: int, submissions: int) -> tuple[Project, User, list[User]]:
    """A project in which everybody submits ten images a day and nine of ten are accepted."""
    rng = random.Random(5)
    project = Project.objects.create(name="Large")
    rita = User.objects.create(username="rita")
    Membership.objects.create(project=project, user=rita, role="reviewer")
    drawers = [User.objects.create(username=f"person{n}") for n in range(people)]
    today = timezone.now().date()
    work = [
        (today - timedelta(n // A_DAY), drawer) for n in reversed(range(submissions)) for drawer in drawers
    ]
    for start in range(0, len(work), AT_ONCE):
        _fill_batch(project, rita, work[start : start + AT_ONCE], start, rng)
    return project, rita, drawers


def _fill_batch(project: Project, rita: User, work: list[Any], start: int, rng: random.Random) -> None:
    images = Image.objects.bulk_create(
        Image(
            project=project,
            file_name=f"{start + n}.jpg",
            width=4000,
            height=3000,
            checksum=f"{start + n:064x}",
            state="ready",
        )
        for n in range(len(work))
    )
    assignments = Assignment.objects.bulk_create(
        Assignment(image=image, annotator=drawer, state="accepted")
        for image, (_day, drawer) in zip(images, work, strict=True)
    )
    annotations = Annotation.objects.bulk_create(
        Annotation(image_id=one.image_id, assignment=one, state="accepted") for one in assignments
    )
    Submission.objects.bulk_create(
        _submission(project, rita, annotation, day, drawer, rng)
        for annotation, (day, drawer) in zip(annotations, work, strict=True)
    )


def _submission(
    project: Project, rita: User, annotation: Annotation, day: Any, drawer: User, rng: random.Random
) -> Submission:
    masks = rng.randint(12, 26)
    return Submission(
        annotation=annotation,
        project=project,
        annotator=drawer,
        attempt=1,
        day=day,
        submitted_at=datetime.combine(day, clock(10), UTC),
        masks=masks,
        kept=masks // 2,
        edited=masks // 4,
        drawn=masks // 4,
        rejected=rng.randint(0, 6),
        pixels=12_000_000,
        void_px=0,
        active_ms=int(masks * rng.gauss(20_000, 3_000)),
        strokes=int(masks * rng.gauss(3, 0.5)),
        operations=masks * 5,
        verdict="accept" if rng.random() < 0.9 else "return",
        verdict_day=day,
        reviewer=rita,
    )


def measured(name: str, work: Callable[[], Any]) -> None:
    """Print processor time and questions to the database."""
    with CaptureQueriesContext(connection) as asked:
        before = time.process_time()
        work()
        spent = time.process_time() - before
    print(f"{name:28} {1000 * spent:10.1f} ms {len(asked):6} questions", flush=True)


if __name__ == "__main__":
    main()
