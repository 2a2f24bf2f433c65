"""Keep a set of processes running beside each other: restart what dies, end all when told to.

Three things end the children: a stop signal to the supervisor (in order, with time to finish), its death
by any cause (a guardian process notices the closed pipe and ends every group), and on Linux the kernel's
parent-death signal (process_group.py).
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from annotation_server import process_group

FIRST_DELAY_S, LONGEST_DELAY_S, HEALTHY_AFTER_S = 0.2, 30.0, 30.0
GRACE_S = 8.0
LARGEST_LOG = 10 * 1024**2


@dataclass(frozen=True)
class Service:
    """A process to keep running; with `once` it runs to its end and prints to the terminal, not to a log."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    others_may_start: Callable[[], bool] = lambda: True
    once: bool = False


def delay_before_restart(failures: int) -> float:
    """Seconds to wait after so many deaths in a row: at once first, then doubling."""
    return 0.0 if failures <= 1 else min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (failures - 1))


class Kept:
    """One service's current process and how often it has died in a row."""

    def __init__(self, service: Service, *, logs: Path, guardian: "Guardian") -> None:
        self.service = service
        self.log = logs / f"{service.name}.log"
        self._guardian = guardian
        self._failures = 0
        self._start_at = 0.0
        self._started_at = 0.0
        self._is_over = False
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**os.environ, **self.service.env}
        log = None if self.service.once else self.log
        self.process = process_group.start(self.service.command, log=log, env=env)
        self._started_at = time.monotonic()
        self._guardian.watch(self.process.pid)

    def tend(self, say: Callable[[str], None]) -> None:
        """Start the process again when it has ended and its waiting time is over."""
        if self._is_over:
            return
        now = time.monotonic()
        if self.process is None:
            if now >= self._start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self._bury()
        if self.service.once:
            self._is_over = True
            if code:
                say(f"{self.service.name} failed ({_told(code)})")
            return
        self._failures = 1 if now - self._started_at > HEALTHY_AFTER_S else self._failures + 1
        delay = delay_before_restart(self._failures)
        self._start_at = now + delay
        say(f"{self.service.name} ended ({_told(code)}); starting it again in {delay:g} s. See {self.log}")

    def stop(self, deadline: float) -> None:
        if self.process is not None:
            process_group.stop(self.process, grace_s=max(0.0, deadline - time.monotonic()))
            self._bury()

    def _bury(self) -> None:
        """Nothing of a dead leader's group may live on beside its successor."""
        assert self.process is not None
        process_group.signal_group(self.process.pid, signal.SIGKILL)
        self._guardian.forget(self.process.pid)
        self.process = None


def _told(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


class Guardian:
    """A forked process that outlives the supervisor by a moment and ends the groups it left."""

    def __init__(self) -> None:
        read_end, self._write_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._write_end)
            try:
                _guard(read_end)
            finally:
                os._exit(0)  # whatever happens, the supervisor's own code must not run twice
        os.close(read_end)

    def watch(self, group: int) -> None:
        os.write(self._write_end, b"+%d\n" % group)

    def forget(self, group: int) -> None:
        os.write(self._write_end, b"-%d\n" % group)

    def dismiss(self) -> None:
        os.close(self._write_end)
        os.waitpid(self._pid, 0)


def _guard(read_end: int) -> None:
    """The guardian's whole life: note groups until the pipe closes, then end them."""
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(read_end) as lines:
        for line in lines:
            (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for number, wait_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 1.0)):
        deadline = time.monotonic() + wait_s
        groups = {group for group in groups if process_group.signal_group(group, number)}
        while groups and time.monotonic() < deadline:
            time.sleep(0.1)
            groups = {group for group in groups if process_group.signal_group(group, 0)}


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises BlockingIOError when another supervisor runs on it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """SIGINT and SIGTERM set the event instead of ending the process."""
    asked = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def supervise(
    services: Sequence[Service],
    *,
    logs: Path,
    is_ready: Callable[[], bool],
    when_ready: Callable[[], None],
    say: Callable[[str], None] = print,
    grace_s: float = GRACE_S,
) -> None:
    """Run the services until SIGINT or SIGTERM, each started once the one before lets others start.

    Logs go to ``logs/<name>.log``. `when_ready` is called once, as soon as `is_ready` says yes. At the end
    all have `grace_s` seconds to finish what they do.
    """
    _set_large_logs_aside(logs)
    with _stop_signals() as asked:
        guardian = Guardian()
        kept = [Kept(service, logs=logs, guardian=guardian) for service in services]
        try:
            _run(kept, asked, is_ready, when_ready, say)
        finally:
            _stop_all(kept, grace_s)
            guardian.dismiss()


def _run(
    kept: Sequence[Kept],
    asked: threading.Event,
    is_ready: Callable[[], bool],
    when_ready: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    started, announced = 0, False
    while not asked.is_set():
        while started < len(kept) and (started == 0 or kept[started - 1].service.others_may_start()):
            started += 1
            kept[started - 1].start()
        for one in kept[:started]:
            one.tend(say)
        if not announced and is_ready():
            announced = True
            when_ready()
        asked.wait(0.1)


def _stop_all(kept: Sequence[Kept], grace_s: float) -> None:
    """Ask all at once but the first, on which the others lean; that one ends last."""
    for one in kept[1:]:
        if one.process is not None:
            with contextlib.suppress(ProcessLookupError):
                one.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    for one in reversed(kept):
        one.stop(max(deadline, time.monotonic() + 1.0))


def _set_large_logs_aside(logs: Path) -> None:
    logs.mkdir(parents=True, exist_ok=True)
    for log in logs.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
