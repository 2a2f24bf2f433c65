"""A reviewer's own map: copied, corrected, accepted in place of the original."""

import pytest

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.models import Annotation, Assignment, Review, Tile
from annotation_server.audit import AuditEvent
from annotation_server.images.rows import row_of
from annotation_server.projects.progress import images_by_work_state
from tests.annotation.editor import Editor, disc
from tests.cast import join, make_user


@pytest.fixture
def submitted(annotation, anna, project, client_of):
    """Anna's drawing, named and handed in."""
    project.min_coverage, project.max_gap_px = 0, 1000
    project.save()
    annotation.masks.update(term=project.terms.get(name="unknown"))
    lease = str(annotation.assignment.lease)
    answer = client_of(anna).post(
        f"/api/v1/annotations/{annotation.pk}/submit", {"lease": lease}, format="json"
    )
    assert answer.status_code == 200, answer.content
    return annotation


@pytest.fixture
def begin(submitted, client_of):
    return lambda user: client_of(user).post(f"/api/v1/annotations/{submitted.pk}/review-map")


def tab_of(client, detail):
    """The reviewer's tab with their map, leased."""
    lease = client.post(f"/api/v1/assignments/{detail['assignment']['id']}/claim").json()["lease"]
    tab = Editor(client, Annotation.objects.get(pk=detail["id"]))
    tab.lease = lease
    return tab


def accept_map(client, tab, detail):
    body = {"lease": tab.lease, "allow_unnamed": True}
    return client.post(f"/api/v1/annotations/{detail['id']}/submit", body, format="json")


def states(annotation):
    kept = Annotation.objects.get(pk=annotation.pk)
    return kept.state, kept.assignment.state


def test_it_works(submitted, begin, rita, anna, client_of, project, agrees):
    tiles = Tile.objects.count()
    answer = begin(rita)
    assert answer.status_code == 201
    detail = answer.json()
    assert (detail["assignment"]["round"], detail["assignment"]["annotator"]) == ("review", "rita")
    assert (detail["original"]["id"], detail["original"]["revision"]) == (submitted.pk, 1)
    assert (detail["state"], detail["can_edit"], detail["map_sha256"]) == (
        "draft",
        True,
        submitted.map_sha256,
    )
    assert Tile.objects.count() == tiles  # no pixel was copied
    assert begin(rita).json()["id"] == detail["id"]  # the one begun before

    rita_client = client_of(rita)
    assert rita_client.get(f"/api/v1/annotations/{submitted.pk}").json()["review_map"] == detail["id"]
    tab = tab_of(rita_client, detail)
    disc(tab.pixels, 315, 205, 20, 2)
    tab.save()
    done = accept_map(rita_client, tab, detail)
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    corrected = Annotation.objects.get(pk=detail["id"])
    assert agrees(corrected)
    assert corrected.map_sha256 != submitted.map_sha256
    assert states(submitted) == ("replaced", "replaced")
    assert states(corrected) == ("accepted", "accepted")
    assert [row.pk for row in accepted(project.pk)] == [corrected.pk]
    assert images_by_work_state([project.pk])[project.pk]["accepted"] == 1
    row = row_of(submitted.image_id)
    assert (row["work_state"], row["annotation"], row["annotator"]) == ("accepted", corrected.pk, "anna")
    listed = rita_client.get(f"/api/v1/images?project={project.pk}&work_state=accepted").json()
    assert listed["count"] == 1
    assert Review.objects.get().verdict == "replace"
    assert AuditEvent.objects.filter(verb="annotation.replace", actor=rita).count() == 1


def test_the_annotator_sees_what_replaced_their_work_and_changes_nothing(
    submitted, begin, rita, anna, client_of
):
    detail = begin(rita).json()
    assert client_of(anna).get(f"/api/v1/annotations/{detail['id']}").status_code == 403
    rita_client = client_of(rita)
    tab = tab_of(rita_client, detail)
    assert accept_map(rita_client, tab, detail).status_code == 200
    client = client_of(anna)
    own = client.get(f"/api/v1/annotations/{submitted.pk}").json()
    assert (own["state"], own["replaced_by"], own["can_edit"]) == ("replaced", detail["id"], False)
    theirs = client.get(f"/api/v1/annotations/{detail['id']}")
    assert (theirs.status_code, theirs.json()["can_edit"]) == (200, False)
    assert client.get(f"/api/v1/annotations/{detail['id']}/bundle").status_code == 200
    assert detail["id"] in [row["id"] for row in client.get("/api/v1/annotations").json()["results"]]
    assert client.post(f"/api/v1/assignments/{detail['assignment']['id']}/claim").status_code == 403
    otto = join(make_user("otto"), submitted.image.project, "annotator")
    assert client_of(otto).get(f"/api/v1/annotations/{detail['id']}").status_code == 403


@pytest.mark.parametrize(("verdict", "state"), [("accept", "accepted"), ("return", "returned")])
def test_another_verdict_ends_the_maps_begun(submitted, begin, rita, carl, client_of, verdict, state):
    detail = begin(rita).json()
    tab = tab_of(client_of(rita), detail)
    body = {"verdict": verdict, "reason": "The roof."}
    given = client_of(carl).post(f"/api/v1/annotations/{submitted.pk}/review", body, format="json")
    assert given.json()["state"] == state
    assert Assignment.objects.get(round="review").state == "dropped"
    disc(tab.pixels, 100, 100, 9, 1)
    assert tab.post(tab.transaction()).status_code == 423
    assert accept_map(client_of(rita), tab, detail).status_code == 423
    assert client_of(rita).get(f"/api/v1/annotations/{detail['id']}").json()["can_edit"] is False


def test_a_map_of_work_handed_in_again_is_a_new_one(submitted, begin, rita, anna, client_of):
    first = begin(rita).json()
    body = {"verdict": "return", "reason": "The roof."}
    client_of(rita).post(f"/api/v1/annotations/{submitted.pk}/review", body, format="json")
    assert begin(rita).status_code == 409
    lease = client_of(anna).post(f"/api/v1/assignments/{submitted.assignment_id}/claim").json()["lease"]
    client_of(anna).post(f"/api/v1/annotations/{submitted.pk}/submit", {"lease": lease}, format="json")
    second = begin(rita)
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


def test_the_policy_holds_for_the_reviewer_too(submitted, begin, rita, client_of, project):
    project.min_coverage = 1
    project.save()
    detail = begin(rita).json()
    answer = accept_map(client_of(rita), tab_of(client_of(rita), detail), detail)
    assert (answer.status_code, answer.json()["code"]) == (409, "coverage")
    assert states(submitted) == ("submitted", "submitted")


def test_nobody_corrects_what_they_drew_on(submitted, begin, anna, rita, carl, project, client_of):
    project.memberships.filter(user=anna).update(role="reviewer")
    assert begin(anna).status_code == 403
    detail = begin(rita).json()
    # A colleague may take the map over, but not so one's own work gets accepted.
    own = tab_of(client_of(anna), detail)
    assert accept_map(client_of(anna), own, detail).status_code == 403
    assert states(submitted) == ("submitted", "submitted")
    body = {"verdict": "accept"}
    url = f"/api/v1/annotations/{detail['id']}/review"
    assert client_of(carl).post(url, body, format="json").status_code == 409  # never handed in for review


def test_roles(submitted, begin, project, anna, eve, client_of):
    otto = join(make_user("otto"), project, "annotator")
    assert [begin(user).status_code for user in (anna, otto, eve, None)] == [403, 403, 404, 401]
    Annotation.objects.filter(pk=submitted.pk).update(state="draft")
    assert begin(join(make_user("rosa"), project, "reviewer")).status_code == 409


def test_the_work_of_a_study_stays_as_it_is(submitted, begin, rita):
    Assignment.objects.filter(pk=submitted.assignment_id).update(round="study")
    assert (begin(rita).status_code, begin(rita).json()["code"]) == (409, "not_drawn")


def test_a_reviewers_map_is_no_new_work_for_annotators(submitted, begin, rita, project, client_of):
    begin(rita)
    answer = client_of(rita).post("/api/v1/assignments/next", {"project": project.pk}, format="json")
    assert answer.json()["code"] == "nothing_to_do"
