"""Start-up: one command to the first page, cold (no database) and warm, and what runs then.

python -m benchmarks.startup [--starts 3]
"""

import argparse
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from annotation_server import process_group
from benchmarks import machine

REPOSITORY = Path(__file__).resolve().parents[1]
SETTLE_S = 5.0


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "TESSERA_HOME": str(home),
        "SECRET_KEY": secrets.token_urlsafe(40),
        "OMP_NUM_THREADS": "1",
    }


def first_page(url: str, timeout_s: float) -> None:
    """Return when the page answers 200."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.02)
    raise RuntimeError(f"{url} did not answer within {timeout_s:g} s.")


def one_start(home: Path, log: Path) -> dict[str, float]:
    """Start `manage.py serve` on `home`, measure, and end it."""
    port = process_group.free_port()
    began = time.monotonic()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    server = process_group.start(command, log=log, env=environment(home), cwd=REPOSITORY)
    try:
        first_page(f"http://127.0.0.1:{port}/login", timeout_s=120)
        seconds = time.monotonic() - began
        cpu = machine.cpu_seconds(machine.descendants(server.pid))
        time.sleep(SETTLE_S)
        running = machine.descendants(server.pid)
        figures = {
            "seconds": seconds,
            "cpu_seconds": cpu,
            "rss_mb": machine.rss_mb(running),
            "processes": len(running),
        }
        ending = time.monotonic()
    finally:
        process_group.stop(server, grace_s=20)
    return {**figures, "stop_seconds": time.monotonic() - ending}


def measure(starts: int) -> dict[str, object]:
    """`starts` cold and `starts` warm ones; medians and every value."""
    cold, warm = [], []
    for _ in range(starts):
        with tempfile.TemporaryDirectory(prefix="tessera-startup-") as folder:
            home, log = Path(folder, "home"), Path(folder, "log")
            cold.append(one_start(home, log))
            warm.append(one_start(home, log))

    def medians(runs: list[dict[str, float]]) -> dict[str, float]:
        return {key: round(statistics.median(run[key] for run in runs), 2) for key in runs[0]}

    return {"cold": medians(cold), "warm": medians(warm), "cold_runs": cold, "warm_runs": warm}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    options = parser.parse_args()
    print(json.dumps({"benchmark": "startup", "machine": machine.description(), **measure(options.starts)}))


if __name__ == "__main__":
    main()
