"""Examples, similar entities and suggestions over HTTP; the worker's own code answers the questions."""

import numpy as np
import pytest

from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.term_vectors import count_names
from annotation_server.annotation.vector_models import MaskVectors, TermVectors
from annotation_server.requests.models import Question
from annotation_server.segmentation.jobs import AskedQuestion, VectorsWanted
from annotation_server.vocabulary.models import Term
from ml_worker.embed import vectors_in
from ml_worker.loaded_model import LoadedModel
from ml_worker.questions import answer_question
from ml_worker.storage import FolderStorage

GREEN, RED = (40, 160, 60), (200, 60, 40)


def stripes(count: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Upright stripes, green and red in turn, and a label map with a mask for each from the left."""
    rgb = np.zeros((96, 32 * count, 3), np.uint8)
    labels = np.zeros(rgb.shape[:2], np.uint16)
    for number in range(1, count + 1):
        rgb[:, 32 * (number - 1) : 32 * number] = GREEN if number % 2 else RED
        labels[:, 32 * (number - 1) : 32 * number] = number
    rgb[::6] //= 2
    return rgb, labels


@pytest.fixture
def striped(project, anna, make_image, make_annotation) -> Annotation:
    rgb, labels = stripes()
    image = make_image(project, rgb.shape[1], rgb.shape[0], rgb=rgb)
    return make_annotation(image, anna, labels)


@pytest.fixture
def look(broker, media_root, client_of, django_capture_on_commit_callbacks):
    """`look(user, annotation)`: have the model look at its masks, as the editor does; the states answered."""

    def look(user, annotation):
        client, url = client_of(user), f"/api/v1/annotations/{annotation.pk}/vectors"
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(url)
        if answer.status_code == 200:
            return [200]
        asked = Question.objects.get(pk=answer.json()["question"])
        message = AskedQuestion(question_id=asked.pk, answer_key=asked.answer_key, payload=asked.payload)
        answer_question(
            message,
            FolderStorage(media_root),
            lambda payload, storage: vectors_in(
                VectorsWanted.from_dict(payload), storage, LoadedModel(), device="cpu"
            ),
        )
        state = client.get(f"/api/v1/questions/{asked.pk}").json()
        assert state["state"] == "answered", state
        return [202, client.post(url).status_code]

    return look


def call(annotation: Annotation, **names: str) -> None:
    """`call(annotation, _1="tree")`: give entities names."""
    for key, name in names.items():
        term = Term.objects.get(project=annotation.image.project, name=name)
        annotation.masks.filter(number=int(key[1:])).update(term=term, raw_name=name)


def test_it_works(striped, anna, client_of, look):
    client = client_of(anna)
    assert look(anna, striped) == [202, 200]
    assert look(anna, striped) == [200]
    found = client.get(f"/api/v1/annotations/{striped.pk}/similar?number=1").json()
    assert found["is_current"] is True
    assert [row["number"] for row in found["results"][:3]] == [
        row["number"] for row in found["results"] if row["number"] % 2
    ]
    call(striped, _1="grass", _3="grass", _2="wall", _4="wall", _6="wall", _5="unknown")
    told = client.get(f"/api/v1/annotations/{striped.pk}/suggestions").json()
    best = {row["number"]: row["terms"][0]["term"] for row in told["results"]}
    terms = {term.pk: term.name for term in striped.image.project.terms.all()}
    assert {number: terms[term] for number, term in best.items() if number > 6} == {7: "grass", 8: "wall"}
    assert not best.keys() & {1, 2, 3, 4, 6}


def test_named_masks_teach_the_project(
    striped, project, anna, rita, make_image, make_annotation, client_of, look
):
    look(anna, striped)
    call(striped, _1="grass", _3="grass", _5="grass", _2="wall", _4="wall", _6="blurred")
    assert look(anna, striped) == [200]
    counts = dict(TermVectors.objects.values_list("term__name", "count"))
    assert counts == {"grass": 3, "wall": 2}
    call(striped, _5="wall")
    count_names(striped.pk)
    count_names(striped.pk)
    assert dict(TermVectors.objects.values_list("term__name", "count")) == {"grass": 2, "wall": 3}
    rgb, labels = stripes(4)
    other = make_annotation(make_image(project, rgb.shape[1], rgb.shape[0], rgb=rgb), rita, labels)
    look(rita, other)
    told = client_of(rita).get(f"/api/v1/annotations/{other.pk}/suggestions").json()
    terms = {term.pk: term.name for term in project.terms.all()}
    best = {row["number"]: terms[row["terms"][0]["term"]] for row in told["results"]}
    assert best == {1: "grass", 2: "wall", 3: "grass", 4: "wall"}
    Annotation.objects.filter(pk=striped.pk).update(state=Annotation.State.REPLACED)
    count_names(striped.pk)
    assert not TermVectors.objects.filter(count__gt=0).exists()
    for sums in TermVectors.objects.all():
        assert not np.frombuffer(bytes(sums.total)).any()


def test_a_copy_of_a_map_needs_no_second_look(striped, project, rita, anna, make_annotation, look):
    look(anna, striped)
    _, labels = stripes()
    Assignment.objects.filter(pk=striped.assignment_id).update(state=Assignment.State.DROPPED)
    copy = make_annotation(striped.image, rita, labels)
    assert look(rita, copy) == [200]
    ours, theirs = (MaskVectors.objects.get(pk=pk) for pk in (copy.pk, striped.pk))
    assert bytes(ours.vectors) == bytes(theirs.vectors)


def test_a_changed_map_is_looked_at_again(striped, anna, client_of, look):
    look(anna, striped)
    Annotation.objects.filter(pk=striped.pk).update(map_sha256="0" * 64)
    similar = client_of(anna).get(f"/api/v1/annotations/{striped.pk}/similar?number=1").json()
    assert similar["is_current"] is False and similar["results"]
    assert look(anna, striped)[0] == 202


@pytest.mark.parametrize("path", ["similar?number=1", "suggestions"])
def test_without_vectors_it_says_what_to_do(striped, anna, client_of, path):
    answer = client_of(anna).get(f"/api/v1/annotations/{striped.pk}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_vectors")


@pytest.mark.parametrize("query", ["", "?number=x", "?number=-1", "?number=" + "9" * 30])
def test_odd_numbers_are_refused(striped, anna, client_of, look, query):
    MaskVectors.objects.create(annotation=striped, map_sha256="", model_sha256="", numbers=b"", vectors=b"")
    answer = client_of(anna).get(f"/api/v1/annotations/{striped.pk}/similar{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_an_annotation_without_masks(project, anna, make_image, make_annotation, client_of, look):
    empty = make_annotation(make_image(project, 64, 64), anna)
    assert look(anna, empty) == [202, 200]
    assert client_of(anna).get(f"/api/v1/annotations/{empty.pk}/suggestions").json()["results"] == []


@pytest.mark.parametrize("path", ["similar?number=1", "suggestions"])
def test_strangers_learn_nothing(striped, eve, client_of, path):
    assert client_of(eve).get(f"/api/v1/annotations/{striped.pk}/{path}").status_code == 404
    assert client_of(eve).post(f"/api/v1/annotations/{striped.pk}/vectors").status_code == 404


@pytest.fixture
def example(client_of, project):
    def example(user, name="tree", query=""):
        term = Term.objects.get(project=project, name=name)
        return client_of(user).get(f"/api/v1/terms/{term.pk}/example{query}")

    return example


def test_an_example_is_a_mask_with_its_surroundings(striped, anna, example):
    call(striped, _4="tree")
    answer = example(anna).json()
    assert (answer["annotation"], answer["number"], answer["bbox"]) == (striped.pk, 4, [96, 0, 32, 96])
    x, y, width, height = answer["window"]
    assert x < 96 and x + width > 128 and (y, height) == (0, 96)
    size, counts = answer["rle"]["size"], answer["rle"]["counts"]
    mask = np.repeat(np.arange(len(counts)) % 2, counts).reshape(size[::-1]).T
    assert size == [height, width] and mask[:, 96 - x : 128 - x].all() and mask.sum() == 32 * 96


def test_a_large_example_is_reduced(project, anna, make_image, make_annotation, example):
    labels = np.zeros((1300, 1500), np.uint16)
    labels[200:1200, 301:1401] = 7
    annotation = make_annotation(make_image(project, 1500, 1300), anna, labels, named="tree")
    answer = example(anna).json()
    x, y, width, height = answer["window"]
    assert answer["step"] == 8 and x % 8 == 0 and y % 8 == 0
    assert answer["rle"]["size"] == [-(-height // 8), -(-width // 8)]
    assert sum(answer["rle"]["counts"][1::2]) == pytest.approx(1000 * 1100 / 64, rel=0.02)
    assert annotation.pk == answer["annotation"]


def test_only_what_one_may_see_is_an_example(striped, project, anna, rita, carl, example, eve):
    call(striped, _4="tree")
    striped.assignment.annotator = carl
    striped.assignment.save()
    assert example(anna).status_code == 204
    assert example(rita).status_code == 200
    assert example(eve).status_code == 404
    Annotation.objects.filter(pk=striped.pk).update(state=Annotation.State.ACCEPTED)
    assert example(anna).status_code == 200
    assert example(anna, query=f"?not_image={striped.image_id}").status_code == 204
    Assignment.objects.filter(pk=striped.assignment_id).update(round=Assignment.Round.STUDY)
    assert example(rita).status_code == 204


def test_a_clear_mask_is_shown_before_a_tiny_one(striped, anna, example):
    call(striped, _3="tree", _4="tree", _6="tree")
    Mask.objects.filter(annotation=striped, number=3).update(area=2)
    Mask.objects.filter(annotation=striped, number=4).update(deleted=True)
    assert example(anna).json()["number"] == 6
