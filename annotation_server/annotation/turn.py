"""Saves take turns on SQLite, which lets only one writer in and makes the others sleep and try again."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.db import connection

IN_MEMORY = (":memory:", "file:")  # as SQLite and Django's test runner name databases without a file

_threads = threading.Lock()


@contextmanager
def one_save_at_a_time() -> Iterator[None]:
    """Wait here, in order, instead of inside SQLite; other databases lock rows and need no turns.

    SQLite's own waiting doubles its naps up to 100 ms, so under eight clients some saves waited half a second
    while the database was idle. A process that dies gives its turn back with its files. The turn comes before
    the transaction, never inside one, so that it cannot wait for a lock that its holder waits for.
    """
    path = _file_of_turns()
    with _threads if path else nullcontext(), _locked(path) if path else nullcontext():
        yield


def _file_of_turns() -> Path | None:
    """A file beside the database; None where saves need no turns, or are in a transaction already."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or name.startswith(IN_MEMORY):
        return None
    return Path(f"{name}.turn")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # Opened anew each time: a descriptor that a fork has copied would share its lock.
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
