"""Real Tessera processes beside the test: gunicorn and Celery workers on the test's database and files."""

import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import quote

from annotation_server import process_group

REPOSITORY = Path(__file__).resolve().parents[2]


def database_url(settings_dict: Mapping[str, Any]) -> str:
    """Django's settings of an open (test) database → the DATABASE_URL a child process needs."""
    if settings_dict["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings_dict['NAME']}"
    who = f"{quote(settings_dict['USER'])}:{quote(settings_dict['PASSWORD'])}"
    return f"postgresql://{who}@{settings_dict['HOST']}:{settings_dict['PORT']}/{settings_dict['NAME']}"


def environment(**own: str) -> dict[str, str]:
    """This process's environment without what would make the child believe that it is a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", **own}


@contextmanager
def worker(queue: str, *, env: Mapping[str, str], log: Path) -> Iterator[Popen[bytes]]:
    """A Celery worker for `queue` (`default`, `ml` or `questions`), ready when it says so in its log."""
    app = "annotation_server.celery" if queue == "default" else "ml_worker.celery"
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "-Q", queue, "-c", "1", "-l", "INFO"]
    command += ["-n", f"{queue}-{os.getpid()}-{time.monotonic_ns()}@localhost", "--without-mingle"]
    process = process_group.start(command, log=log, env=env, cwd=REPOSITORY)
    try:
        _wait_for(lambda: log.exists() and b" ready." in log.read_bytes(), process, log)
        yield process
    finally:
        process_group.stop(process, grace_s=5)


@contextmanager
def web(*, env: Mapping[str, str], log: Path, workers: int = 1, threads: int = 4) -> Iterator[str]:
    """A gunicorn on a free port; gives its address."""
    port = process_group.free_port()
    command = [sys.executable, "-m", "gunicorn", "annotation_server.wsgi", "--no-control-socket"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    process = process_group.start(command, log=log, env=env, cwd=REPOSITORY)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(lambda: _answers(f"{address}/login"), process, log)
        yield address
    finally:
        process_group.stop(process, grace_s=5)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _wait_for(ready: Callable[[], bool], process: Popen[bytes], log: Path, *, timeout_s: float = 240) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} is not ready:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.05)
