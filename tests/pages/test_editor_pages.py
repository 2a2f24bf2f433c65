"""The shells of the editor and of the review: one's own work, the overseers', nobody else's."""

from typing import Any

import pytest

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project, Role
from tests.cast import join, make_user
from tests.pages.test_access import browser_of


@pytest.fixture
def annotation(project: Project, anna: User, make_image: Any, make_annotation: Any) -> Annotation:
    return make_annotation(make_image(project, 64, 48), anna)


def test_the_annotator_opens_the_editor(annotation: Annotation, anna: User) -> None:
    assert browser_of(anna).get(f"/annotate/{annotation.pk}").status_code == 200


def test_reviewers_open_the_editor_and_the_review(annotation: Annotation, rita: User) -> None:
    client = browser_of(rita)
    assert client.get(f"/annotate/{annotation.pk}").status_code == 200
    assert client.get(f"/review/{annotation.pk}").status_code == 200


def test_annotators_do_not_review(annotation: Annotation, anna: User) -> None:
    answer = browser_of(anna).get(f"/review/{annotation.pk}")
    assert answer.status_code == 403
    assert b"Only reviewers" in answer.content


def test_other_annotators_are_told_whose_work_it_is(annotation: Annotation, project: Project) -> None:
    other = join(make_user("otto"), project, Role.ANNOTATOR)
    answer = browser_of(other).get(f"/annotate/{annotation.pk}")
    assert answer.status_code == 403
    assert b"someone else&#x27;s work" in answer.content


def test_strangers_get_404(annotation: Annotation, eve: User) -> None:
    client = browser_of(eve)
    assert client.get(f"/annotate/{annotation.pk}").status_code == 404
    assert client.get(f"/review/{annotation.pk}").status_code == 404


def test_there_is_no_such_annotation(anna: User) -> None:
    assert browser_of(anna).get("/annotate/999999999").status_code == 404
