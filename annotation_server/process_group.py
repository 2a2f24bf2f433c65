"""Child processes that end with everything they started, however the parent ends."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Linux sends the child SIGTERM when the thread that started it ends, even by SIGKILL."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of its own process group; what it prints is appended to `log`.

    Without a log it prints where this process does.

    `user` is a uid to run as (with the group of the same number and no others); it needs root.
    """
    with _opened(log) as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            env=None if env is None else dict(env),
            cwd=cwd,
            process_group=0,
            preexec_fn=_end_with_parent,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )


def _opened(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    if log is None:
        return contextlib.nullcontext()
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def signal_group(group: int, number: int) -> bool:
    """Send a signal (0: only look) to every process of the group; False when none is left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group whose last process is a zombie
        return False
    return True


def stop(process: subprocess.Popen[bytes], *, grace_s: float, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask the leader to end with `first`; after `grace_s` seconds kill what is left of its group."""
    if process.poll() is None:
        process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_s)
    signal_group(process.pid, signal.SIGKILL)
    process.wait()


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def answers(host: str, port: int) -> bool:
    """Does something accept TCP connections there?"""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until_answering(process: subprocess.Popen[bytes], port: int, *, timeout_s: float) -> None:
    """Wait for the process to accept connections on loopback; raises RuntimeError when it ends or is late."""
    deadline = time.monotonic() + timeout_s
    while not answers("127.0.0.1", port):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it answered.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not answer on port {port} within {timeout_s:g} s.")
        time.sleep(0.02)


def bearing(mark: str) -> set[int]:
    """Ids of the living processes with the line `mark` (NAME=value) in their environment; needs /proc."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if alive and mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
        except OSError:
            continue
    return found
