"""Comments on a place of an annotation: who may write, answer and resolve them, and what is refused."""

import pytest

from annotation_server.annotation import comments
from annotation_server.annotation.models import Annotation, Comment
from annotation_server.audit import AuditEvent
from tests.cast import join, make_user


@pytest.fixture
def write(annotation, client_of):
    def write(user, text="Look here.", **fields):
        url = f"/api/v1/annotations/{annotation.pk}/comments"
        return client_of(user).post(url, {"text": text, **fields}, format="json")

    return write


@pytest.fixture
def settle(client_of):
    def settle(user, comment, resolved=True):
        return client_of(user).patch(f"/api/v1/comments/{comment}", {"resolved": resolved}, format="json")

    return settle


def test_it_works(annotation, anna, rita, write, settle, client_of):
    remark = write(rita, "  The kerb belongs to the pavement.  ", box=[10, 20, 30, 40], number=2)
    assert remark.status_code == 201
    row = remark.json()
    assert (row["text"], row["box"], row["number"]) == (
        "The kerb belongs to the pavement.",
        [10, 20, 30, 40],
        2,
    )
    assert (row["author"], row["username"], row["revision"], row["parent"]) == ("Rita", "rita", 1, None)
    assert write(anna, "Done.", parent=row["id"]).json()["parent"] == row["id"]
    listed = client_of(anna).get(f"/api/v1/annotations/{annotation.pk}/comments").json()
    assert [(r["text"], r["resolved_at"]) for r in listed["results"]] == [
        ("The kerb belongs to the pavement.", None),
        ("Done.", None),
    ]
    resolved = settle(anna, row["id"]).json()
    assert (resolved["resolved_by"], resolved["resolved_at"] is None) == ("Anna", False)
    assert settle(rita, row["id"]).json()["resolved_by"] == "Anna"  # it was already
    assert settle(rita, row["id"], resolved=False).json()["resolved_at"] is None
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", "actor__username"))
    assert verbs == [
        ("comment.write", "rita"),
        ("comment.write", "anna"),
        ("comment.resolve", "anna"),
        ("comment.reopen", "rita"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "   "},
        {"text": "x" * 5001},
        {"text": "nothing\0here"},
        {"text": None},
        {"box": [0, 0, 0, 5]},
        {"box": [0, 0, 901, 5]},
        {"box": [899, 699, 2, 1]},
        {"box": [-1, 0, 5, 5]},
        {"box": [1, 2, 3]},
        {"box": [0, 0, 10**30, 1]},
        {"box": "all"},
        {"number": 3},
        {"number": 0},
        {"number": 10**30},
        {"parent": 10**6},
        {"parent": "x"},
    ],
)
def test_what_makes_no_sense_is_refused(rita, write, fields):
    assert write(rita, **fields).status_code == 400
    assert not Comment.objects.exists()


def test_an_answer_is_about_the_place_of_its_remark(
    rita, write, settle, make_annotation, make_image, project, anna
):
    remark = write(rita).json()["id"]
    answer = write(rita, parent=remark).json()["id"]
    assert write(rita, parent=answer).status_code == 400
    assert write(rita, parent=remark, number=1).status_code == 400
    assert settle(rita, answer).status_code == 400
    Comment.objects.filter(pk=remark).update(annotation=make_annotation(make_image(project), anna))
    assert write(rita, parent=remark).status_code == 400


def test_roles(project, anna, carl, eve, write, settle):
    otto = join(make_user("otto"), project, "annotator")
    assert [write(user).status_code for user in (anna, carl, otto, eve, None)] == [201, 201, 403, 404, 401]
    remark = Comment.objects.order_by("id")[0].pk
    assert [settle(user, remark).status_code for user in (otto, eve, None, carl)] == [403, 404, 401, 200]
    assert settle(carl, 10**6).status_code == 404


def test_there_is_an_end_to_what_can_be_said(rita, write, monkeypatch):
    monkeypatch.setattr(comments, "MOST_COMMENTS", 2)
    assert [write(rita).status_code for _ in range(3)] == [201, 201, 409]


def test_open_comments_are_a_reason_to_return(annotation, anna, rita, write, settle, client_of):
    Annotation.objects.filter(pk=annotation.pk).update(state="submitted")

    def give_back():
        url = f"/api/v1/annotations/{annotation.pk}/review"
        return client_of(rita).post(url, {"verdict": "return"}, format="json")

    settled, still_open = write(rita, number=1).json()["id"], write(rita, number=2).json()["id"]
    settle(rita, settled)
    settle(rita, still_open)
    assert (give_back().status_code, give_back().json()["code"]) == (400, "reason_needed")
    settle(rita, still_open, resolved=False)
    assert give_back().json()["state"] == "returned"
    detail = client_of(anna).get(f"/api/v1/annotations/{annotation.pk}").json()
    assert (detail["reviews"][0]["comments"], detail["open_comments"]) == ([still_open], 1)
