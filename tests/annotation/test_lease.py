"""Leases: one writer at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation_server.annotation.models import Assignment
from annotation_server.audit import AuditEvent
from tests.cast import join, make_user


@pytest.fixture
def assignment(annotation):
    return annotation.assignment


@pytest.fixture
def post(assignment, client_of):
    def post(user, verb, **body):
        return client_of(user).post(f"/api/v1/assignments/{assignment.pk}/{verb}", body, format="json")

    return post


def now(assignment):
    return Assignment.objects.get(pk=assignment.pk)


def test_it_works(assignment, anna, post):
    almost_over = timezone.now() + timedelta(seconds=1)
    Assignment.objects.update(lease_expires_at=almost_over)
    response = post(anna, "heartbeat", lease=str(assignment.lease))
    assert response.status_code == 200
    assert response.json()["lease_expires_at"]
    assert now(assignment).lease_expires_at > almost_over + timedelta(seconds=60)


def test_a_claim_in_another_tab_ends_the_first_ones_lease(assignment, anna, post):
    claimed = post(anna, "claim").json()
    assert claimed["lease"] != str(assignment.lease)
    lost = post(anna, "heartbeat", lease=str(assignment.lease))
    assert (lost.status_code, lost.json()["code"]) == (423, "lease_lost")
    assert "another tab" in lost.json()["error"]
    assert post(anna, "heartbeat", lease=claimed["lease"]).status_code == 200


def test_a_reviewer_takes_over_and_it_is_noted(assignment, annotation, anna, rita, post, editor):
    claimed = post(rita, "claim").json()
    assert claimed["lease_holder"] == "rita"
    lost = post(anna, "heartbeat", lease=str(assignment.lease))
    assert lost.status_code == 423
    assert lost.json()["holder"] == "Rita"
    editor.pixels[0, 0] = 2
    assert editor.post(editor.transaction()).status_code == 423
    event = AuditEvent.objects.get(verb="lease.take_over")
    assert (event.actor, event.details) == (rita, {"taken_from": anna.pk})


def test_the_lease_of_one_person_is_of_no_use_to_another(assignment, rita, post):
    assert post(rita, "heartbeat", lease=str(assignment.lease)).status_code == 423


def test_an_expired_lease_that_nobody_took_still_holds(assignment, anna, post, editor):
    Assignment.objects.update(lease_expires_at=timezone.now() - timedelta(hours=1))
    editor.pixels[0, 0] = 2
    editor.save()
    assert now(assignment).lease_expires_at > timezone.now()
    assert post(anna, "heartbeat", lease=str(assignment.lease)).status_code == 200


def test_release_ends_the_lease_but_not_the_work(assignment, anna, post):
    assert post(anna, "release", lease="another").status_code == 200
    assert now(assignment).lease == assignment.lease
    assert post(anna, "release", lease=str(assignment.lease)).status_code == 200
    assert (now(assignment).lease, now(assignment).state) == (None, "open")
    lost = post(anna, "heartbeat", lease=str(assignment.lease))
    assert (lost.status_code, "Claim it again" in lost.json()["error"]) == (423, True)


def test_what_is_submitted_cannot_be_claimed(assignment, anna, post):
    Assignment.objects.update(state="submitted")
    response = post(anna, "claim")
    assert (response.status_code, response.json()["code"]) == (409, "frozen")


@pytest.mark.parametrize("verb", ["claim", "heartbeat", "release"])
def test_strangers_and_other_annotators_are_refused(assignment, project, eve, post, verb):
    assert post(eve, verb).status_code == 404
    assert post(join(make_user("otto"), project, "annotator"), verb).status_code == 403
    assert now(assignment).lease == assignment.lease
