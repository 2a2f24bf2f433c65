"""A throw-away Valkey."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from annotation_server import process_group
from annotation_server.broker import valkey_command, valkey_url


def _answers(socket: Path) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=str(socket)).ping())
    except redis.ConnectionError:
        return False


@contextmanager
def running() -> Iterator[str]:
    """Start a server in a private folder (short, because socket paths are limited); gives its URL."""
    with tempfile.TemporaryDirectory(prefix="tessera-") as folder:
        socket = Path(folder, "valkey.sock")
        server = process_group.start(valkey_command(socket), log=Path(folder, "valkey.log"))
        try:
            deadline = time.monotonic() + 60
            while not _answers(socket):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(Path(folder, "valkey.log").read_text() or "Valkey did not start.")
                time.sleep(0.01)
            yield valkey_url(socket)
        finally:
            process_group.stop(server, grace_s=5)
