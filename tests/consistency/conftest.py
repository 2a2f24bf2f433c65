"""What studies are about: accepted drawings, and people who had no part in them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.consistency.models import Study
from annotation_server.consistency.population import Population
from annotation_server.consistency.protocol import Protocol, open_study, plan_study
from annotation_server.projects.models import Project, Role
from tests.annotation.editor import Editor
from tests.cast import join, make_user

HALVES = np.repeat(np.array([[1], [2]], np.uint16), 8, axis=0).repeat(16, axis=1)


@pytest.fixture
def project(project) -> Project:
    """The project of the cast, where masks may stay without a name."""
    project.names_required = False
    project.save(update_fields=["names_required"])
    return project


@pytest.fixture
def bea(project) -> User:
    """A second annotator."""
    return join(make_user("bea", first_name="Bea"), project, Role.ANNOTATOR)


@pytest.fixture
def make_accepted(make_image, make_annotation) -> Callable[..., Annotation]:
    """`make_accepted(project, anna, label_map=HALVES)`: an accepted drawing, submitted 200 days ago."""

    def make_accepted(project, annotator, label_map=HALVES, days=200, **options: Any) -> Annotation:
        image = make_image(project, label_map.shape[1], label_map.shape[0])
        annotation = make_annotation(image, annotator, label_map, **options)
        Assignment.objects.filter(pk=annotation.assignment_id).update(state="accepted", lease=None)
        submitted_at = timezone.now() - timedelta(days=days)
        Annotation.objects.filter(pk=annotation.pk).update(state="accepted", submitted_at=submitted_at)
        annotation.refresh_from_db()
        return annotation

    return make_accepted


@pytest.fixture
def make_study(ada) -> Callable[..., Study]:
    """`make_study(project, size=1, …)`: an open study, planned and opened by Ada."""

    def make_study(project, *, opened: bool = True, **protocol: Any) -> Study:
        options = {"name": "Again", "population": Population(), "seed": 7, "every": 1, "annotators": 1}
        study = plan_study(ada, project.pk, Protocol(**options | protocol))
        return open_study(ada, study.pk) if opened else study

    return make_study


@pytest.fixture
def tab_of(client_of) -> Callable[..., Editor]:
    """`tab_of(bea, project)`: the person's next piece of work, open in an editor."""

    def tab_of(user: User, project) -> Editor:
        client = client_of(user)
        answer = client.post("/api/v1/assignments/next", {"project": project.pk}, format="json")
        assert answer.status_code == 200, answer.content
        return Editor(client, Annotation.objects.get(pk=answer.json()["annotation"]))

    return tab_of


@pytest.fixture
def draw_part(tab_of) -> Callable[..., Annotation]:
    """`draw_part(bea, project, label_map)`: the person takes their next work, draws that and submits it."""

    def draw_part(user: User, project, label_map: np.ndarray = HALVES) -> Annotation:
        tab = tab_of(user, project)
        entities = [tab.new_entity() for _ in range(int(label_map.max()))]
        numbers = np.array([0, *(entity.number for entity in entities)], np.uint16)
        tab.pixels = numbers[label_map]
        tab.save(*entities)
        return submit(tab)

    return draw_part


def submit(tab: Editor, **options: Any) -> Annotation:
    """Close what a tab has open; fails the test if the server refuses."""
    body = {"lease": tab.lease, "allow_unnamed": True, **options}
    answer = tab.client.post(f"{tab.url}/submit", body, format="json")
    assert answer.status_code == 200, answer.content
    return Annotation.objects.get(pk=answer.json()["id"])
