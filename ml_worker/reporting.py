"""Do a job and tell the server how far it is and how it ended: by name, to the server's queue."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from botocore.exceptions import BotoCoreError, ClientError
from celery import Celery
from kombu.exceptions import OperationalError

from ml_worker.refusals import JobCancelled, JobRefused, why_it_failed

logger = logging.getLogger(__name__)

HEARTBEAT_S = 5.0
MAY_PASS = (OSError, BotoCoreError, ClientError, OperationalError)

Reached = Callable[[float], None]


class Job(Protocol):
    """What the messages of segmentation/jobs.py that ask for work have in common."""

    @property
    def job_id(self) -> int: ...
    @property
    def success_task(self) -> str: ...
    @property
    def failure_task(self) -> str: ...
    @property
    def progress_task(self) -> str: ...
    @property
    def reply_queue(self) -> str: ...


def do_job(app: Celery, job: Job, work: Callable[[Reached], str]) -> None:
    """Run ``work``, which is told how to say the share done and returns the key of its result.

    A refusal and an error in the code are reported with a sentence, a cancelled job not at all. What may pass
    (storage or broker away) is raised without a report: the server sends the job again.
    """
    try:
        with Heartbeat(app, job) as heartbeat:
            key = work(heartbeat.reached)
    except JobCancelled:
        logger.info("Job %s was cancelled.", job.job_id)
        return
    except MAY_PASS:
        raise
    except Exception as error:
        if not isinstance(error, JobRefused):
            logger.exception("Job %s failed.", job.job_id)
        _report(app, job, job.failure_task, why_it_failed(error))
        return
    _report(app, job, job.success_task, key)


def _report(app: Celery, job: Job, task: str, detail: str | float) -> None:
    app.send_task(task, args=[job.job_id, detail], queue=job.reply_queue, priority=0, ignore_result=True)


class Heartbeat:
    """Tells the server every few seconds how far a job is, for as long as the block runs."""

    def __init__(self, app: Celery, job: Job, *, interval: float = HEARTBEAT_S) -> None:
        self._app = app
        self._job = job
        self._interval = interval
        self._fraction = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.job_id}", daemon=True)

    def reached(self, fraction: float) -> None:
        self._fraction = fraction

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def _beat(self) -> None:
        while True:
            # A broker that is away for a moment must not end the work; the next beat tells.
            with suppress(*MAY_PASS):
                _report(self._app, self._job, self._job.progress_task, round(self._fraction, 4))
            if self._over.wait(self._interval):
                return
