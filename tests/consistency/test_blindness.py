"""Nobody sees earlier masks, and nothing tells that there are any: neither annotators nor reviewers."""

import numpy as np
import pytest

from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.models import Assignment
from annotation_server.annotation.submission import Submission
from annotation_server.annotation.term_vectors import sums_of
from annotation_server.annotation.vector_models import MaskVectors, TermVectors
from annotation_server.consistency.models import Study
from annotation_server.consistency.protocol import close_study
from annotation_server.images.models import Image
from annotation_server.training.nightly import under_study
from tests.consistency.conftest import HALVES


@pytest.fixture
def first(project, anna, make_accepted):
    """Anna's accepted drawing, every mask a tree."""
    return make_accepted(project, anna, named="tree")


def refused(client, annotation, *paths):
    """Every way to an annotation's masks is closed; the codes of the refusals."""
    ways = ("", "/bundle", "/masks", "/tiles?t=0", "/overlay", "/revisions", "/gaps", "/comments", *paths)
    answers = [client.get(f"/api/v1/annotations/{annotation.pk}{way}") for way in ways]
    assert {answer.status_code for answer in answers} == {403}
    return {answer.json()["code"] for answer in answers}


def test_a_reviewer_at_work_on_it_sees_no_other_masks_of_the_image(
    project, rita, first, client_of, make_study, draw_part
):
    study, client = make_study(project, members=["rita"]), client_of(rita)
    assert client.get(f"/api/v1/annotations/{first.pk}").status_code == 200
    given = next_assignment(rita, project.pk)
    assert given.image_id == first.image_id
    assert refused(client, first, "/proposals", f"/agreement?with={given.annotation.pk}") == {"blind"}
    assert client.get(f"/api/v1/assignments/{first.assignment_id}").status_code == 403
    listed = client.get("/api/v1/annotations", {"project": project.pk}).json()["results"]
    assert [row["id"] for row in listed] == [given.annotation.pk]
    term = first.masks.first().term_id
    assert client.get(f"/api/v1/terms/{term}/example").status_code == 204
    assert client.get(f"/api/v1/studies/{study.pk}/images").json()["code"] == "study_open"
    draw_part(rita, project)
    assert refused(client, first) == {"blind"}
    Study.objects.filter(pk=study.pk).update(state="drawing")
    close_study(study.created_by, study.pk)
    assert client.get(f"/api/v1/annotations/{first.pk}").status_code == 200


def test_blind_work_is_seen_by_nobody_else(
    project, anna, bea, rita, ada, first, client_of, make_study, tab_of
):
    study = make_study(project)
    tab = tab_of(bea, project)
    blind = Assignment.objects.get(annotator=bea)
    for person in (anna, rita, ada):
        client = client_of(person)
        assert refused(client, blind.annotation) == {"not_allowed"}
        listed = client.get("/api/v1/assignments", {"project": project.pk}).json()["results"]
        assert blind.pk not in [row["id"] for row in listed]
        assert client.post(f"/api/v1/assignments/{blind.pk}/claim").status_code == 403
    assert client_of(rita).get("/api/v1/queue").json()["to_review"]["count"] == 0
    close_study(ada, study.pk)
    blind.refresh_from_db()
    assert blind.state == "dropped"  # nothing was saved in it
    assert tab.client.get(tab.url).json()["assignment"]["round"] == "draw"
    assert client_of(rita).get(f"/api/v1/assignments/{blind.pk}").json()["round"] == "study"


def test_the_image_grid_shows_the_annotator_their_own_work_alone(
    project, anna, bea, rita, ada, first, client_of, make_study, draw_part
):
    study = make_study(project)
    client, term = client_of(bea), first.masks.first().term_id
    given = next_assignment(bea, project.pk)

    def grid(**filters):
        return client.get("/api/v1/images", {"project": project.pk, **filters}).json()["results"]

    (row,) = grid()
    assert row["work_state"] == "assigned" and row["annotator"] == "bea" and row["coverage"] == 0
    assert row["annotation"] == given.annotation.pk and row["agreement"] is None
    assert row == client.get(f"/api/v1/images/{first.image_id}").json()
    for filters in ({"work_state": "accepted"}, {"annotator": "anna"}, {"term": term}, {"coverage_min": 0.5}):
        assert grid(**filters) == []
    assert len(grid(annotator="bea")) == len(grid(work_state="assigned")) == 1
    draw_part(bea, project)
    assert grid()[0]["work_state"] == "submitted" and grid()[0]["annotator"] == "bea"
    close_study(ada, study.pk)
    assert grid()[0]["annotator"] == "bea"
    assert client_of(rita).get("/api/v1/images").json()["results"][0]["annotator"] == "anna"


def test_nothing_counts_it_but_the_annotator_s_own_day(
    project, anna, bea, rita, first, client_of, make_study, draw_part
):
    make_study(project)
    done = draw_part(bea, project)
    assert not Submission.objects.filter(annotation=done).exists()
    assert client_of(bea).get("/api/v1/queue").json()["today"]["images"] == 1
    board = client_of(rita).get(f"/api/v1/projects/{project.pk}/dashboard").json()
    assert board["people"] == [] and board["burn_up"][-1]["begun"] == 1
    assert sum(board["by_state"].values()) == 1


def test_names_of_the_image_s_other_masks_suggest_nothing(project, first, make_study):
    term = first.masks.first().term_id
    row = np.array([[1.0, 2.0], [3.0, 4.0]])
    MaskVectors.objects.create(
        annotation=first, model_sha256="m", map_sha256="", counted={"1": term, "2": term},
        numbers=np.array([1, 2], "<u2").tobytes(), vectors=row.astype("<f2").tobytes(),
    )  # fmt: skip
    TermVectors.objects.create(
        term_id=term, model_sha256="m", count=3,
        total=(row.sum(0) + 5).tobytes(), squares=((row**2).sum(0) + 25).tobytes(),
    )  # fmt: skip
    sums = sums_of(project.pk, "m", 2, without_image=first.image_id)
    assert sums.counts.tolist() == [1] and sums.totals.tolist() == [[5, 5]]
    assert sums.squares.tolist() == [25, 25]
    TermVectors.objects.update(count=2)
    assert sums_of(project.pk, "m", 2, without_image=first.image_id).terms.size == 0


def test_images_of_studies_are_not_trained_on(project, anna, bea, ada, make_accepted, make_study):
    studied, other = (make_accepted(project, anna, HALVES).image for _ in range(2))
    study = make_study(project, opened=False, size=1)
    (image,) = study.images.values_list("image", flat=True)
    everything = Image.objects.filter(pk__in=(studied.pk, other.pk))
    assert [one.pk for one in under_study(everything)] == [image]
    for state, held in (("drawing", 1), ("naming", 1), ("closed", 0), ("cancelled", 0)):
        Study.objects.filter(pk=study.pk).update(state=state)
        assert under_study(everything).count() == held
    for round_, held in (("study", 1), ("names", 1), ("honeypot", 1), ("draw", 0)):
        Assignment.objects.filter(annotator=bea).delete()
        Assignment.objects.exclude(annotator=bea).update(state="dropped")
        Assignment.objects.create(image=other, annotator=bea, round=round_)
        assert under_study(everything).count() == held
