"""Review: a second person's verdict."""

import pytest

from annotation_server.annotation.models import Annotation, Review
from annotation_server.audit import AuditEvent
from tests.cast import join, make_user


@pytest.fixture
def submitted(annotation, project):
    annotation.masks.update(term=project.terms.get(name="unknown"))
    Annotation.objects.filter(pk=annotation.pk).update(state="submitted")
    annotation.assignment.state = "submitted"
    annotation.assignment.save()
    return annotation


@pytest.fixture
def review(submitted, client_of):
    def review(user, verdict="accept", reason=""):
        body = {"verdict": verdict, "reason": reason}
        return client_of(user).post(f"/api/v1/annotations/{submitted.pk}/review", body, format="json")

    return review


def state_of(annotation):
    kept = Annotation.objects.get(pk=annotation.pk)
    return kept.state, kept.assignment.state


def test_it_works(submitted, rita, review):
    response = review(rita)
    assert response.status_code == 200
    assert response.json()["state"] == "accepted"
    assert state_of(submitted) == ("accepted", "accepted")
    verdict = Review.objects.get()
    assert (verdict.reviewer, verdict.revision_number) == (rita, 1)
    assert verdict.map_sha256 == submitted.map_sha256
    assert AuditEvent.objects.filter(verb="annotation.accept", actor=rita).count() == 1


def test_what_is_returned_can_be_edited_again(submitted, anna, rita, review, client_of):
    assert review(rita, "return", "The roof is missing.").json()["can_review"] is False
    assert state_of(submitted) == ("returned", "returned")
    detail = client_of(anna).get(f"/api/v1/annotations/{submitted.pk}").json()
    assert detail["can_edit"] is True
    assert detail["reviews"][0]["reason"] == "The roof is missing."
    assert client_of(anna).post(f"/api/v1/assignments/{submitted.assignment_id}/claim").status_code == 200


def test_a_return_needs_a_reason(submitted, rita, review):
    assert review(rita, "return", "  ").status_code == 400
    assert state_of(submitted) == ("submitted", "submitted")


def test_an_accepted_annotation_stays_accepted(submitted, rita, carl, review):
    review(rita)
    response = review(carl, "return", "Changed my mind.")
    assert (response.status_code, response.json()["code"]) == (409, "not_submitted")


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_what_is_not_submitted_is_not_reviewed(submitted, rita, review, state):
    Annotation.objects.filter(pk=submitted.pk).update(state=state)
    assert review(rita).status_code == 409


def test_nobody_reviews_what_they_drew_on(submitted, project, anna, rita, ada, review):
    project.memberships.filter(user=anna).update(role="reviewer")
    assert review(anna).status_code == 403
    submitted.revisions.create(
        number=2,
        transaction_id="8c7c35a6-1d9c-4d7e-a7ab-6f4d5bd0a0b1",
        author=rita,
        tile_changes=b"",
        void_px=0,
        map_sha256=submitted.map_sha256,
    )
    assert review(rita).status_code == 403
    assert review(ada).status_code == 200


def test_a_project_of_one_person_may_accept_its_own(submitted, project, anna, review):
    project.memberships.filter(user=anna).update(role="admin")
    assert review(anna).status_code == 200


def test_roles(submitted, project, anna, carl, eve, review, client_of):
    otto = join(make_user("otto"), project, "annotator")
    assert review(anna).status_code == 403
    assert review(otto).status_code == 403
    assert review(eve).status_code == 404
    assert state_of(submitted) == ("submitted", "submitted")
    assert client_of(carl).get(f"/api/v1/annotations/{submitted.pk}").json()["can_review"] is True
    assert review(carl).status_code == 200


@pytest.mark.parametrize("body", [{}, {"verdict": "maybe"}, {"verdict": "accept", "reason": "x" * 6000}])
def test_a_verdict_that_makes_no_sense_is_refused(submitted, rita, client_of, body):
    response = client_of(rita).post(f"/api/v1/annotations/{submitted.pk}/review", body, format="json")
    assert response.status_code == 400
