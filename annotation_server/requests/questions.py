"""Questions: small jobs that somebody waits for in the browser, answered by the ML worker within seconds.

The worker puts its answer into the storage, and whoever looks finds it there: no server worker, which may
be busy with long work, stands between a click and its answer. A question whose worker died is asked again,
and one that nobody answers in time fails with a sentence.
"""

import gzip
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from botocore.exceptions import ClientError
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import media, queue
from annotation_server.errors import NotFound, TooLarge, TooMany
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Role
from annotation_server.requests.models import Question
from annotation_server.segmentation.jobs import AskedQuestion

log = logging.getLogger(__name__)

LARGEST_PAYLOAD = 256 << 10
MOST_WAITING = 6
MOST_A_MINUTE = 120
ASK_AGAIN_AFTER = timedelta(seconds=20)
MOST_ATTEMPTS = 4
KEPT_FOR = timedelta(hours=1)
AT_ONCE = 500

Answer = dict[str, Any]
_when_answered: dict[str, Callable[[Question, Answer], None]] = {}


def when_answered(
    task: str,
) -> Callable[[Callable[[Question, Answer], None]], Callable[[Question, Answer], None]]:
    """Decorator: what to keep of the answer to a question of ``task``.

    The function is given the question and its answer, and runs once, in the transaction that ends it.
    """

    def register(react: Callable[[Question, Answer], None]) -> Callable[[Question, Answer], None]:
        _when_answered[task] = react
        return react

    return register


def ask(user: Any, project_id: int, task: str, payload: dict[str, Any]) -> Question:
    """Put a question to the ML worker, after commit; `look` tells its answer.

    ``task`` is the worker's task name, ``payload`` what it needs to know, storage keys included. Raises
    NotFound for strangers, TooLarge, and TooMany for a person with too many questions open.
    """
    require_role(user, project_id, Role.ANNOTATOR)
    size = len(orjson.dumps(payload))
    if size > LARGEST_PAYLOAD:
        raise TooLarge(
            _("A question may have %(most)s bytes; this one has %(size)s.")
            % {"most": LARGEST_PAYLOAD, "size": size}
        )
    _refuse_too_many(user)
    question = Question.objects.create(
        project_id=project_id,
        asker=user,
        task=task,
        payload=payload,
        answer_key=f"questions/{uuid.uuid4().hex}.json.gz",
    )
    transaction.on_commit(lambda: _send(question))
    return question


def _refuse_too_many(user: Any) -> None:
    asked = Question.objects.filter(asker=user)
    if asked.filter(state=Question.State.WAITING).count() >= MOST_WAITING:
        raise TooMany(
            _("%(n)s of your questions wait for the model already. Wait for an answer.") % {"n": MOST_WAITING}
        )
    if asked.filter(created_at__gt=timezone.now() - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise TooMany(_("You asked the model %(n)s times in a minute. Wait a little.") % {"n": MOST_A_MINUTE})


def look(user: Any, question_id: int) -> tuple[Question, Answer | None]:
    """A person's own question as it stands now, and its answer if there is one; raises NotFound."""
    question = _find(user, question_id)
    answer = tend(question)
    if answer is None and question.state == Question.State.ANSWERED:
        answer = (_told(question) or {}).get("answer")
    return question, answer


def call_off(user: Any, question_id: int) -> Question:
    """The person no longer wants to know; a worker that has not begun will not begin. Raises NotFound."""
    question = _find(user, question_id)
    if _end(question, Question.State.FAILED, _("Cancelled.")):
        # A worker that finds an answer there does nothing.
        media.write(question.answer_key, gzip.compress(orjson.dumps({"error": "Cancelled."})))
    return question


def _find(user: Any, question_id: int) -> Question:
    mine = Question.objects.filter(asker=user, project__in=visible_projects(user), pk=question_id)
    question = mine.first()
    if question is None:
        raise NotFound(_("There is no such question, or it is someone else's."))
    return question


def tend(question: Question) -> Answer | None:
    """Bring a question up to date: take its answer, give it up, or ask again; the answer if it came now."""
    if question.state != Question.State.WAITING:
        return None
    told = _told(question)
    if told is not None and isinstance(told.get("answer"), dict):
        return told["answer"] if _end(question, Question.State.ANSWERED, "", told["answer"]) else None
    if told is not None:
        _end(question, Question.State.FAILED, str(told.get("error") or _("The answer could not be read.")))
    elif question.created_at < timezone.now() - timedelta(seconds=settings.QUESTION_SECONDS):
        _end(question, Question.State.FAILED, _why_given_up(question))
    elif question.sent_at is None or question.sent_at < timezone.now() - ASK_AGAIN_AFTER:
        _ask_again(question)
    return None


def _told(question: Question) -> dict[str, Any] | None:
    """What the worker left: {"answer": {…}} or {"error": "…"}; None while it has left nothing."""
    try:
        told = orjson.loads(gzip.decompress(media.read(question.answer_key)))
    except FileNotFoundError:
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return None
        raise
    except (OSError, EOFError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _why_given_up(question: Question) -> str:
    if question.sent_at is None:
        return _("The model could not be asked: the broker does not answer. Try again later.")
    return _(
        "The model did not answer within %(n)s s. It may be busy, or no worker for questions runs. Try again."
    ) % {"n": settings.QUESTION_SECONDS}


@transaction.atomic
def _end(question: Question, state: Question.State, error: str, answer: Answer | None = None) -> bool:
    """End a question; False if it had ended before."""
    waiting = Question.objects.filter(pk=question.pk, state=Question.State.WAITING)
    if not waiting.update(state=state, error=error, ended_at=timezone.now()):
        question.refresh_from_db()
        return False
    question.refresh_from_db()
    if answer is not None and question.task in _when_answered:
        _when_answered[question.task](question, answer)
    return True


def _ask_again(question: Question) -> None:
    """Only one of those who look at once does it."""
    unchanged = Question.objects.filter(
        pk=question.pk, attempts=question.attempts, attempts__lt=MOST_ATTEMPTS, state=Question.State.WAITING
    )
    if unchanged.update(attempts=F("attempts") + 1):
        _send(question)


def _send(question: Question) -> None:
    """Hand it to the broker; one that is away is tried again whenever somebody looks."""
    message = AskedQuestion(
        question_id=question.pk, answer_key=question.answer_key, payload=question.payload
    ).to_dict()
    try:
        with queue.connected() as connection:
            queue.send(
                connection,
                question.task,
                [message],
                queue=queue.QUESTIONS,
                expires_s=settings.QUESTION_SECONDS,
            )
    except queue.NOT_SENT as error:
        log.warning("The broker did not take question %s. %s", question.pk, error)
        return
    Question.objects.filter(pk=question.pk).update(sent_at=timezone.now())


def reap_questions() -> None:
    """Bring questions nobody looks at to their end, and forget those that ended an hour ago."""
    waiting = Question.objects.filter(state=Question.State.WAITING)
    for question in waiting[:AT_ONCE]:
        tend(question)
    old = Q(ended_at__lt=timezone.now() - KEPT_FOR)
    for question in Question.objects.filter(old)[:AT_ONCE]:
        media.delete(question.answer_key)
        question.delete()
