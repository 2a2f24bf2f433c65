"""A small made-up history whose figures can be counted by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment, Review
from annotation_server.annotation.submission import Submission
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project

FIRST = date(2026, 3, 2)


def noon(day: int) -> datetime:
    """Noon of day 0, 1, 2 … of the history, UTC."""
    return datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC) + timedelta(day)


@pytest.fixture
def make_work(make_image: Any) -> Callable[..., Annotation]:
    """`make_work(project, anna, day=0, state="submitted")`: an image of 100 px, begun then."""

    def make_work(
        project: Project, annotator: User, *, day: int = 0, state: str = "open", **fields: Any
    ) -> Annotation:
        image = make_image(project, 10, 10)
        Image.objects.filter(pk=image.pk).update(created_at=noon(day))
        assignment = Assignment.objects.create(image=image, annotator=annotator, state=state)
        Assignment.objects.filter(pk=assignment.pk).update(created_at=noon(day))
        return Annotation.objects.create(
            image=image,
            assignment=assignment,
            state="draft" if state == "open" else state,
            revision_number=1,
            changed_at=noon(day),
            **fields,
        )

    return make_work


@pytest.fixture
def submit_on() -> Callable[..., Submission]:
    """`submit_on(annotation, 1, masks=4, kept=2, …)`: a row of its figures, as submitting keeps it."""

    def submit_on(annotation: Annotation, day: int, **figures: Any) -> Submission:
        earlier = Submission.objects.filter(annotation=annotation)
        earlier.update(is_latest=False)
        verdict = figures.pop("verdict", "")
        assert annotation.assignment is not None
        figures = {"masks": 0, "kept": 0, "edited": 0, "drawn": 0, "rejected": 0, "void_px": 0, **figures}
        return Submission.objects.create(
            annotation=annotation,
            project=annotation.image.project,
            annotator=annotation.assignment.annotator,
            attempt=earlier.count() + 1,
            day=FIRST + timedelta(day),
            submitted_at=noon(day),
            pixels=100,
            verdict=verdict,
            verdict_day=FIRST + timedelta(figures.pop("verdict_after", 0) + day) if verdict else None,
            **{"active_ms": 0, **figures},
        )

    return submit_on


@pytest.fixture
def history(
    project: Project, anna: User, rita: User, make_work: Any, submit_on: Any
) -> Callable[..., dict[str, Any]]:
    """Three images in four days: one accepted, one returned and sent again, one begun; and one nobody drew.

    Day 0: Anna begins A and B. Day 1: A (4 masks, 10 % void, 60 s) and B (6 masks, 100 s) are submitted.
    Day 2: A is accepted, B returned; Rita submits C (2 masks, 40 s) without a prediction.
    Day 3: B is sent again (20 s more) and accepted; C waits. D is begun by Anna.
    """
    version = ModelVersion.objects.create(name="v1", stage="champion")
    a, b = (make_work(project, anna, day=0, state="accepted") for _ in range(2))
    c = make_work(project, rita, day=2, state="submitted")
    d = make_work(project, anna, day=3)
    of_model = {"model_version": version, "reviewer": rita}
    submit_on(
        a, 1, masks=4, kept=2, edited=1, drawn=1, rejected=3, void_px=10, active_ms=60_000,
        verdict="accept", verdict_after=1, **of_model,
    )  # fmt: skip
    submit_on(b, 1, masks=6, kept=6, active_ms=100_000, verdict="return", verdict_after=1, **of_model)
    submit_on(b, 3, masks=5, kept=3, edited=2, rejected=1, active_ms=20_000, verdict="accept", **of_model)
    submit_on(c, 2, masks=2, drawn=2, active_ms=40_000)
    Review.objects.create(annotation=b, reviewer=rita, verdict="return", reason="The sky.", revision_number=1)
    return {"a": a, "b": b, "c": c, "d": d, "version": version}
