"""Answer a question that somebody waits for: one file in the storage, an answer or a sentence."""

import gzip
import json
import logging
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from annotation_server.segmentation.jobs import AskedQuestion
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.refusals import JobRefused, why_it_failed
from ml_worker.storage import NoSuchFile, Storage

logger = logging.getLogger(__name__)

LARGEST_ANSWER = 8 << 20
# Only seconds are spent on a question; a task that hangs is ended with its process.
LIMIT_S = 300
MAY_PASS = (OSError, BotoCoreError, ClientError)

Work = Callable[[dict[str, Any], Storage], dict[str, Any]]


def answer_question(asked: AskedQuestion, storage: Storage, work: Work) -> None:
    """Write what ``work(payload, storage)`` answers, or why it cannot; nothing where an answer is there.

    An answer is there after a second delivery, and when the person has called the question off. Raises what
    may pass (storage away): the server asks again.
    """
    if _is_there(storage, asked.answer_key):
        return
    try:
        told = _encoded({"answer": work(asked.payload, storage)})
        if len(told) > LARGEST_ANSWER:
            told = _encoded({"error": Sentence.ANSWER_TOO_LARGE})
    except MAY_PASS:
        raise
    except Exception as error:
        if not isinstance(error, JobRefused):
            logger.exception("Question %s failed.", asked.question_id)
        told = _encoded({"error": why_it_failed(error)})
    storage.write(asked.answer_key, told)


def _encoded(told: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode(), compresslevel=1)


def _is_there(storage: Storage, key: str) -> bool:
    try:
        storage.read(key)
    except NoSuchFile:
        return False
    return True
