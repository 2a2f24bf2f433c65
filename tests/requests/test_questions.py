"""Questions: asked, answered through the storage, given up with a sentence, and nobody else's business."""

import gzip
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from annotation_server import media, queue
from annotation_server.errors import NotFound, TooLarge, TooMany
from annotation_server.requests import questions
from annotation_server.requests.models import Question

URL = "/api/v1/questions"
TASK = "ml.test"


@pytest.fixture
def asked(project, anna, broker, django_capture_on_commit_callbacks) -> Question:
    with django_capture_on_commit_callbacks(execute=True):
        question = questions.ask(anna, project.pk, TASK, {"box": [1, 2, 3, 4]})
    question.refresh_from_db()
    return question


def told(question: Question, **what: Any) -> None:
    """What a worker leaves."""
    media.write(question.answer_key, gzip.compress(orjson.dumps(what), mtime=0))


def made_older(question: Question, **ago: timedelta) -> None:
    Question.objects.filter(pk=question.pk).update(
        **{name: timezone.now() - age for name, age in ago.items()}
    )


def waiting_messages() -> int:
    with queue.connected() as connection:
        return queue.waiting(connection, queue.QUESTIONS)


def test_it_works(asked, anna, client_of) -> None:
    assert asked.sent_at is not None and waiting_messages() == 1
    client = client_of(anna)
    assert client.get(f"{URL}/{asked.pk}").json() == {
        "id": asked.pk, "state": "waiting", "answer": None, "error": "",
    }  # fmt: skip
    told(asked, answer={"candidates": [1, 2]})
    for _ in range(2):
        row = client.get(f"{URL}/{asked.pk}").json()
        assert (row["state"], row["answer"]) == ("answered", {"candidates": [1, 2]})


def test_what_the_answer_is_kept_for_happens_once(asked, anna, monkeypatch) -> None:
    heard: list[Any] = []
    monkeypatch.setitem(questions._when_answered, TASK, lambda question, answer: heard.append(answer))
    told(asked, answer={"a": 1})
    questions.look(anna, asked.pk)
    questions.reap_questions()
    questions.look(anna, asked.pk)
    assert heard == [{"a": 1}]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (gzip.compress(orjson.dumps({"error": "The image is gone."}), mtime=0), "The image is gone."),
        (b"not gzip", "could not be read"),
        (gzip.compress(b"[1]", mtime=0), "could not be read"),
    ],
)
def test_a_worker_that_cannot_answer_says_so(asked, anna, client_of, content, sentence) -> None:
    media.write(asked.answer_key, content)
    row = client_of(anna).get(f"{URL}/{asked.pk}").json()
    assert row["state"] == "failed" and sentence in row["error"]


def test_a_question_nobody_answered_is_asked_again_and_then_given_up(asked, anna) -> None:
    made_older(asked, sent_at=questions.ASK_AGAIN_AFTER)
    questions.reap_questions()
    asked.refresh_from_db()
    assert (asked.attempts, waiting_messages()) == (2, 2)
    questions.reap_questions()
    assert waiting_messages() == 2
    made_older(asked, created_at=timedelta(seconds=121))
    question, _ = questions.look(anna, asked.pk)
    assert question.state == "failed" and "within 120 s" in question.error


def test_without_a_broker_it_waits_for_one(project, anna, broker, settings, tmp_path) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/gone.sock"
    question = questions.ask(anna, project.pk, TASK, {})
    questions.tend(question)
    question.refresh_from_db()
    assert (question.state, question.sent_at) == ("waiting", None)
    settings.CELERY_BROKER_URL = broker
    questions.look(anna, question.pk)
    assert waiting_messages() == 1


def test_calling_it_off_keeps_a_worker_from_beginning(asked, anna, client_of) -> None:
    row = client_of(anna).delete(f"{URL}/{asked.pk}").json()
    assert (row["state"], row["error"]) == ("failed", "Cancelled.")
    assert media.exists(asked.answer_key)
    assert client_of(anna).delete(f"{URL}/{asked.pk}").status_code == 200


def test_a_question_is_its_askers_alone(asked, rita, ada, eve, client_of, anna, project) -> None:
    for other in (rita, ada, eve):
        assert client_of(other).get(f"{URL}/{asked.pk}").status_code == 404
        assert client_of(other).delete(f"{URL}/{asked.pk}").status_code == 404
    assert client_of(None).get(f"{URL}/{asked.pk}").status_code == 401
    with pytest.raises(NotFound):
        questions.ask(eve, project.pk, TASK, {})
    anna.memberships.all().delete()
    assert client_of(anna).get(f"{URL}/{asked.pk}").status_code == 404


def test_there_are_limits(project, anna, rita) -> None:
    with pytest.raises(TooLarge):
        questions.ask(anna, project.pk, TASK, {"text": "x" * questions.LARGEST_PAYLOAD})
    for _ in range(questions.MOST_WAITING):
        questions.ask(anna, project.pk, TASK, {})
    with pytest.raises(TooMany, match="wait for the model already"):
        questions.ask(anna, project.pk, TASK, {})
    questions.ask(rita, project.pk, TASK, {})


def test_old_questions_and_their_answers_are_forgotten(asked, anna) -> None:
    told(asked, answer={})
    questions.look(anna, asked.pk)
    questions.reap_questions()
    assert media.exists(asked.answer_key)
    made_older(asked, ended_at=questions.KEPT_FOR)
    questions.reap_questions()
    assert not media.exists(asked.answer_key) and not Question.objects.exists()
