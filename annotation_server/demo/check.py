"""`make demo CHECK=1`: start the demo as a newcomer does, walk the main job, end it, report one JSON line."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from annotation_server import process_group
from annotation_server.demo import content
from annotation_server.demo.client import Client
from annotation_server.demo.walk import Walk, walk

REPOSITORY = Path(__file__).resolve().parents[2]
START_S, PROPOSALS_S, STOP_S = 60, 300, 20


def main() -> int:
    """Exit status 0 only when every promise held and every process ended."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tessera-check-") as temporary:
        home, port = Path(temporary, "home"), process_group.free_port()
        log = Path(temporary, "demo.log")
        demo = start_demo(home, port, log)
        problem, state = "", None
        try:
            state = walked(home, port, Path(temporary), started)
        except Exception:
            problem = traceback.format_exc()
        state_line = {} if state is None else report(state)
        problem += end_demo(demo, home)
        if problem:
            print(tails(home), log.read_text(errors="replace")[-3000:], problem, sep="\n", file=sys.stderr)
        seconds = round(time.monotonic() - started, 1)
        print(
            json.dumps({"check": "failed" if problem else "passed", "total_seconds": seconds, **state_line})
        )
    return 1 if problem else 0


def start_demo(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """The same command that `make demo` runs, on few pictures."""
    env = {**os.environ, "TESSERA_DEMO": "1", "TESSERA_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "manage.py", "demo", "--port", str(port), "--small"]
    return process_group.start(command, log=log, env=env, cwd=REPOSITORY)


def walked(home: Path, port: int, folder: Path, started: float) -> Walk:
    address = f"http://127.0.0.1:{port}"
    Client(address).wait_until_up(timeout_s=START_S)
    password = (home / "demo_password").read_text(encoding="utf-8")
    expected = frozenset(item.name for item in content.small())
    state = Walk(address=address, password=password, folder=folder, expected=expected)
    state.seconds["start"] = round(time.monotonic() - started, 2)
    walk(state, timeout_s=PROPOSALS_S)
    return state


def report(state: Walk) -> dict[str, object]:
    return {
        "counts": dict(state.counts),
        "seconds": state.seconds,
        "map_sha256": state.digests,
        "merkle_root": state.merkle_root,
    }


def end_demo(demo: subprocess.Popen[bytes], home: Path) -> str:
    """Ask the demo to end; a sentence for each process of it that did not, or nothing."""
    demo.send_signal(signal.SIGTERM)
    try:
        status = demo.wait(STOP_S)
    except subprocess.TimeoutExpired:
        status = None
    left = process_group.bearing(f"TESSERA_HOME={home}")
    process_group.stop(demo, grace_s=0)
    problems = [] if status == 0 else [f"The demo ended with {status} instead of 0."]
    return "\n".join(problems + [f"Process {pid} outlived the demo." for pid in left])


def tails(home: Path) -> str:
    """The last lines of every log, for whoever reads a failed check."""
    logs = sorted((home / "log").glob("*.log"))
    return "\n".join(f"── {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)


if __name__ == "__main__":
    sys.exit(main())
