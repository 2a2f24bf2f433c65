"""Submission: the coverage policy and names."""

import numpy as np
import pytest

from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.audit import AuditEvent
from annotation_server.projects.models import Project


@pytest.fixture
def submit(annotation, editor):
    def submit(**body):
        return editor.client.post(f"{editor.url}/submit", {"lease": editor.lease, **body}, format="json")

    return submit


@pytest.fixture
def named(annotation, project):
    annotation.masks.update(term=project.terms.get(name="unknown"))


def test_it_works(annotation, editor, submit, named):
    response = submit()
    assert response.status_code == 200, response.content
    assert response.json()["state"] == "submitted"
    kept = Annotation.objects.get(pk=annotation.pk)
    assert (kept.state, kept.assignment.state, kept.assignment.lease) == ("submitted", "submitted", None)
    assert kept.submitted_at is not None
    event = AuditEvent.objects.get(verb="annotation.submit")
    assert event.details == {"revision": 1, "map_sha256": kept.map_sha256, "accepted": False}


def test_too_large_a_gap_is_refused_and_listed(annotation, editor, submit, named):
    editor.pixels[300:320, 400:410] = 0
    editor.save()
    response = submit()
    assert response.status_code == 409
    refusal = response.json()
    assert refusal["code"] == "coverage"
    assert [gap["area"] for gap in refusal["gaps"]] == [200, 100]
    assert refusal["gaps"][0] == {"area": 200, "bbox": [400, 300, 10, 20], "point": [400, 300]}
    assert refusal["coverage"] == 1 - 300 / (900 * 700)
    assert Annotation.objects.get(pk=annotation.pk).state == "draft"
    assert editor.client.get(f"{editor.url}/gaps").json() == {
        "coverage": refusal["coverage"],
        "void_px": 300,
        "count": 2,
        "gaps": refusal["gaps"],
    }


def test_too_many_small_gaps_are_refused(annotation, editor, submit, named):
    where = np.zeros(editor.pixels.shape, bool)
    where[5::10, 5::10] = True
    editor.pixels[where] = 0
    editor.save()
    response = submit()
    assert (response.status_code, response.json()["code"]) == (409, "coverage")
    assert len(response.json()["gaps"]) == 500
    Project.objects.update(min_coverage=0.98)
    assert submit().status_code == 200


def test_unnamed_masks_are_refused_largest_first(annotation, submit):
    response = submit()
    assert (response.status_code, response.json()["code"]) == (409, "unnamed")
    assert response.json()["numbers"] == [1, 2, 7]
    assert submit(allow_unnamed=True).status_code == 409


def test_where_names_are_not_required_leaving_them_out_is_confirmed(annotation, submit):
    Project.objects.update(names_required=False)
    assert submit().json()["code"] == "unnamed"
    assert submit(allow_unnamed=True).status_code == 200


def test_masks_without_a_pixel_need_no_name(annotation, editor, submit, project):
    annotation.masks.exclude(number=7).update(term=project.terms.get(name="unknown"))
    editor.pixels[editor.pixels == 7] = 1
    editor.save()
    assert submit().status_code == 200


def test_without_review_it_is_accepted_at_once(annotation, submit, named):
    Project.objects.update(review_required=False)
    assert submit().json()["state"] == "accepted"
    assert Assignment.objects.get().state == "accepted"


def test_it_is_submitted_once(annotation, submit, named):
    submit()
    assert (submit().status_code, submit().json()["code"]) == (409, "frozen")


def test_without_the_lease_it_is_not_submitted(annotation, submit, named):
    assert submit(lease=None).status_code == 423
    assert Annotation.objects.get(pk=annotation.pk).state == "draft"
