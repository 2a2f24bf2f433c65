"""Handing jobs to the broker. The database keeps the truth, so a broker that is gone only delays them."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation_server import queue
from annotation_server.requests.models import Job, WorkState

log = logging.getLogger(__name__)


def enqueue(jobs: Sequence[Job]) -> None:
    """Send jobs once the transaction is committed; those the broker does not take are sent by reap."""
    ids = [job.pk for job in jobs]
    transaction.on_commit(lambda: _send(ids))


def _send(ids: list[int]) -> None:
    deliver(Job.objects.filter(pk__in=ids, state=WorkState.QUEUED))


def deliver(jobs: Any) -> int:
    """Hand queued jobs to the broker until it refuses one; how many it took."""
    sent: list[int] = []
    try:
        with queue.connected() as connection:
            for job in jobs:
                queue.send(connection, job.task, message_of(job), queue=job.queue, priority=_priority(job))
                sent.append(job.pk)
    except queue.NOT_SENT as error:
        log.warning("The broker did not take every job; server.reap will send the rest. %s", error)
    Job.objects.filter(pk__in=sent).update(sent_at=timezone.now())
    return len(sent)


def message_of(job: Job) -> list[Any]:
    """The task's arguments: the job's id, and for the ML worker, which has no database, the whole job."""
    return [{"job_id": job.pk, **job.payload["message"]}] if job.queue in queue.OF_THE_MODEL else [job.pk]


def _priority(job: Job) -> int:
    """What a person may wait for goes before what nobody does, which says so itself: ``in_background``."""
    is_first = job.queue in queue.OF_THE_MODEL and not job.payload.get("in_background")
    return queue.FIRST if is_first else queue.LATER
