"""Giving work back, going on from it, and giving images to people."""

import numpy as np
import pytest

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment, Mask, Revision
from annotation_server.annotation.start import store_prediction
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.tiled_map import pack_map
from tests.annotation.editor import Editor


@pytest.fixture
def post(client_of):
    def post(user, address, **body):
        return client_of(user).post(f"/api/v1/assignments/{address}", body, format="json")

    return post


@pytest.fixture
def proposed(project, make_image):
    """An image of 8 × 8 px and the champion's proposal for it: two entities."""
    image = make_image(project, 8, 8)
    label_map = np.ones((8, 8), np.uint16)
    label_map[:4] = 2
    version = ModelVersion.objects.create(name="v1", stage="champion")
    return store_prediction(image, version, pack_map(label_map), {1: 0.5, 2: 1.0})


@pytest.fixture
def begun(proposed, project, anna, post, client_of):
    """Anna's work on it: the second entity erased, in one save; her assignment with its lease."""
    taken = post(anna, "next", project=project.pk).json()
    annotation = Annotation.objects.get(pk=taken["annotation"])
    editor = Editor(client_of(anna), annotation)
    editor.pixels[:4] = 0
    editor.save()
    return taken


def test_it_works(begun, project, anna, rita, post):
    given = post(anna, f"{begun['id']}/give-back", lease=begun["lease"])
    assert (given.status_code, given.json()["state"]) == (200, "dropped")
    kept = Annotation.objects.get(pk=begun["annotation"])
    assert (kept.state, kept.revision_number, kept.void_px) == ("dropped", 2, 32)
    assert Revision.objects.filter(annotation=kept).count() == 2
    assert not kept.is_editable
    again = post(rita, "next", project=project.pk).json()
    fresh = Annotation.objects.get(pk=again["annotation"])
    assert (again["image"], fresh.void_px) == (begun["image"], 0)


def test_one_gets_what_one_gave_back_last(begun, project, anna, post, make_image):
    post(anna, f"{begun['id']}/give-back", lease=begun["lease"])
    other = make_image(project, 8, 8)
    assert post(anna, "next", project=project.pk).json()["image"] == other.pk
    Assignment.objects.filter(image=other).update(state="accepted")
    assert post(anna, "next", project=project.pk).json()["image"] == begun["image"]


def test_the_next_person_may_go_on_from_it(begun, proposed, project, anna, rita, post):
    Mask.objects.filter(annotation=begun["annotation"], number=1).update(provenance="edited")
    post(anna, f"{begun['id']}/give-back", lease=begun["lease"])
    taken = post(rita, "next", project=project.pk).json()
    went_on = post(rita, f"{taken['id']}/go-on", annotation=begun["annotation"]).json()
    annotation = Annotation.objects.get(pk=went_on["annotation"])
    assert annotation.void_px == 32
    assert annotation.prediction == proposed
    assert annotation.masks.get(number=1).provenance == "edited"
    assert read_map(annotation.pk) == read_map(begun["annotation"])
    assert not Annotation.objects.filter(pk=taken["annotation"]).exists()
    assert went_on["lease"] == str(Assignment.objects.get(pk=taken["id"]).lease)
    Annotation.objects.filter(pk=annotation.pk).update(revision_number=2)
    assert post(rita, f"{taken['id']}/go-on", annotation=begun["annotation"]).json()["code"] == "begun"
    assert post(rita, f"{taken['id']}/go-on", annotation=annotation.pk).status_code == 404


def test_who_may_give_back_what(begun, project, anna, rita, carl, eve, post, make_image, make_annotation):
    address = f"{begun['id']}/give-back"
    assert post(eve, address).status_code == 404
    assert post(anna, address).status_code == 423  # the editor is open somewhere
    assert post(rita, address).status_code == 423
    other = make_annotation(make_image(project, 8, 8), carl).assignment
    assert post(anna, f"{other.pk}/give-back").status_code == 403
    Assignment.objects.update(lease=None, lease_holder=None, lease_expires_at=None)
    for state in ("submitted", "accepted", "dropped"):
        Assignment.objects.filter(pk=begun["id"]).update(state=state)
        assert post(anna, address).json()["code"] == "frozen"
    Assignment.objects.filter(pk=begun["id"]).update(state="returned")
    assert post(rita, address).status_code == 200


def test_a_save_after_giving_back_is_refused(begun, anna, post, client_of):
    editor = Editor(client_of(anna), Annotation.objects.get(pk=begun["annotation"]))
    post(anna, f"{begun['id']}/give-back", lease=begun["lease"])
    editor.pixels[:] = 1
    answer = editor.post(editor.transaction())
    assert (answer.status_code, answer.json()["code"]) == (409, "frozen")


def test_images_are_given_to_a_person(project, proposed, rita, anna, make_image, post):
    free, tiling = make_image(project, 8, 8), make_image(project, 8, 8, state=Image.State.TILING)
    images = [proposed.image_id, free.pk, tiling.pk]
    answer = post(rita, "give", project=project.pk, images=images, annotator="anna")
    assert (answer.status_code, answer.json()) == (201, {"assigned": 2, "skipped": [tiling.pk]})
    assert Annotation.objects.get(assignment__image=proposed.image_id).prediction == proposed
    again = post(rita, "give", project=project.pk, images=images[:2], annotator="rita")
    assert again.json() == {"assigned": 0, "skipped": images[:2]}
    assert post(anna, "next", project=project.pk).json()["image"] == proposed.image_id


def test_who_may_give_images_to_whom(project, rita, anna, eve, make_image, post):
    image = make_image(project, 8, 8)
    elsewhere = make_image(Project.objects.create(name="Another"), 8, 8)
    wanted = {"project": project.pk, "images": [image.pk], "annotator": "anna"}
    assert post(anna, "give", **wanted).status_code == 403
    assert post(eve, "give", **wanted).status_code == 404
    assert post(rita, "give", **{**wanted, "annotator": "eve"}).status_code == 404
    assert post(rita, "give", **{**wanted, "images": [elsewhere.pk]}).status_code == 404
    assert post(rita, "give", **{**wanted, "images": []}).status_code == 400
    assert not Assignment.objects.exists()
