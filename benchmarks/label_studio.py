"""Label Studio beside Tessera in one run: saves, next task, a page of 100 rows, start-up, memory.

python -m benchmarks.label_studio [--venv FOLDER] [--saves 200] [--tasks 1000]

Installs Label Studio (about 1 GB) into a folder outside the repository, starts it as `pip install` gives
it, on loopback with an empty data folder, and ends it. Both get label maps of 18 entities on 1024 × 1024 px:
Label Studio as one BrushLabels region an entity, Tessera as one transaction of all tiles. Rounds of the two
alternate. The page of 100 rows is the first one, whose rows have annotations. Prints JSON.
"""

import argparse
import http.client
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotation_server import process_group
from benchmarks import autosave, machine, startup
from benchmarks.segmentation import synthetic_map

VERSION = "1.23.2"
SIDE, ENTITIES, CLIENTS, ROUNDS = 1024, 18, (1, 8), 3
SETTLE_S = 5.0
USER = "anna@example.org"
CONFIG = (
    '<View><Image name="image" value="$image"/><BrushLabels name="tag" toName="image">'
    '<Label value="entity"/></BrushLabels></View>'
)
ENCODE = """
import json, sys
import numpy as np
from label_studio_sdk.converter.brush import mask2rle
label_map = np.load(sys.argv[1])
print(json.dumps([mask2rle((label_map == n).astype(np.uint8) * 255) for n in np.unique(label_map) if n]))
"""


@dataclass(frozen=True)
class LabelStudio:
    """A running one: its port, its leader's process id, the key and the password it accepts."""

    port: int
    pid: int
    key: str
    password: str
    start_seconds: float

    def call(self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes = b"") -> Any:
        headers = {"Authorization": f"Token {self.key}", "Content-Type": "application/json"}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return json.loads(content) if content else {}

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)


def install(folder: Path) -> Path:
    """A virtual environment with Label Studio; returns its bin folder."""
    if not (folder / "bin/label-studio").exists():
        venv.create(folder, with_pip=True)
        pip: list[str | Path] = [
            folder / "bin/python",
            "-m",
            "pip",
            "install",
            "--quiet",
            f"label-studio=={VERSION}",
        ]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    return folder / "bin"


@contextmanager
def label_studio(bin_folder: Path, data: Path) -> Iterator[LabelStudio]:
    """Start it as its documentation says, with analytics off and a token that it is told."""
    port, key, password = process_group.free_port(), secrets.token_hex(20), secrets.token_urlsafe(12)
    env = {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "HOME": str(data),
        "LABEL_STUDIO_BASE_DATA_DIR": str(data / "data"),
        "LABEL_STUDIO_USERNAME": USER,
        "LABEL_STUDIO_PASSWORD": password,
        "LABEL_STUDIO_USER_TOKEN": key,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    command: list[str | Path] = [bin_folder / "label-studio", "start", "--no-browser", "--port", str(port)]
    command += ["--internal-host", "127.0.0.1"]
    began = time.monotonic()
    process = process_group.start(command, log=data / "label-studio.log", env=env, cwd=data)
    try:
        startup.first_page(f"http://127.0.0.1:{port}/user/login/", timeout_s=300)
        yield LabelStudio(port, process.pid, key, password, time.monotonic() - began)
    finally:
        process_group.stop(process, grace_s=10)


def brush_regions(bin_folder: Path, folder: Path) -> bytes:
    """The body of one annotation: the label map's masks, encoded by Label Studio's own SDK."""
    file = folder / "label_map.npy"
    np.save(file, synthetic_map(SIDE, SIDE, ENTITIES).pixels())
    encoded = subprocess.run(
        [bin_folder / "python", "-c", ENCODE, file], check=True, capture_output=True, text=True
    )
    regions = [
        {
            "id": f"region{serial}",
            "type": "brushlabels",
            "from_name": "tag",
            "to_name": "image",
            "original_width": SIDE,
            "original_height": SIDE,
            "value": {"format": "rle", "rle": rle, "brushlabels": ["entity"]},
        }
        for serial, rle in enumerate(json.loads(encoded.stdout))
    ]
    return json.dumps({"result": regions, "lead_time": 12.5}).encode()


def new_project(server: LabelStudio, tasks: int) -> tuple[int, list[int]]:
    """A project with so many tasks; their ids."""
    connection = server.connection()
    body = json.dumps({"title": "Benchmark", "label_config": CONFIG}).encode()
    project = server.call(connection, "POST", "/api/projects", body)["id"]
    rows = [{"image": f"http://127.0.0.1:9/{serial}.png"} for serial in range(tasks)]
    path = f"/api/projects/{project}/import?return_task_ids=1"
    answer = server.call(connection, "POST", path, json.dumps(rows).encode())
    return project, answer["task_ids"]


def in_threads(clients: int, work: Callable[[int], list[float]]) -> list[float]:
    """What `work(0)` … `work(clients - 1)` give, all at once; raises if any failed."""
    seconds: list[float] = []
    problems: list[Exception] = []

    def client(serial: int) -> None:
        try:
            seconds.extend(work(serial))
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=client, args=(serial,)) for serial in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return seconds


def measured(pid: int, count: int, work: Callable[[], list[float]]) -> dict[str, float]:
    """Latency, throughput and CPU of a server's whole process tree over `count` requests."""
    servers = machine.descendants(pid)
    cpu, began = machine.cpu_seconds(servers), time.perf_counter()
    seconds = work()
    wall, cpu = time.perf_counter() - began, machine.cpu_seconds(servers) - cpu
    return {
        "p50_ms": 1000 * machine.percentile(seconds, 0.5),
        "p95_ms": 1000 * machine.percentile(seconds, 0.95),
        "requests_per_s": count / wall,
        "cpu_ms_per_request": 1000 * cpu / count,
    }


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


class Theirs:
    """The measured requests against Label Studio."""

    def __init__(self, server: LabelStudio, body: bytes, tasks: int) -> None:
        self.server, self.body, self.pid = server, body, server.pid
        self.project, tasks_in_order = new_project(server, tasks)
        self._unused = tasks_in_order[::-1]

    def saves(self, clients: int, each: int) -> list[float]:
        mine = [[self._unused.pop() for _ in range(each)] for _ in range(clients)]

        def client(serial: int) -> list[float]:
            connection = self.server.connection()
            return [
                timed(
                    lambda task=task: self.server.call(  # type: ignore[misc]
                        connection, "POST", f"/api/tasks/{task}/annotations/", self.body
                    )
                )
                for task in mine[serial]
            ]

        return in_threads(clients, client)

    def get(self, path: str, times: int) -> list[float]:
        connection = self.server.connection()
        return [timed(lambda: self.server.call(connection, "GET", path)) for _ in range(times)]

    def next_task(self, times: int) -> list[float]:
        return self.get(f"/api/projects/{self.project}/next", times)

    def page(self, times: int) -> list[float]:
        return self.get(f"/api/tasks?project={self.project}&page=1&page_size=100", times)


class Ours:
    """The same against Tessera's web process as it is run in production."""

    def __init__(self, port: int, pid: int, desks: list[autosave.Desk], label_map: Any) -> None:
        self.port, self.pid, self._desks = port, pid, desks
        self._painters = [
            autosave.Painter(desk, label_map, ENTITIES, serial) for serial, desk in enumerate(desks)
        ]

    def saves(self, clients: int, each: int) -> list[float]:
        bodies = [[self._painters[serial].whole_map() for _ in range(each)] for serial in range(clients)]
        return in_threads(
            clients, lambda serial: autosave.post_all(self.port, self._desks[serial], bodies[serial])
        )

    def _call(self, method: str, path: str, body: bytes, times: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Token {self._desks[0].token}", "Content-Type": "application/json"}

        def once() -> None:
            connection.request(method, f"/api/v1/{path}", body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")

        return [timed(once) for _ in range(times)]

    def next_task(self, times: int) -> list[float]:
        return self._call("POST", "assignments/next", b'{"project": 1, "round": "draw"}', times)

    def page(self, times: int) -> list[float]:
        return self._call("GET", "images?project=1&page_size=100", b"", times)


def prepare_ours(home: Path, waiting: int) -> tuple[list[autosave.Desk], Any]:
    """100 annotated images (8 of them worked on here) and `waiting` more that nobody has."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="annotation_server.settings",
        SECRET_KEY=secrets.token_urlsafe(50),
        TESSERA_HOME=str(home),
        DATABASE_URL=f"sqlite:///{home / 'tessera.sqlite3'}",
        OMP_NUM_THREADS="1",
    )
    desks, label_map = autosave.prepare(SIDE, ENTITIES, 100)
    from annotation_server.images.models import Image

    Image.objects.bulk_create(
        Image(
            project_id=1,
            file_name=f"waiting-{serial}.png",
            width=SIDE,
            height=SIDE,
            checksum=f"w{serial:063d}",
            state=Image.State.READY,
        )
        for serial in range(waiting)
    )
    return desks, label_map


def median_of(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(one[key] for one in rounds), 2) for key in rounds[0]}


def compare(theirs: Theirs, ours: Ours, saves: int) -> dict[str, Any]:
    """Alternate the two, ROUNDS times each; medians of the rounds."""
    figures: dict[str, Any] = {}
    sides: list[tuple[str, Theirs | Ours]] = [("label_studio", theirs), ("tessera", ours)]

    def both(name: str, count: int, work: Callable[[Theirs | Ours], list[float]]) -> None:
        rounds: dict[str, list[dict[str, float]]] = {"label_studio": [], "tessera": []}
        for _ in range(ROUNDS):
            for who, side in sides:
                rounds[who].append(measured(side.pid, count, lambda side=side: work(side)))  # type: ignore[misc]
        figures[name] = {who: median_of(values) for who, values in rounds.items()}

    for clients in CLIENTS:
        each = max(1, saves // clients // ROUNDS)
        both(
            f"save_{clients}_clients",
            each * clients,
            lambda side, clients=clients, each=each: side.saves(clients, each),  # type: ignore[misc]
        )
    both("next_task", 20, lambda side: side.next_task(20))
    both("page_of_100", 10, lambda side: side.page(10))
    return figures


def run(venv_folder: Path, saves: int, tasks: int) -> dict[str, Any]:
    bin_folder = install(venv_folder)
    with tempfile.TemporaryDirectory(prefix="tessera-comparison-") as temporary:
        folder = Path(temporary)
        (folder / "theirs").mkdir()
        (folder / "ours").mkdir()
        body = brush_regions(bin_folder, folder)
        desks, label_map = prepare_ours(folder / "ours", waiting=tasks)
        with label_studio(bin_folder, folder / "theirs") as server:
            time.sleep(SETTLE_S)
            figures: dict[str, Any] = {
                "label_studio_version": VERSION,
                "label_studio_body_bytes": len(body),
                "start": {
                    "label_studio_cold_s": round(server.start_seconds, 1),
                    "label_studio_rss_mb": round(machine.rss_mb(machine.descendants(server.pid))),
                },
            }
            with autosave.gunicorn(folder / "ours") as (port, process):
                rss = machine.rss_mb(machine.descendants(process.pid))
                figures["start"]["tessera_web_rss_mb"] = round(rss)
                ours = Ours(port, process.pid, desks, label_map)
                figures |= compare(Theirs(server, body, tasks), ours, saves)
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    default = Path(tempfile.gettempdir(), "tessera-label-studio-venv")
    parser.add_argument("--venv", type=Path, default=default, help=f"default: {default}")
    parser.add_argument("--saves", type=int, default=200, help="saves per number of clients, in all rounds")
    parser.add_argument("--tasks", type=int, default=1000)
    given = parser.parse_args()
    figures = {"benchmark": "label_studio", "machine": machine.description()}
    print(json.dumps({**figures, **run(given.venv, given.saves, given.tasks)}))


if __name__ == "__main__":
    main()
