"""Finding work that got lost: with a dead worker, a broker that was gone, or a message that vanished."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from annotation_server import queue
from annotation_server.requests import progress
from annotation_server.requests.dispatch import deliver
from annotation_server.requests.models import Job, WorkState

JUST_MADE = timedelta(seconds=5)
AT_ONCE = 1000


def reap() -> int:
    """Send lost jobs again, or end those that were tried too often; how many were sent."""
    again = []
    for job in Job.objects.filter(_silent() | _unsent() | _vanished())[:AT_ONCE]:
        if progress.is_spent(job):
            progress.fail(job.pk, _why_given_up(job))
        else:
            again.append(job.pk)
    Job.objects.filter(_silent(), pk__in=again).update(state=WorkState.QUEUED)
    return deliver(Job.objects.filter(pk__in=again, state=WorkState.QUEUED))


def _silent() -> Q:
    """Running without a heartbeat: its worker died."""
    silence = timedelta(seconds=settings.JOB_STALE_SECONDS)
    return Q(state=WorkState.RUNNING, heartbeat_at__lt=timezone.now() - silence)


def _unsent() -> Q:
    """Not taken by the broker when it was made, or put back after an error."""
    return Q(state=WorkState.QUEUED, sent_at__isnull=True, heartbeat_at__lt=timezone.now() - JUST_MADE)


def _vanished() -> Q:
    """Sent long ago, and its queue has run dry without anybody having begun it: the message is lost.

    While messages wait, a job is merely in line.
    """
    patience = timedelta(seconds=settings.JOB_LOST_SECONDS)
    return Q(state=WorkState.QUEUED, sent_at__lt=timezone.now() - patience, queue__in=_drained_queues())


def _drained_queues() -> list[str]:
    try:
        with queue.connected() as connection:
            return [name for name in queue.QUEUES if queue.waiting(connection, name) == 0]
    except queue.NOT_SENT:
        return []


def _why_given_up(job: Job) -> str:
    if job.error:
        return f"It was tried {job.attempts} times; the last time: {job.error}"
    return f"The worker stopped {job.attempts} times while working on it. Look at the worker's log."
