"""Slowing down password guessing: failed log-ins are counted by address, right ones never."""

import time
from typing import Any

from rest_framework.throttling import BaseThrottle

from annotation_server.rate_limits import counts

LIMIT = 10
WINDOW_S = 60


def seconds_to_wait(request: Any) -> int:
    """Seconds until this address may try again; 0 if it may now."""
    failures = _recent(request)
    return 0 if len(failures) < LIMIT else max(1, round(failures[0] + WINDOW_S - time.time()))


def note_failure(request: Any) -> None:
    """Count one failed log-in of this address."""
    counts.set(_key(request), [*_recent(request), time.time()], WINDOW_S)


def _recent(request: Any) -> list[float]:
    """Times of the failures of the last minute, oldest first."""
    now = time.time()
    return [moment for moment in counts.get(_key(request), []) if now - moment < WINDOW_S]


def _key(request: Any) -> str:
    return f"failed_logins:{BaseThrottle().get_ident(request)}"
