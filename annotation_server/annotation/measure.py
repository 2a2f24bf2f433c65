"""What is worked out of a submission after it stands: agreement, shapes, effort, and names for suggestions.

The annotation is marked in the transaction that closes it and a worker of the default queue does the rest, so
that nobody waits for a second label map to be read. A message that was lost is sent again by server.reap.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotation_server import queue
from annotation_server.annotation.keep_agreement import keep_agreement
from annotation_server.annotation.mask_shapes import keep_shapes
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.submission import count_operations, keep_reviewer_pq
from annotation_server.annotation.term_vectors import count_names

log = logging.getLogger(__name__)

TASK = "server.measure_submission"
COUNT_VERDICT = "server.count_verdict"
SENT_AGAIN_AFTER = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(days=1)
AT_ONCE = 500

_afterwards: list[Callable[[Annotation], None]] = []


def measure_later(annotation: Annotation) -> None:
    """Have a closed annotation measured after commit; the caller saves ``is_measured``."""
    annotation.is_measured = False
    transaction.on_commit(lambda: _send([annotation.pk]), robust=True)


def count_verdict_later(annotation: Annotation) -> None:
    """Have a verdict counted after commit; where the message is lost the clock's next round counts it."""
    transaction.on_commit(lambda: _send([annotation.pk], COUNT_VERDICT), robust=True)


def after_measure(work: Callable[[Annotation], None]) -> Callable[[Annotation], None]:
    """Decorator: do this too when an annotation is measured; it may come twice for one submission."""
    _afterwards.append(work)
    return work


def measure(annotation_id: int) -> bool:
    """Measure an annotation that waits for it; whether there was one."""
    waiting = Annotation.objects.filter(pk=annotation_id, is_measured=False)
    annotation = waiting.select_related("assignment", "image").first()
    if annotation is None:
        return False
    keep_shapes(annotation.pk)
    count_operations(annotation.pk)
    if annotation.assignment is None or annotation.assignment.round not in Assignment.HIDDEN:
        _measure_work(annotation)
    for work in _afterwards:
        work(annotation)
    # Submitted again meanwhile: the message of that submission finds it still waiting.
    waiting.filter(submitted_at=annotation.submitted_at).update(is_measured=True)
    return True


def _measure_work(annotation: Annotation) -> None:
    """What is published one day: how far it agrees with others, and the names that it suggests."""
    try:
        found = keep_agreement(annotation.pk)
    except ValueError:
        log.exception("The agreement of annotation %s cannot be told.", annotation.pk)
        found = None
    if annotation.original_id is not None and found is not None:
        keep_reviewer_pq(annotation.original_id, found)
    for one in (annotation.original_id, annotation.pk):
        if one is not None:
            count_names(one)


def reap_unmeasured() -> int:
    """Send messages again that seem lost; how many."""
    now = timezone.now()
    lost = Annotation.objects.filter(
        is_measured=False, submitted_at__lt=now - SENT_AGAIN_AFTER, submitted_at__gt=now - GIVEN_UP_AFTER
    )
    return _send(lost.order_by("submitted_at").values_list("pk", flat=True)[:AT_ONCE])


def _send(annotation_ids: Iterable[int], task: str = TASK) -> int:
    sent = 0
    try:
        with queue.connected() as connection:
            for annotation_id in annotation_ids:
                queue.send(connection, task, [annotation_id], priority=queue.LATER)
                sent += 1
    except queue.NOT_SENT as error:
        log.warning("The broker did not take every %s; the clock makes up for the rest. %s", task, error)
    return sent
