"""Submissions that say what the tests need, without anything drawn."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.submission import Submission
from annotation_server.images.models import Image
from annotation_server.projects.models import Project, Role
from annotation_server.quality.models import HoneypotPolicy
from tests.cast import join, make_user


def days_ago(days: int) -> date:
    """A UTC day."""
    return timezone.now().date() - timedelta(days)


@pytest.fixture
def ben(project: Project) -> User:
    """A second annotator."""
    return join(make_user("ben", first_name="Ben"), project, Role.ANNOTATOR)


@pytest.fixture
def submitted(project: Project) -> Callable[..., Submission]:
    """`submitted(anna, day, masks=20, accepted=True)`: an image of 1 MP, judged on that day."""
    made = 0

    def submitted(
        annotator: User,
        day: date,
        *,
        accepted: bool | None = True,
        reviewer: User | None = None,
        **figures: Any,
    ) -> Submission:
        nonlocal made
        made += 1
        image = Image.objects.create(
            project=project, file_name=f"{made}.png", width=1000, height=1000, checksum=str(made), byte_size=1
        )
        assignment = Assignment.objects.create(image=image, annotator=annotator, state="submitted")
        annotation = Annotation.objects.create(image=image, assignment=assignment, state="submitted")
        values = {"masks": 20, "kept": 10, "edited": 5, "drawn": 5, "rejected": 5, "void_px": 0, **figures}
        return Submission.objects.create(
            annotation=annotation,
            project=project,
            annotator=annotator,
            attempt=1,
            day=day,
            submitted_at=datetime.combine(day, time(12), UTC),
            pixels=1_000_000,
            verdict="" if accepted is None else "accept" if accepted else "return",
            verdict_day=None if accepted is None else day,
            reviewer=reviewer,
            **{"active_ms": 600_000, "strokes": 40, "operations": 60, **values},
        )

    return submitted


HALVES = np.repeat([[1, 1, 1, 1, 2, 2, 2, 2]], 8, axis=0).astype(np.uint16)


@pytest.fixture
def honeypots_on(project: Project) -> HoneypotPolicy:
    """Honeypots from the first piece of work on."""
    return HoneypotPolicy.objects.create(project=project, mode=HoneypotPolicy.Mode.ON)
