"""What waits for whom, what comes next, and what was done today."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from annotation_server.annotation.models import Annotation, Assignment, Comment, Revision
from annotation_server.annotation.submission import Submission
from annotation_server.projects.models import Membership, Project
from tests.work.conftest import noon


@pytest.fixture
def queue_of(client_of):
    def queue_of(user):
        answer = client_of(user).get("/api/v1/queue").json()
        return {
            kind: [row["annotation"] for row in listed["results"]]
            for kind, listed in answer.items()
            if kind != "today"
        }

    return queue_of


@pytest.fixture
def next_of(client_of):
    def next_of(user, **body):
        answer = client_of(user).post("/api/v1/queue/next", body, format="json").json()
        return answer.get("code") or (answer["kind"], int(answer["url"].rpartition("/")[2]))

    return next_of


def test_it_works(history, queue_of, anna, rita, eve):
    a, b, c, d = (history[name].pk for name in "abcd")
    assert queue_of(anna) == {"returned": [], "open": [d], "to_review": [], "waiting": [], "done": [a, b]}
    assert queue_of(rita) == {"returned": [], "open": [], "to_review": [], "waiting": [c], "done": []}
    assert set(map(tuple, queue_of(eve).values())) == {()}


def test_rows_say_why_and_how_far(project, history, anna, rita, client_of):
    b = history["b"]
    Assignment.objects.filter(pk=b.assignment_id).update(state="returned")
    Annotation.objects.filter(pk=b.pk).update(state="returned", void_px=25)
    Comment.objects.create(annotation=b, author=rita, text="Here.", revision_number=1)
    listed = client_of(anna).get("/api/v1/queue").json()["returned"]
    assert listed["count"] == 1
    row = listed["results"][0]
    assert (row["reason"], row["reviewer"], row["open_comments"]) == ("The sky.", "rita", 1)
    assert (row["coverage"], row["project_name"], row["image"]) == (0.75, "Streets", b.image_id)


def test_reviewers_see_what_others_submitted_in_every_project_they_oversee(
    project, history, queue_of, next_of, anna, rita, carl, make_work
):
    other = Project.objects.create(name="Harbours")
    Membership.objects.create(project=other, user=carl, role="reviewer")
    Membership.objects.create(project=other, user=anna, role="annotator")
    own = make_work(other, carl, state="submitted", submitted_at=noon(0))
    theirs = make_work(other, anna, state="submitted", submitted_at=noon(9))
    Annotation.objects.filter(pk=history["c"].pk).update(submitted_at=noon(5))
    assert queue_of(carl)["to_review"] == [history["c"].pk, theirs.pk]
    assert queue_of(carl)["waiting"] == [own.pk]
    assert queue_of(anna)["to_review"] == []
    assert next_of(carl) == ("review", history["c"].pk)
    assert next_of(carl, project=other.pk) == ("review", theirs.pk)


def test_only_who_oversees_alone_may_review_their_own(history, rita, ada, client_of):
    def may_review():
        return client_of(rita).get("/api/v1/queue").json()["waiting"]["results"][0]["may_review"]

    assert not may_review()
    Membership.objects.filter(user=ada).delete()
    assert may_review()


def test_next_is_returned_then_begun_then_review_then_new(project, history, next_of, anna, rita, make_image):
    assert next_of(anna) == ("open", history["d"].pk)
    Assignment.objects.filter(pk=history["b"].assignment_id).update(state="returned")
    assert next_of(anna) == ("returned", history["b"].pk)
    Assignment.objects.filter(annotator=anna).update(state="accepted")
    assert next_of(anna) == "nothing_to_do"
    make_image(project, 8, 8)
    kind, annotation = next_of(anna)
    assert (kind, Annotation.objects.get(pk=annotation).assignment.annotator) == ("new", anna)
    assert next_of(rita, project=project.pk + 99) == "not_found"


def test_figures_of_today(project, anna, make_annotation, make_image, client_of):
    """Pauses of 20 s and 5 min between three saves: 20 s and one minute of work."""
    annotation = make_annotation(make_image(project, 8, 8), anna, np.ones((8, 8), np.uint16), named="tree")
    now = timezone.now()
    Revision.objects.filter(annotation=annotation).update(created_at=now - timedelta(seconds=321))
    for number, ago in ((2, 301), (3, 1)):
        copy = Revision.objects.get(annotation=annotation, number=1)
        copy.pk, copy.number, copy.transaction_id = None, number, f"{number:032x}"
        copy.save()
        Revision.objects.filter(pk=copy.pk).update(created_at=now - timedelta(seconds=ago))
    client = client_of(anna)
    lease = str(annotation.assignment.lease)
    assert (
        client.post(
            f"/api/v1/annotations/{annotation.pk}/submit", {"lease": lease}, format="json"
        ).status_code
        == 200
    )
    since = (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00").replace("+", "%2B")
    today = client.get(f"/api/v1/queue?since={since}").json()["today"]
    assert today == {"images": 1, "masks": 1, "active_ms": 80_000}
    kept = Submission.objects.get()
    assert (kept.masks, kept.drawn, kept.kept, kept.void_px, kept.pixels) == (1, 1, 0, 0, 64)
    assert 80_000 <= kept.active_ms < 140_000
    assert client.get("/api/v1/queue?since=yesterday").status_code == 400


def test_the_number_of_queries_does_not_grow(
    project, anna, make_work, client_of, django_assert_max_num_queries
):
    for _ in range(12):
        make_work(project, anna, state="returned")
        make_work(project, anna)
    client = client_of(anna)
    with django_assert_max_num_queries(20):
        client.get("/api/v1/queue")
