"""What the list of images can be narrowed to, and in which order it comes."""

from types import SimpleNamespace

import numpy as np
import pytest

from annotation_server.annotation.models import Annotation, Assignment, Comment, Mask, Review
from annotation_server.annotation.start import store_prediction
from annotation_server.images import paging
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.vocabulary.models import Term


@pytest.fixture
def grid(project, anna, rita, make_image, make_annotation):
    """Four images: small (predicted), wide (Anna's, half covered), tall (Rita's, submitted), bare."""
    small = make_image(project, 20, 10, file_name="small.png", split="train")
    wide = make_image(project, 200, 10, file_name="wide.png")
    tall = make_image(project, 30, 300, file_name="tall.png", split="val")
    make_image(project, 40, 40, file_name="bare.png")
    version = ModelVersion.objects.create(name="v1", stage="champion")
    ones = np.ones((10, 20), np.uint16)
    ones[:5] = 2
    store_prediction(small, version, pack_map(ones), {1: 0.5, 2: 0.9})
    half = np.zeros((10, 200), np.uint16)
    half[:, :100] = 1
    half[:, :50] = 2
    drawn = make_annotation(wide, anna, half, named="tree")
    submitted = make_annotation(tall, rita, np.ones((300, 30), np.uint16), named="tree")
    Annotation.objects.filter(pk=submitted.pk).update(state="submitted", agreement=0.25)
    Annotation.objects.filter(pk=drawn.pk).update(agreement=0.75)
    Assignment.objects.filter(pk=submitted.assignment_id).update(state="submitted")
    sky = Term.objects.create(project=project, name="night sky")
    Mask.objects.filter(annotation=drawn, number=2).update(term=sky)
    Review.objects.create(annotation=submitted, reviewer=anna, verdict="return", revision_number=1)
    said = {"author": rita, "text": "Look.", "revision_number": 1}
    remark = Comment.objects.create(annotation=drawn, **said)
    Comment.objects.create(annotation=drawn, parent=remark, **said)
    Comment.objects.create(annotation=submitted, resolved_at=submitted.created_at, **said)
    tree = Term.objects.get(project=project, name="tree")
    return SimpleNamespace(drawn=drawn, submitted=submitted, sky=sky.pk, tree=tree.pk)


@pytest.fixture
def names(project, grid, anna, client_of):
    """`names("split=val")`: the file names without ending, in order."""
    client = client_of(anna)

    def names(query):
        answer = client.get(f"/api/v1/images?project={project.pk}&{query}")
        assert answer.status_code == 200, answer.json()
        return [row["file_name"].partition(".")[0] for row in answer.json()["results"]]

    return names


def test_filters(names, grid):
    expected = {
        "": ["small", "wide", "tall", "bare"],
        f"term={grid.tree}": ["wide", "tall"],
        f"term={grid.sky}": ["wide"],
        f"term={grid.sky},{grid.tree}": ["wide"],
        "term=0": [],
        "term=x": [],
        "annotator=rita": ["tall"],
        "reviewer=anna": ["tall"],
        "reviewer=rita": [],
        "megapixels_min=0.0019": ["wide", "tall"],
        "megapixels_max=0.0019": ["small", "bare"],
        "side_min=200": ["wide", "tall"],
        "side_max=40": ["small", "bare"],
        "split=val": ["tall"],
        "split=none": ["wide", "bare"],
        "coverage_max=0.9": ["wide"],
        "coverage_min=0.9": ["tall"],
        "agreement_max=0.5": ["tall"],
        "agreement_min=0.5": ["wide"],
        "score_max=0.7": ["small"],
        "score_max=0.6": [],
        "comments=open": ["wide"],
        "work_state=assigned": ["wide"],
        "work_state=submitted&annotator=anna": [],
        "search=all": ["small", "tall"],
    }
    assert {query: names(query) for query in expected} == expected


def test_orders(names):
    assert names("ordering=agreement") == ["tall", "wide", "small", "bare"]
    assert names("ordering=-agreement") == ["wide", "tall", "small", "bare"]
    assert names("ordering=coverage")[:2] == ["wide", "tall"]
    assert names("ordering=-score")[0] == "small"
    assert names("ordering=-pixels") == ["tall", "wide", "bare", "small"]
    assert names("ordering=-changed_at")[:2] == ["tall", "wide"]
    assert names("ordering=password") == ["small", "wide", "tall", "bare"]


def test_rows_carry_their_figures(project, grid, anna, client_of):
    rows = client_of(anna).get(f"/api/v1/images?project={project.pk}").json()["results"]
    small, wide, tall, bare = rows
    assert (small["score"], small["work_state"]) == (pytest.approx(0.7), "predicted")
    assert (wide["agreement"], wide["open_comments"], wide["coverage"]) == (0.75, 1, 0.5)
    assert (tall["open_comments"], bare["agreement"], bare["changed_at"]) == (0, None, None)


def test_counting_ends_somewhere(project, grid, anna, client_of, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 3)
    answer = client_of(anna).get(f"/api/v1/images?project={project.pk}&page_size=2").json()
    assert (answer["count"], answer["count_is_exact"]) == (3, False)
    few = client_of(anna).get(f"/api/v1/images?project={project.pk}&split=val").json()
    assert (few["count"], few["count_is_exact"]) == (1, True)


@pytest.mark.parametrize("query", ["megapixels_min=x", "split=dev", "work_state=done", "comments=all"])
def test_what_makes_no_sense_is_refused(project, anna, client_of, query):
    assert client_of(anna).get(f"/api/v1/images?project={project.pk}&{query}").status_code == 400


def test_a_stranger_finds_nothing(project, grid, eve, client_of):
    assert client_of(eve).get(f"/api/v1/images?term={grid.tree}").json()["count"] == 0


def test_a_split_is_given_once(project, grid, carl, anna, client_of):
    ids = list(Image.objects.filter(project=project).order_by("id").values_list("pk", flat=True))
    wanted = {"project": project.pk, "images": ids, "split": "test"}
    assert client_of(anna).post("/api/v1/images/split", wanted, format="json").status_code == 403
    answer = client_of(carl).post("/api/v1/images/split", wanted, format="json")
    assert answer.json() == {"changed": 2, "kept": 2}
    splits = Image.objects.filter(project=project).order_by("id").values_list("split", flat=True)
    assert list(splits) == ["train", "test", "val", "test"]
    foreign = {**wanted, "images": [*ids, 10**6]}
    assert client_of(carl).post("/api/v1/images/split", foreign, format="json").status_code == 404
