"""The heartbeat of a running job: a thread that tells the database, and hears when to stop."""

import logging
import threading
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, connection

from annotation_server.requests import progress

log = logging.getLogger(__name__)

BEATS = 12  # within the time after which a silent job is sent again


class Cancelled(Exception):
    """The job was called off, or given to another worker, while it ran."""


class Pulse:
    """Call it with the share done (0 to 1); it answers whether to go on.

    Calls are cheap: the database hears from the thread, every few seconds.
    """

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._share = 0.0
        self._called_off = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse-{job_id}", daemon=True)

    def __call__(self, share: float) -> bool:
        self._share = share
        return not self._called_off.is_set()

    def check(self, share: float) -> None:
        """Like calling it, but raises Cancelled when the work is to stop."""
        if not self(share):
            raise Cancelled

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=1)

    def _beat(self) -> None:
        try:
            while not self._over.wait(settings.JOB_STALE_SECONDS / BEATS):
                try:
                    if not progress.tick(self._job_id, self._share):
                        self._called_off.set()
                        return
                except DatabaseError:
                    log.exception("The heartbeat of job %s could not be written.", self._job_id)
        finally:
            connection.close()
