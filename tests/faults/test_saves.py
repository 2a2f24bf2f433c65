"""Servers killed and networks cut in the middle of saves: what was acknowledged is there, once, no more.

`pytest tests/faults --kills 50` kills as often as a release is checked with; `make test` kills a few times.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from annotation_server import process_group
from annotation_server.accounts.models import User
from annotation_server.annotation.draft import changed_tiles
from annotation_server.annotation.label_maps import current_manifest, manifest_of
from annotation_server.annotation.models import Annotation, LabelMap, Revision
from annotation_server.embedded import web_command
from annotation_server.segmentation.tiled_map import pack_map
from tests.browser.editor import quarters
from tests.faults.cutting_proxy import cutting_proxy
from tests.faults.stubborn import Painter
from tests.session_services.tessera import REPOSITORY

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

CUTS = 30
SAVES_WHILE_CUT = 20


class KillableServer:
    """The product's own web processes on one port: killed without warning, started again."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._env = env
        self._log = folder / "web.log"
        self.port = process_group.free_port()
        self.process: Popen[bytes] = self._start()

    def _start(self) -> Popen[bytes]:
        command = web_command("127.0.0.1", self.port)
        process = process_group.start(command, log=self._log, env=self._env, cwd=REPOSITORY)
        process_group.wait_until_answering(process, self.port, timeout_s=240)
        return process

    def kill_a_worker(self, pick: random.Random) -> None:
        """As the kernel does when memory runs out; gunicorn starts another."""
        workers = children_of(self.process.pid)
        if workers:
            os.kill(pick.choice(workers), signal.SIGKILL)

    def kill_and_restart(self) -> None:
        """Everything at once, as a power cut of the web process; then the supervisor's restart."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = self._start()

    def stop(self) -> None:
        process_group.stop(self.process, grace_s=0)


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


@pytest.fixture
def server(process_environment: Callable[..., dict[str, str]], tmp_path: Path) -> Iterator[KillableServer]:
    server = KillableServer(process_environment(), tmp_path)
    yield server
    server.stop()


@pytest.fixture
def annotations(
    project: Any, anna: User, make_image: Callable, make_annotation: Callable
) -> list[Annotation]:
    """Two of Anna's, so that two of her tabs save beside each other."""
    return [
        make_annotation(make_image(project, width, height), anna, quarters(width, height))
        for width, height in ((700, 560), (1100, 600))
    ]


def assert_nothing_lost(painter: Painter, agrees: Callable[[Annotation], bool]) -> None:
    """Both sides hold the same map, made by exactly the acknowledged saves, one revision each."""
    annotation = Annotation.objects.get(pk=painter.annotation.pk)
    assert annotation.map_sha256 == pack_map(painter.editor.pixels).sha256()
    assert agrees(annotation)
    revisions = list(Revision.objects.filter(annotation=annotation).order_by("number"))
    assert [revision.number for revision in revisions] == list(range(1, painter.acknowledged + 2))
    assert_linear(annotation, revisions)


def assert_linear(annotation: Annotation, revisions: Sequence[Revision]) -> None:
    """Each revision starts from the tiles that the one before left."""
    digests = list(current_manifest(annotation.pk).digests)
    for revision in reversed(revisions):
        for change in changed_tiles(revision):
            assert digests[change.t] == change.after
            digests[change.t] = change.before
    assert manifest_of(LabelMap.objects.get(pk=annotation.pk)).versions.max() <= annotation.revision_number


def paint_until(painter: Painter, is_over: Callable[[], bool]) -> None:
    while not is_over():
        painter.dab()


def wait_for_saves(painters: Sequence[Painter], more: int, *, timeout_s: float = 240) -> None:
    enough = sum(painter.acknowledged for painter in painters) + more
    deadline = time.monotonic() + timeout_s
    while sum(painter.acknowledged for painter in painters) < enough:
        assert time.monotonic() < deadline, "Nothing is saved any more."
        time.sleep(0.002)


@pytest.mark.services
def test_saves_survive_a_killed_server(
    server: KillableServer,
    annotations: list[Annotation],
    anna: User,
    kills: int,
    agrees: Callable[[Annotation], bool],
) -> None:
    painters = [Painter(server.port, anna, one, seed=place) for place, one in enumerate(annotations)]
    over = threading.Event()
    pick = random.Random(kills)
    with ThreadPoolExecutor(len(painters)) as threads:
        streams = [threads.submit(paint_until, painter, over.is_set) for painter in painters]
        try:
            for kill in range(kills):
                wait_for_saves(painters, pick.randint(2, 9))
                time.sleep(pick.uniform(0, 0.06))
                if kill % 2:
                    server.kill_a_worker(pick)
                else:
                    server.kill_and_restart()
            wait_for_saves(painters, 5)
        finally:
            over.set()
        for stream in streams:
            stream.result()
    for painter in painters:
        assert_nothing_lost(painter, agrees)
    told = {
        "kills": kills,
        "acknowledged": sum(painter.acknowledged for painter in painters),
        "sent again": sum(painter.client.repeated for painter in painters),
        "known already": sum(painter.replayed for painter in painters),
    }
    print("killed server:", told)
    assert told["acknowledged"] > kills


@pytest.mark.services
def test_saves_survive_a_network_cut_anywhere(
    server: KillableServer,
    annotations: list[Annotation],
    anna: User,
    kills: int,
    agrees: Callable[[Annotation], bool],
) -> None:
    with cutting_proxy(server.port, seed=kills) as proxy:
        painter = Painter(proxy.port, anna, annotations[0], seed=7)
        proxy.is_cutting = True
        while (
            proxy.cuts < max(CUTS, 4 * kills)
            or painter.acknowledged < SAVES_WHILE_CUT
            or not painter.replayed
        ):
            painter.dab()  # until an answer was lost after the server had written, too
    assert_nothing_lost(painter, agrees)
    print(
        "cut network:",
        {"cuts": proxy.cuts, "acknowledged": painter.acknowledged, "known already": painter.replayed},
    )
