"""The one place that sends work: by task name, after commit, and never waiting long for a broker."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from celery import Celery
from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError, OperationalError

log = logging.getLogger(__name__)

DEFAULT = "default"
ML = "ml"
TRAINING = "training"
QUESTIONS = "questions"
QUEUES = (DEFAULT, ML, TRAINING)
# Their workers have no database: a message there holds the whole job.
OF_THE_MODEL = (ML, TRAINING)

# Redis brokers take 0 first. Answers and heartbeats of the ML worker go before long server work, so that
# they are heard in time however many images wait to be tiled.
FIRST, LATER = 0, 6

PATIENCE_S = 2.0
NOT_SENT = (OperationalError, KombuError, OSError)


@cache
def _sender() -> Celery:
    sender = Celery("tessera-sender", set_as_current=False)
    sender.conf.update(task_serializer="json", accept_content=["json"], task_ignore_result=True)
    return sender


@contextmanager
def connected() -> Iterator[Connection]:
    """A connection to the broker that gives up after seconds; raises one of NOT_SENT."""
    options: dict[str, Any] = {"max_retries": 0}
    if settings.CELERY_BROKER_URL.startswith("redis"):
        options |= {"socket_connect_timeout": PATIENCE_S, "socket_timeout": PATIENCE_S}
    with Connection(
        settings.CELERY_BROKER_URL, connect_timeout=PATIENCE_S, transport_options=options
    ) as connection:
        connection.default_channel  # noqa: B018 - connects here, once, with the limits above
        yield connection


def send(
    connection: Connection,
    task: str,
    args: list[Any],
    *,
    queue: str = DEFAULT,
    priority: int = FIRST,
    expires_s: float | None = None,
) -> None:
    """Hand one message to the broker, forgotten after ``expires_s`` seconds; raises one of NOT_SENT."""
    _sender().send_task(
        task,
        args=args,
        queue=queue,
        priority=priority,
        expires=expires_s,
        connection=connection,
        retry=False,
        ignore_result=True,
    )


def waiting(connection: Connection, queue: str) -> int:
    """Messages in a queue that no worker has taken yet."""
    with connection.channel() as channel:
        return int(channel.queue_declare(queue, durable=True, auto_delete=False).message_count)


def broker_answers() -> bool:
    """Whether the broker can be reached now."""
    try:
        with connected():
            return True
    except NOT_SENT:
        return False
