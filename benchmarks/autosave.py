"""Saves against a real gunicorn: latency, throughput and CPU per request, one stroke and the whole map.

python -m benchmarks.autosave [--side 15000] [--entities 240] [--saves 200] [--database-url URL]

Every client draws on an annotation of its own with prepared bodies, so that what is measured is the server.
Prints JSON.
"""

import argparse
import http.client
import json
import os
import secrets
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np

from annotation_server import process_group
from annotation_server.embedded import web_command
from annotation_server.segmentation.label_map import renumber
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import TILE, pack_tile, unpack_tile
from annotation_server.segmentation.transaction import (
    TileChange,
    Transaction,
    deflate_body,
    encode_transaction,
)
from benchmarks import machine
from benchmarks.segmentation import synthetic_map

HOST = "127.0.0.1"
CLIENTS = (1, 8)
WHOLE_MAPS = 5
FIRST_REVISION = 1


@dataclass(frozen=True)
class Desk:
    """One client's annotation and the right to write to it."""

    annotation: int
    lease: str
    token: str


def prepare(side: int, entities: int, desks: int) -> tuple[list[Desk], TiledMap]:
    """A fresh database with `desks` annotations of one synthetic map; reads DATABASE_URL."""
    import django

    django.setup()
    from django.core.management import call_command

    from annotation_server.accounts.models import ApiToken, User
    from annotation_server.annotation import lease
    from annotation_server.annotation.models import Assignment
    from annotation_server.annotation.start import start_from_map
    from annotation_server.images.models import Image
    from annotation_server.projects.models import Membership, Project

    call_command("migrate", verbosity=0)
    project = Project.objects.create(name="Benchmark")
    label_map = synthetic_map(side, side, entities)
    made = []
    for serial in range(desks):
        user = User.objects.create(username=f"annotator{serial}")
        Membership.objects.create(project=project, user=user, role="annotator")
        image = Image.objects.create(
            project=project,
            file_name=f"{serial}.png",
            width=side,
            height=side,
            checksum=f"{serial:064d}",
            state=Image.State.READY,
        )
        assignment = Assignment.objects.create(image=image, annotator=user)
        lease.take(assignment, user)
        annotation = start_from_map(assignment, label_map)
        made.append(Desk(annotation.pk, str(assignment.lease), ApiToken.issue(user)[1]))
    return made, label_map


class Painter:
    """Makes the bodies of one client's saves; knows which versions the server will have given."""

    def __init__(self, desk: Desk, label_map: TiledMap, entities: int, seed: int) -> None:
        self._desk = desk
        self._entities = entities
        self._map = label_map
        self._tiles = list(label_map.tiles)
        self._versions = [FIRST_REVISION] * len(self._tiles)
        self._revision = FIRST_REVISION
        self._rng = np.random.default_rng(seed)

    def stroke(self) -> bytes:
        """A brush stroke of a common radius and any of the entities."""
        rng, side = self._rng, self._map.width
        radius = int(rng.choice([5, 20, 50, 100]))
        x0, y0 = rng.integers(0, side, 2).tolist()
        reach = int(min(200, side // 8))
        moved = np.array([x0, y0]) + rng.integers(-reach, reach + 1, 2)
        x1, y1 = np.clip(moved, 0, side - 1).tolist()
        number = int(rng.integers(1, self._entities + 1))
        touched = {}
        for ty in range(
            max(0, min(y0, y1) - radius) // TILE, min(side - 1, max(y0, y1) + radius) // TILE + 1
        ):
            for tx in range(
                max(0, min(x0, x1) - radius) // TILE, min(side - 1, max(x0, x1) + radius) // TILE + 1
            ):
                t = ty * self._map.columns + tx
                width, height = self._map.valid_size(t)
                pixels = self._pixels(tx, ty)[:height, :width]
                inside = _capsule(tx * TILE, ty * TILE, width, height, (x0, y0), (x1, y1), radius)
                tile = pack_tile(np.where(inside, np.uint16(number), pixels))
                if tile != self._tiles[t]:
                    touched[t] = tile
        return self._body(touched)

    def whole_map(self) -> bytes:
        """Every tile at once: each entity takes the number of the next."""
        moved = renumber(
            TiledMap(self._map.width, self._map.height, tuple(self._tiles)),
            {number: number % self._entities + 1 for number in range(1, self._entities + 1)},
        )
        return self._body(dict(enumerate(moved.tiles)))

    def _pixels(self, tx: int, ty: int) -> Any:
        return unpack_tile(self._tiles[ty * self._map.columns + tx])

    def _body(self, touched: dict[int, Any]) -> bytes:
        changes = tuple(TileChange(t, self._versions[t], tile) for t, tile in touched.items())
        self._revision += 1
        for t, tile in touched.items():
            self._tiles[t], self._versions[t] = tile, self._revision
        operation = {"tool": "brush", "number": 1, "ms": 640}
        transaction = Transaction(
            txid=str(uuid.uuid4()), lease=self._desk.lease, ops=(operation,), tiles=changes
        )
        return deflate_body(encode_transaction(transaction))


def _capsule(
    left: int, top: int, width: int, height: int, a: tuple[int, int], b: tuple[int, int], radius: int
) -> Any:
    """Pixels [height, width] of a tile that lie within `radius` of the segment from a to b."""
    y, x = np.mgrid[top : top + height, left : left + width].astype(np.float32)
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / max(dx * dx + dy * dy, 1), 0, 1)
    return (x - a[0] - along * dx) ** 2 + (y - a[1] - along * dy) ** 2 <= radius * radius


@contextmanager
def gunicorn(home: Path) -> Iterator[tuple[int, Popen[bytes]]]:
    """The web process as the product runs it; gives its port and process."""
    port = process_group.free_port()
    process = process_group.start(web_command(HOST, port), log=home / "web.log")
    try:
        _wait_until_answering(port, process)
        yield port, process
    finally:
        process_group.stop(process, grace_s=5)


def _wait_until_answering(port: int, process: Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/api/v1/session")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The web process did not begin to answer.")


def post_all(port: int, desk: Desk, bodies: Sequence[bytes]) -> list[float]:
    """Send the bodies one after the other over one connection; seconds each took. Raises on any refusal."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {
        "Authorization": f"Token {desk.token}",
        "Content-Type": "application/octet-stream",
        "X-Body": "deflate-raw",
    }
    seconds = []
    for body in bodies:
        began = time.perf_counter()
        connection.request("POST", f"/api/v1/annotations/{desk.annotation}/transactions", body, headers)
        response = connection.getresponse()
        answer = response.read()
        seconds.append(time.perf_counter() - began)
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {answer[:500]!r}")
    connection.close()
    return seconds


def get_bundle(port: int, desk: Desk) -> float:
    """Seconds to open the whole map."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    began = time.perf_counter()
    connection.request(
        "GET",
        f"/api/v1/annotations/{desk.annotation}/bundle",
        headers={"Authorization": f"Token {desk.token}"},
    )
    assert connection.getresponse().read()
    return time.perf_counter() - began


def measured(process: Popen[bytes], count: int, work: Callable[[], list[float]]) -> dict[str, float]:
    """Latency, throughput and server CPU of `count` requests that `work` makes."""
    servers = machine.descendants(process.pid)
    cpu, began = machine.cpu_seconds(servers), time.perf_counter()
    seconds = work()
    wall, cpu = time.perf_counter() - began, machine.cpu_seconds(servers) - cpu
    return {
        "requests": count,
        "p50_ms": round(1000 * machine.percentile(seconds, 0.5), 2),
        "p95_ms": round(1000 * machine.percentile(seconds, 0.95), 2),
        "requests_per_s": round(count / wall, 1),
        "cpu_ms_per_request": round(1000 * cpu / count, 2),
    }


def together(port: int, work: Sequence[tuple[Desk, Sequence[bytes]]]) -> list[float]:
    """All clients at once; the seconds of every request. Raises if any was refused."""
    seconds: list[float] = []
    problems: list[Exception] = []

    def client(desk: Desk, bodies: Sequence[bytes]) -> None:
        try:
            seconds.extend(post_all(port, desk, bodies))
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=client, args=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return seconds


def run(side: int, entities: int, saves: int, home: Path) -> dict[str, Any]:
    """All figures of one size of map."""
    desks, label_map = prepare(side, entities, max(CLIENTS))
    painters = [Painter(desk, label_map, entities, seed) for seed, desk in enumerate(desks)]
    figures: dict[str, Any] = {"side": side, "entities": entities, "tiles": len(label_map.tiles)}
    with gunicorn(home) as (port, process):
        together(port, [(desk, [painters[i].stroke()]) for i, desk in enumerate(desks)])
        for clients in CLIENTS:
            work = [
                (desks[i], [painters[i].stroke() for _ in range(saves // clients)]) for i in range(clients)
            ]
            bodies = [body for _, of_one in work for body in of_one]
            name = f"stroke_{clients}_client{'s' if clients > 1 else ''}"
            figures[name] = measured(process, len(bodies), lambda work=work: together(port, work))  # type: ignore[misc]
            figures[name]["body_bytes_p50"] = machine.percentile(map(len, bodies), 0.5)
        whole = [painters[0].whole_map() for _ in range(WHOLE_MAPS)]
        figures["whole_map"] = measured(process, WHOLE_MAPS, lambda: post_all(port, desks[0], whole))
        figures["whole_map"]["body_bytes_p50"] = machine.percentile(map(len, whole), 0.5)
        figures["open_map"] = measured(
            process, WHOLE_MAPS, lambda: [get_bundle(port, desks[0]) for _ in range(WHOLE_MAPS)]
        )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--side", type=int, default=15_000)
    parser.add_argument("--entities", type=int, default=240)
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--database-url", help="default: a fresh SQLite file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tessera-autosave-") as folder:
        home = Path(folder)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="annotation_server.settings",
            SECRET_KEY=secrets.token_urlsafe(50),
            TESSERA_HOME=folder,
            DATABASE_URL=given.database_url or f"sqlite:///{home / 'autosave.sqlite3'}",
            OMP_NUM_THREADS="1",
        )
        figures = {
            "machine": machine.description(),
            **run(given.side, given.entities, given.saves, home),
        }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
