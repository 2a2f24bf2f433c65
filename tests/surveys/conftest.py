"""A project with two models' predictions, and surveys about them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from annotation_server.accounts.models import User
from annotation_server.annotation.label_maps import create_label_map
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.requests.models import Job
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.surveys.models import Survey
from annotation_server.surveys.run_survey import make_survey, open_survey
from annotation_server.tasks import prepare_survey

WIDTH, HEIGHT = 40, 30
IMAGES = 5


def halves() -> np.ndarray:
    """Left and right, uint16 [HEIGHT, WIDTH]."""
    numbers = np.ones((HEIGHT, WIDTH), np.uint16)
    numbers[:, WIDTH // 2 :] = 2
    return numbers


def layers() -> np.ndarray:
    """Three layers, uint16 [HEIGHT, WIDTH]."""
    return np.repeat(np.arange(HEIGHT) // 10 + 1, WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16)


@pytest.fixture
def models(
    project: Project, anna: User, make_image: Callable, make_annotation: Callable
) -> list[ModelVersion]:
    """Two model versions with predictions of five images, of which the first is accepted as drawn by Anna."""
    versions = [ModelVersion.objects.create(project=project, name=name) for name in ("plain", "bold")]
    for _ in range(IMAGES):
        image = make_image(project, WIDTH, HEIGHT)
        for version, numbers in zip(versions, (halves(), layers()), strict=True):
            label_map = pack_map(numbers)
            prediction = Annotation.objects.create(
                image=image,
                model_version=version,
                state=Annotation.State.FROZEN,
                map_sha256=label_map.sha256(),
            )
            create_label_map(prediction.pk, label_map, version=0)
    first = project.images.order_by("pk").first()
    assert first is not None
    drawn = make_annotation(first, anna, halves())
    Annotation.objects.filter(pk=drawn.pk).update(state=Annotation.State.ACCEPTED)
    Assignment.objects.filter(pk=drawn.assignment.pk).update(state=Assignment.State.ACCEPTED)
    return versions


def prepared(survey: Survey) -> Survey:
    """The survey when its job has run."""
    job = Job.objects.get(request=survey.request_id)
    prepare_survey(job.pk)
    survey.refresh_from_db()
    return survey


@pytest.fixture
def make(project: Project, ada: User, models: list[ModelVersion]) -> Callable[..., Survey]:
    """`make(kind, is_open=True, **fields)`: a prepared survey of Ada's about both models, or the first."""

    def make(kind: str = "preference", *, is_open: bool = True, **fields: Any) -> Survey:
        specs = [{"kind": "model", "model_version": version.pk} for version in models]
        wanted = {
            "kind": kind,
            "name": f"{kind} {Survey.objects.count()}",
            "sets": specs if kind == "preference" else specs[:1],
            "size": 3,
            "seed": 1,
            **fields,
        }
        survey = prepared(make_survey(project, wanted, by=ada))
        return open_survey(survey.pk, by=ada) if is_open else survey

    return make
