"""What one command runs: the broker (unless one is named), web process, workers and clock."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from annotation_server import process_group
from annotation_server.broker import valkey_command, valkey_url
from annotation_server.supervise import Service


@dataclass(frozen=True)
class Plan:
    """Where the embedded services listen and keep what they must."""

    home: Path
    private: Path  # short-lived folder that only this user may enter
    host: str
    port: int


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def web_command(host: str, port: int, *, workers: int = 2, threads: int = 4) -> list[str]:
    """gunicorn: the code is loaded once, then forked; its control socket is off, nothing here uses it."""
    return _python(
        *("gunicorn", "annotation_server.wsgi", "--bind", f"{host}:{port}", "--preload"),
        *("--no-control-socket", "--max-requests", "20000"),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)),
        *("--timeout", "120", "--graceful-timeout", "5"),
    )


def worker_command(queue: str, *, concurrency: int = 1) -> list[str]:
    """A Celery worker for the queue `default` (the server's tasks), or one of the model's."""
    app = "annotation_server.celery" if queue == "default" else "ml_worker.celery"
    return _python(
        *("celery", "-A", app, "worker", "-Q", queue, "-n", f"{queue}@%h", "-c", str(concurrency)),
        *("--loglevel", "INFO", "--without-mingle", "--without-gossip"),
    )


def beat_command(schedule: Path) -> list[str]:
    """Celery's clock, which sends the regular tasks."""
    return _python(
        *("celery", "-A", "annotation_server.celery", "beat", "--loglevel", "INFO"),
        *("--schedule", str(schedule), "--pidfile", ""),
    )


def services(plan: Plan, *, cores: Callable[[], int | None] = os.cpu_count) -> list[Service]:
    """The processes in the order in which they start; the broker only where CELERY_BROKER_URL names none."""
    shared = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"), "PYTHONUNBUFFERED": "1"}
    broker = []
    if not os.environ.get("CELERY_BROKER_URL"):
        socket = plan.private / "valkey.sock"
        shared["CELERY_BROKER_URL"] = valkey_url(socket)
        broker = [Service("broker", valkey_command(socket), others_may_start=socket.exists)]

    def web_answers() -> bool:
        return process_group.answers(plan.host, plan.port)

    server_tasks = max(1, (cores() or 2) // 2)
    return [
        *broker,
        # The workers load much code; a person waits for the first page, nobody for them.
        Service("web", web_command(plan.host, plan.port), env=shared, others_may_start=web_answers),
        Service("worker", worker_command("default", concurrency=server_tasks), env=shared),
        Service("ml-worker", worker_command("ml"), env=shared),
        # Apart from the other: a person who clicked must not wait for a batch of predictions.
        Service("questions-worker", worker_command("questions"), env=shared),
        # Apart too, and after everything else: a training of hours must not keep people waiting.
        Service("training-worker", ["nice", "-n", "10", *worker_command("training")], env=shared),
        Service("beat", beat_command(plan.home / "beat-schedule"), env=shared),
    ]
