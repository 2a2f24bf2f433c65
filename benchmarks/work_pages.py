"""How quickly the work pages answer in a large project: generated rows, the real API, no browser.

    DATABASE_URL=sqlite:////tmp/large.sqlite3 SECRET_KEY=x python -m benchmarks.work_pages --images 50000

Without --keep the database is filled anew; it must be a scratch one.
"""

# ruff: noqa: E402 - Django must be set up before its models are imported.
import argparse
import itertools
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation_server.settings")

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.submission import Submission
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Membership, Project
from annotation_server.vocabulary.models import Term

MASKS_OF_AN_IMAGE = 20
PEOPLE = 12
DAYS = 180
STATES = ("accepted",) * 6 + ("submitted", "returned", "open", "none")
REPEATS = 5


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--images", type=int, default=50_000)
    given.add_argument("--keep", action="store_true", help="measure the project that is there already")
    options = given.parse_args()
    call_command("migrate", verbosity=0)
    if not options.keep:
        fill(options.images)
    project = Project.objects.get(name="Large")
    print(f"{project.images.count():,} images, {Mask.objects.count():,} masks")
    for name, address in pages_of(project):
        print(f"{name:40} {measured(address):8.1f} ms")


def fill(images: int) -> None:
    """A project of so many images; nine of ten are drawn, most of them accepted."""
    rng = random.Random(7)
    now = timezone.now()
    project = Project.objects.create(name="Large")
    people = [User.objects.create(username=f"person{n}") for n in range(PEOPLE)]
    for n, person in enumerate(people):
        Membership.objects.create(project=project, user=person, role="reviewer" if n == 0 else "annotator")
    terms = [Term.objects.create(project=project, name=f"term {n}") for n in range(500)]
    version = ModelVersion.objects.create(name="v1", project=project, stage="champion")
    for start in range(0, images, 2000):
        batch = range(start, min(start + 2000, images))
        _fill_batch(batch, project, people, terms, version, rng, now)


def _fill_batch(
    batch: range, project: Project, people: list[User], terms: list[Term], version: Any, rng: Any, now: Any
) -> None:
    made = Image.objects.bulk_create(
        Image(
            project=project,
            file_name=f"street_{n:07}.jpg",
            width=rng.choice((640, 1920, 4000, 8000)),
            height=rng.choice((480, 1080, 3000, 6000)),
            checksum=f"{n:064x}",
            file_key="x",
            state="ready",
            split=rng.choice(("", "train", "val")),
        )
        for n in batch
    )
    began = {image.pk: now - timedelta(days=DAYS * rng.random()) for image in made}
    for image in made:
        image.created_at = began[image.pk]
    Image.objects.bulk_update(made, ["created_at"], batch_size=500)
    predictions = Annotation.objects.bulk_create(
        Annotation(image=image, model_version=version, state="frozen", mean_score=rng.random(), mask_count=15)
        for image in made
    )
    states = {image.pk: STATES[image.pk % len(STATES)] for image in made}
    drawn = [image for image in made if states[image.pk] != "none"]
    assignments = Assignment.objects.bulk_create(
        Assignment(image=image, annotator=rng.choice(people), state=states[image.pk]) for image in drawn
    )
    prediction_of = {prediction.image_id: prediction for prediction in predictions}
    annotations = Annotation.objects.bulk_create(
        Annotation(
            image_id=assignment.image_id,
            assignment=assignment,
            prediction=prediction_of[assignment.image_id],
            state="draft" if assignment.state == "open" else assignment.state,
            void_px=rng.randrange(1000),
            mask_count=MASKS_OF_AN_IMAGE,
            agreement=rng.random(),
            submitted_at=None if assignment.state == "open" else began[assignment.image_id],
        )
        for assignment in assignments
    )
    Submission.objects.bulk_create(_submissions(annotations, project, version, began, rng))
    numbers = range(1, MASKS_OF_AN_IMAGE + 1)
    rows = (
        Mask(annotation=annotation, number=number, term=terms[int(500 * rng.random() ** 3)], area=100)
        for annotation, number in itertools.product(annotations, numbers)
    )
    Mask.objects.bulk_create(rows, batch_size=5000)


def _submissions(
    annotations: list[Annotation], project: Project, version: Any, began: Any, rng: Any
) -> Iterator[Submission]:
    for annotation in annotations:
        if annotation.state == "draft":
            continue
        assert annotation.assignment is not None
        moment = began[annotation.image_id]
        verdict = {"accepted": "accept", "returned": "return"}.get(annotation.state, "")
        yield Submission(
            annotation=annotation, project=project, annotator_id=annotation.assignment.annotator_id,
            model_version=version, attempt=1, day=moment.date(), submitted_at=moment,
            masks=MASKS_OF_AN_IMAGE, kept=8, edited=5, drawn=7, rejected=2, pixels=10**6, void_px=100,
            active_ms=rng.randrange(10**6), verdict=verdict, verdict_day=moment.date() if verdict else None,
        )  # fmt: skip


def pages_of(project: Project) -> list[tuple[str, str]]:
    """What the pages ask for, by name."""
    common = Term.objects.get(project=project, name="term 0").pk
    rare = Term.objects.get(project=project, name="term 499").pk
    images = f"/api/v1/images?project={project.pk}&page_size=48"
    first = (timezone.now() - timedelta(days=DAYS)).date()
    return [
        ("projects", "/api/v1/projects"),
        ("my queue", "/api/v1/queue"),
        ("dashboard, 30 days", f"/api/v1/projects/{project.pk}/dashboard"),
        ("dashboard, all", f"/api/v1/projects/{project.pk}/dashboard?first={first}"),
        ("images", images),
        ("images, a page in the middle", f"{images}&page={project.images.count() // 96 + 1}"),
        ("images by a frequent term", f"{images}&term={common}"),
        ("images by a rare term", f"{images}&term={rare}"),
        ("images of one person", f"{images}&annotator=person3"),
        ("images waiting for review", f"{images}&work_state=submitted"),
        ("images not begun", f"{images}&work_state=predicted"),
        ("images of 12 megapixels and more", f"{images}&megapixels_min=12"),
        ("images by file name", f"{images}&ordering=file_name"),
        ("images, largest first", f"{images}&ordering=-pixels"),
        ("images, least agreement first", f"{images}&ordering=agreement"),
        ("images, least covered first", f"{images}&ordering=coverage"),
        ("images, lowest score first", f"{images}&ordering=score"),
        ("images of low agreement", f"{images}&agreement_max=0.1"),
        ("images, name contains 4999", f"{images}&search=4999"),
    ]


def measured(address: str) -> float:
    """Median time of an answer to a reviewer, ms."""
    client = APIClient()
    client.force_authenticate(User.objects.get(username="person0"))
    return statistics.median(_timed(lambda: client.get(address)) for _ in range(REPEATS))


def _timed(ask: Callable[[], Any]) -> float:
    began = time.perf_counter()
    answer = ask()
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"The API answered {answer.status_code}: {answer.content!r}")
    return took


if __name__ == "__main__":
    main()
