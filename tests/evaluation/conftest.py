"""A project with accepted annotations and a model's predictions of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import store_prediction
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.tiled_map import pack_map

SIDE = 32


def halves(at: int) -> np.ndarray:
    """A label map: entity 1 left of column ``at``, entity 2 right of it."""
    return np.where(np.arange(SIDE) < at, 1, 2).astype(np.uint16)[None].repeat(SIDE, 0)


@pytest.fixture
def accepted(
    project: Project, anna: Any, make_image: Callable[..., Image], make_annotation: Callable[..., Annotation]
) -> Callable[..., Annotation]:
    """`accepted(at, split="", named=None)`: an accepted annotation on a new image of 32 × 32 px."""

    def accepted(at: int, *, named: str | None = None, **of_image: Any) -> Annotation:
        image = make_image(project, SIDE, SIDE, **of_image)
        annotation = make_annotation(image, anna, halves(at), named=named)
        Annotation.objects.filter(pk=annotation.pk).update(state=Annotation.State.ACCEPTED)
        Assignment.objects.filter(pk=annotation.assignment_id).update(state=Assignment.State.ACCEPTED)
        return annotation

    return accepted


@pytest.fixture
def model(project: Project) -> ModelVersion:
    return ModelVersion.objects.create(project=project, name="seer", checkpoint_sha256="c" * 64)


@pytest.fixture
def predict(model: ModelVersion) -> Callable[..., Annotation]:
    """`predict(image, at)`: what the model saw."""

    def predict(image: Image, at: int) -> Annotation:
        return store_prediction(image, model, pack_map(halves(at)), {1: 0.9, 2: 0.6})

    return predict
