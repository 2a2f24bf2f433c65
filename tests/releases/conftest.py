"""A project with accepted work, and releases of it built here and now."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from annotation_server import media
from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.images.models import Image
from annotation_server.projects.models import Project
from annotation_server.releases.build import build_release
from annotation_server.releases.models import Release
from annotation_server.releases.plots import write_plots
from annotation_server.releases.start import start_release
from annotation_server.requests.run import run_job


def cells(width: int, height: int, entities: int, seed: int) -> np.ndarray:
    """A label map uint16 [H, W] of straight cells, the first of them VOID."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    centres = rng.random((entities + 1, 2)) * (height, width)
    return np.argmin([(y - cy) ** 2 + (x - cx) ** 2 for cy, cx in centres], axis=0).astype(np.uint16)


def accept(annotation: Annotation) -> Annotation:
    """Accepted, as if reviewed."""
    Annotation.objects.filter(pk=annotation.pk).update(state=Annotation.State.ACCEPTED)
    Assignment.objects.filter(pk=annotation.assignment_id).update(state=Assignment.State.ACCEPTED)
    return annotation


@pytest.fixture
def accepted_maps(
    project: Project,
    anna: User,
    make_image: Callable[..., Image],
    make_annotation: Callable[..., Annotation],
) -> dict[int, np.ndarray]:
    """Six images with accepted annotations, the last two without names; label maps by image id."""
    maps = {}
    for k in range(6):
        width, height = 60 + 100 * k, 40 + 90 * k
        image = make_image(project, width, height, source="street" if k % 2 else "")
        maps[image.pk] = cells(width, height, 3 + 2 * k, seed=k)
        named = {"named": "tree"} if k < 4 else {}
        accept(make_annotation(image, anna, maps[image.pk], **named))
    return maps


PLOTS: dict[str, dict[str, bytes]] = {}


@pytest.fixture(autouse=True)
def plots_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plots of the same statistics have the same bytes, as their own test shows: draw them once a session."""
    monkeypatch.setattr("annotation_server.releases.build.write_plots", write_plots_again)


def write_plots_again(summary: dict[str, Any], folder: Path) -> None:
    """What `write_plots` writes, remembered."""
    known = json.dumps(summary)
    if known not in PLOTS:
        with TemporaryDirectory() as fresh:
            write_plots(summary, Path(fresh))
            PLOTS[known] = {path.name: path.read_bytes() for path in Path(fresh).iterdir()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in PLOTS[known].items():
        (folder / name).write_bytes(content)


@pytest.fixture
def build(project: Project, ada: User, broker: str) -> Callable[[str], Release]:
    """`build("v1")`: the release, after its job has run in this process."""

    def build(name: str) -> Release:
        release = start_release(project, name, "", by=ada)
        assert release.request is not None
        run_job(release.request.jobs.get().pk, build_release)
        release.refresh_from_db()
        return release

    return build


def unpacked(release: Release, folder: Path) -> Path:
    """The archive's files; the release's root."""
    with tarfile.open(fileobj=io.BytesIO(media.read(release.archive_key))) as tar:
        tar.extractall(folder, filter="data")
    return folder / "entityseg"


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
