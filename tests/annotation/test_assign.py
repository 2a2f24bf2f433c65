"""Who gets which image next."""

import numpy as np
import pytest

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import store_prediction
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.requests.models import Job, Request
from annotation_server.segmentation.tiled_map import pack_map


@pytest.fixture
def next_for(client_of, project):
    def next_for(user):
        return client_of(user).post("/api/v1/assignments/next", {"project": project.pk}, format="json")

    return next_for


def test_it_works(project, anna, make_image, next_for):
    image = make_image(project, 40, 30)
    response = next_for(anna)
    assert response.status_code == 200
    row = response.json()
    annotation = Annotation.objects.get()
    assert (row["image"], row["annotation"], row["annotator"]) == (image.pk, annotation.pk, "anna")
    assert (row["state"], row["round"], row["lease_holder"]) == ("open", "draw", "anna")
    assert row["editor_url"] == f"/annotate/{annotation.pk}"
    assert row["lease"] == str(Assignment.objects.get().lease)
    assert row["lease_expires_at"]
    assert annotation.void_px == 1200


def test_ones_own_work_comes_first_and_what_was_returned_before_all(project, anna, make_image, next_for):
    first, second = make_image(project, 8, 8), make_image(project, 8, 8)
    begun = next_for(anna).json()
    assert begun["image"] == first.pk
    again = next_for(anna).json()
    assert again["image"] == first.pk
    assert again["lease"] != begun["lease"]
    Assignment.objects.update(state="submitted")
    assert next_for(anna).json()["image"] == second.pk
    Assignment.objects.filter(image=first).update(state="returned")
    assert next_for(anna).json()["image"] == first.pk


def test_two_people_get_two_images(project, anna, rita, make_image, next_for):
    first, second = make_image(project, 8, 8), make_image(project, 8, 8)
    assert next_for(anna).json()["image"] == first.pk
    assert next_for(rita).json()["image"] == second.pk


def test_when_all_is_done_it_says_so(project, anna, rita, make_image, next_for):
    assert next_for(anna).json()["code"] == "nothing_to_do"
    make_image(project, 8, 8, state=Image.State.TILING)
    make_image(project, 8, 8, state=Image.State.FAILED)
    response = next_for(anna)
    assert (response.status_code, response.json()["code"]) == (404, "nothing_to_do")
    assert not Assignment.objects.exists()


def test_work_that_was_given_back_is_given_out_again(project, anna, rita, make_image, next_for):
    image = make_image(project, 8, 8)
    next_for(anna)
    Assignment.objects.update(state="dropped")
    assert next_for(rita).json()["image"] == image.pk


def test_images_of_other_projects_are_never_served(project, anna, make_image, next_for):
    make_image(Project.objects.create(name="Another"), 8, 8)
    assert next_for(anna).status_code == 404


def test_a_stranger_gets_nothing(project, eve, make_image, next_for):
    make_image(project, 8, 8)
    assert next_for(eve).status_code == 404
    assert next_for(eve).json()["code"] == "not_found"


@pytest.mark.parametrize("body", [{}, {"project": "x"}, {"project": 1, "round": "study"}])
def test_a_request_that_makes_no_sense_is_refused(anna, client_of, body):
    assert client_of(anna).post("/api/v1/assignments/next", body, format="json").status_code == 400


def test_images_still_being_predicted_are_served_last(project, anna, make_image, next_for):
    waiting, ready = make_image(project, 8, 8), make_image(project, 8, 8)
    request = Request.objects.create(project=project, kind=Request.Kind.PREDICT)
    Job.objects.create(request=request, image=waiting, task="ml.predict", queue="ml", state="running")
    assert next_for(anna).json()["image"] == ready.pk
    Assignment.objects.update(state="submitted")
    assert next_for(anna).json()["image"] == waiting.pk


def test_drawing_begins_with_the_champions_newest_prediction(project, anna, make_image, next_for):
    image = make_image(project, 8, 8)
    shared = ModelVersion.objects.create(name="shared", stage="champion")
    champion = ModelVersion.objects.create(name="own", stage="champion", project=project)
    maps = [np.full((8, 8), number, np.uint16) for number in (1, 2, 3)]
    store_prediction(image, champion, pack_map(maps[0]), {1: 0.1})
    newest = store_prediction(image, champion, pack_map(maps[1]), {2: 0.2})
    store_prediction(image, shared, pack_map(maps[2]), {3: 0.3})
    annotation = Annotation.objects.get(pk=next_for(anna).json()["annotation"])
    assert annotation.prediction == newest
    assert (read_map(annotation.pk).pixels() == maps[1]).all()
    assert annotation.masks.get().score == 0.2


def test_without_a_champion_of_its_own_the_shared_one_serves(project, anna, make_image, next_for):
    image = make_image(project, 8, 8)
    shared = ModelVersion.objects.create(name="shared", stage="champion")
    prediction = store_prediction(image, shared, pack_map(np.ones((8, 8), np.uint16)), {})
    assert Annotation.objects.get(pk=next_for(anna).json()["annotation"]).prediction == prediction


def test_after_a_change_of_champion_earlier_proposals_still_serve(project, anna, make_image, next_for):
    image = make_image(project, 8, 8)
    retired = ModelVersion.objects.create(name="old", stage="retired")
    prediction = store_prediction(image, retired, pack_map(np.ones((8, 8), np.uint16)), {})
    ModelVersion.objects.create(name="new", stage="champion")
    assert Annotation.objects.get(pk=next_for(anna).json()["annotation"]).prediction == prediction


def test_a_list_shows_ones_own_work_and_to_reviewers_everyones(
    project, anna, rita, eve, make_image, next_for, client_of
):
    make_image(project, 8, 8)
    make_image(project, 8, 8)
    next_for(anna)
    next_for(rita)
    mine = client_of(anna).get(f"/api/v1/assignments?project={project.pk}").json()
    assert [row["annotator"] for row in mine["results"]] == ["anna"]
    assert client_of(rita).get(f"/api/v1/assignments?project={project.pk}").json()["count"] == 2
    assert client_of(rita).get("/api/v1/assignments?mine=1").json()["count"] == 1
    assert client_of(rita).get("/api/v1/assignments?state=accepted").json()["count"] == 0
    assert client_of(eve).get("/api/v1/assignments").json()["count"] == 0
