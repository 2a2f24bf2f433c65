"""The supervisor restarts what dies and leaves nothing behind, however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from annotation_server import process_group
from annotation_server.supervise import delay_before_restart, only_one

PARENT_OF_TWO = "import subprocess, sys, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervisor(tmp_path):
    """A supervisor process over a parent of a grandchild and one that ignores SIGTERM."""
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from annotation_server.supervise import Service, supervise
        mark = {{"MARK": {str(tmp_path)!r}}}
        python = lambda name, code: Service(name, [sys.executable, "-c", code], env=mark)
        supervise(
            [python("parent", {PARENT_OF_TWO!r}), python("stubborn", {STUBBORN!r})],
            logs=Path({str(tmp_path)!r}),
            is_ready=lambda: True,
            when_ready=lambda: print("ready", flush=True),
            grace_s=1,
        )
    """)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def marked(tmp_path: Path) -> set[int]:
    return process_group.bearing(f"MARK={tmp_path}")


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def leader(tmp_path: Path) -> int:
    """The process that has a child of the same mark."""
    parents = {
        int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in marked(tmp_path)
    }
    return next(pid for pid in marked(tmp_path) if pid in parents)


needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux's /proc")


@needs_proc
def test_a_killed_service_is_started_again_without_its_old_children(supervisor, tmp_path):
    assert until(lambda: len(marked(tmp_path)) == 3)
    before = marked(tmp_path)
    os.kill(leader(tmp_path), signal.SIGKILL)
    assert until(lambda: len(marked(tmp_path)) == 3 and len(marked(tmp_path) & before) == 1)
    assert "parent ended (killed by SIGKILL)" in supervisor.stdout.readline()


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_ends_everything(supervisor, tmp_path, number):
    assert until(lambda: len(marked(tmp_path)) == 3)
    supervisor.send_signal(number)
    assert supervisor.wait(60) == 0
    assert marked(tmp_path) == set()


@needs_proc
def test_nothing_outlives_a_killed_supervisor(supervisor, tmp_path):
    assert until(lambda: len(marked(tmp_path)) == 3)
    supervisor.kill()
    assert until(lambda: not marked(tmp_path))


def test_waiting_times_grow_to_a_limit():
    assert [delay_before_restart(n) for n in (1, 2, 3, 4)] == [0.0, 0.4, 0.8, 1.6]
    assert delay_before_restart(50) == 30.0


def test_one_folder_has_one_supervisor(tmp_path):
    with only_one(tmp_path), pytest.raises(BlockingIOError), only_one(tmp_path):
        pass


def test_stopping_kills_what_ignores_the_request(tmp_path):
    process = process_group.start([sys.executable, "-c", STUBBORN], log=tmp_path / "log")
    assert until(lambda: (tmp_path / "log").read_text() == "deaf\n")
    process_group.stop(process, grace_s=0.2)
    assert process.returncode == -signal.SIGKILL
