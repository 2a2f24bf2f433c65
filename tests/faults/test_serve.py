"""`manage.py serve` as an operator starts it: it answers, survives a kill, and leaves nothing behind."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from annotation_server import process_group
from tests.session_services.tessera import REPOSITORY, environment


@pytest.fixture
def serve(tmp_path):
    """The command on a fresh home; gives its process, address and home."""
    home, port = tmp_path / "home", process_group.free_port()
    env = environment(TESSERA_HOME=str(home), SECRET_KEY="x" * 50)
    for name in ("CELERY_BROKER_URL", "DATABASE_URL", "TESSERA_MEDIA_ROOT"):
        env.pop(name, None)
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = process_group.start(command, log=tmp_path / "serve.log", env=env, cwd=REPOSITORY)
    yield process, f"http://127.0.0.1:{port}", home
    process_group.stop(process, grace_s=0)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def command_line(pid: int) -> str:
    """Empty once the process has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def leads(pid: int) -> bool:
    """Is it the leader of its process group, and alive?"""
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


def masters(home, word: str) -> list[int]:
    """Leaders of a process group among this home's processes whose command line has `word`."""
    mine = process_group.bearing(f"TESSERA_HOME={home}")
    return [pid for pid in mine if leads(pid) and word in command_line(pid)]


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through Linux's /proc")
def test_serve_answers_refuses_a_second_survives_kills_and_ends(serve, tmp_path):
    process, address, home = serve
    assert until(lambda: status_of(f"{address}/healthz") == 200, 240)
    assert_a_second_is_refused(home, tmp_path / "second.log")

    (web,) = masters(home, "gunicorn")
    os.killpg(web, signal.SIGKILL)
    assert until(lambda: masters(home, "gunicorn") not in ([], [web]), 120)
    assert until(lambda: status_of(f"{address}/healthz") == 200, 120)

    assert until(lambda: len(masters(home, "worker -Q ml")) == 1, 120)
    (worker,) = masters(home, "worker -Q ml")
    os.kill(worker, signal.SIGKILL)
    assert until(lambda: masters(home, "worker -Q ml") not in ([], [worker]), 120)

    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    assert process_group.bearing(f"TESSERA_HOME={home}") == set()


def assert_a_second_is_refused(home: Path, log: Path) -> None:
    """Another `serve` on a home that is served says so and ends."""
    env = environment(TESSERA_HOME=str(home), SECRET_KEY="x" * 50)
    command = [sys.executable, "manage.py", "serve", "--port", str(process_group.free_port())]
    second = process_group.start(command, log=log, env=env, cwd=REPOSITORY)
    assert second.wait(240) == 1
    assert "already runs" in log.read_text()
