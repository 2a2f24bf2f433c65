"""A project with accepted work of both splits, and runs to try things on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.training.models import TrainingRun


def halves(side: int, at: int) -> np.ndarray:
    """A label map [side, side]: entity 1 left of column ``at``, entity 2 right of it."""
    return np.where(np.arange(side) < at, 1, 2).astype(np.uint16)[None].repeat(side, 0)


def accept(annotation: Annotation) -> Annotation:
    """Accepted, as if reviewed."""
    Annotation.objects.filter(pk=annotation.pk).update(state=Annotation.State.ACCEPTED)
    Assignment.objects.filter(pk=annotation.assignment_id).update(state=Assignment.State.ACCEPTED)
    return annotation


@pytest.fixture
def accepted(
    project: Project,
    anna: Any,
    make_image: Callable[..., Image],
    make_annotation: Callable[..., Annotation],
) -> Callable[..., Annotation]:
    """`accepted(split="train")`: an accepted annotation of two entities on a new image of 32 × 32 px."""
    made = 0

    def accepted(split: str = "", **of_image: Any) -> Annotation:
        nonlocal made
        made += 1
        image = make_image(project, 32, 32, split=split, **of_image)
        return accept(make_annotation(image, anna, halves(32, 4 + made % 24)))

    return accepted


@pytest.fixture
def champion(project: Project) -> ModelVersion:
    """The project's own champion."""
    return ModelVersion.objects.create(
        project=project, name="first", stage="champion", checkpoint_sha256="c" * 64
    )


@pytest.fixture
def run(project: Project, champion: ModelVersion) -> TrainingRun:
    """An open run without jobs."""
    return TrainingRun.objects.create(project=project, started_from=champion, kind="manual")
