"""The product's own server with large annotations on it, as the editor's benchmark opens them."""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation_server import process_group
from annotation_server.segmentation.tiled_map import TiledMap
from benchmarks import machine, startup
from benchmarks.noisy_map import noisy_map

REPOSITORY = Path(__file__).resolve().parents[1]
PHOTO = "hires/leaves_7391x4158.jpg"


@dataclass(frozen=True)
class Case:
    """One map to work on; the photograph of its own (a path) or, without one, generated scenery."""

    name: str
    width: int
    height: int
    entities: int
    photo: Path | None = None


@dataclass(frozen=True)
class Site:
    """A running server: its address, a session to visit it with, the annotation of each case, its process."""

    address: str
    cookie: tuple[str, str]
    annotations: dict[str, int]
    pid: int


@contextmanager
def serving(cases: list[Case], home: Path) -> Iterator[Site]:
    """`manage.py serve` on a fresh home with an annotation for every case."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="annotation_server.settings",
        SECRET_KEY=secrets.token_urlsafe(50),
        TESSERA_HOME=str(home),
        OMP_NUM_THREADS="1",
    )
    os.environ.pop("DATABASE_URL", None)
    cookie, annotations = _furnish(cases)
    port = process_group.free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = process_group.start(command, log=home / "serve.log", env=dict(os.environ), cwd=REPOSITORY)
    try:
        startup.first_page(f"http://127.0.0.1:{port}/login", timeout_s=120)
        yield Site(f"http://127.0.0.1:{port}", cookie, annotations, process.pid)
    finally:
        process_group.stop(process, grace_s=20)


def memory_mb(site: Site) -> float:
    """Resident memory of all processes of the server."""
    return machine.rss_mb(machine.descendants(site.pid))


def _furnish(cases: list[Case]) -> tuple[tuple[str, str], dict[str, int]]:
    """Rows and files of all cases, and a session cookie of their annotator."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from annotation_server.accounts.models import User
    from annotation_server.projects.models import Membership, Project
    from annotation_server.vocabulary.start import add_starting_terms

    call_command("migrate", verbosity=0)
    anna = User.objects.create(username="anna")
    project = Project.objects.create(name="Benchmark", min_coverage=0)
    Membership.objects.create(project=project, user=anna, role="annotator")
    add_starting_terms(project)
    annotations = {case.name: _annotation(case, project, anna) for case in cases}
    client = Client()
    client.force_login(anna)
    name = settings.SESSION_COOKIE_NAME
    return (name, client.cookies[name].value), annotations


def _annotation(case: Case, project: Any, annotator: Any) -> int:
    from annotation_server.annotation.models import Assignment
    from annotation_server.annotation.start import start_from_map
    from annotation_server.images.models import Image
    from annotation_server.images.pyramid import prepare
    from annotation_server.images.tiling import keep

    image = Image.objects.create(
        project=project,
        file_name=f"{case.name}.jpg",
        width=case.width,
        height=case.height,
        checksum=f"{Image.objects.count():064d}",
        state=Image.State.TILING,
    )
    with tempfile.TemporaryDirectory(prefix="tessera-picture-") as folder:
        upload = case.photo or scenery(case.width, case.height, Path(folder) / "scenery.jpg")
        keep(image, prepare(upload, "jpeg", Path(folder), progress=lambda _share: True))
    assignment = Assignment.objects.create(image=image, annotator=annotator)
    return int(start_from_map(assignment, map_of(case)).pk)


def map_of(case: Case) -> TiledMap:
    """What is annotated on a case's image when it is opened."""
    return noisy_map(case.width, case.height, case.entities, seed=case.entities)


def scenery(width: int, height: int, file: Path) -> Path:
    """A JPEG of any size: one generated scene, laid side by side."""
    import pyvips

    from annotation_server.segmentation.scenes import make_scene

    rgb, _ = make_scene(11, min(1500, height), min(1500, width))
    scene = pyvips.Image.new_from_array(rgb)
    whole = scene.replicate(-(-width // scene.width), -(-height // scene.height))
    whole.crop(0, 0, width, height).copy(interpretation="srgb").jpegsave(str(file), Q=88, keep="none")
    return file
