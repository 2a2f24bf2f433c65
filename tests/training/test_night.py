"""Whole nights with the real trainer on tiny pictures: an honest one is promoted, a poisoned one is not."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from annotation_server import media
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.training.models import TrainingRun
from annotation_server.training.promote import roll_back
from annotation_server.training.start import start_run
from ml_worker.cropformer.model import CropFormer
from tests.training.nano import QUICK, SMALLEST, add_squares, register_beginner
from tests.training.night import do, finish, next_job

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture
def beginner(project: Any, media_root: Path, tmp_path: Path) -> ModelVersion:
    """The project's champion: weights that have learned nothing yet."""
    return register_beginner(project, tmp_path)


@pytest.fixture
def album(project: Any, anna: Any, make_image: Any, make_annotation: Any) -> None:
    """Accepted pictures of squares: 12 to learn from, 10 to judge by."""
    add_squares(project, anna, make_image, make_annotation)


def shuffle(examples_key: str) -> None:
    """Exchange the label maps of the frozen examples among their images."""
    rows = json.loads(media.read(examples_key))["examples"]
    maps = [(row["map_key"], row["map_sha256"]) for row in rows]
    for row, (key, sha256) in zip(rows, maps[5:] + maps[:5], strict=True):
        row |= {"map_key": key, "map_sha256": sha256}
    media.write(examples_key, json.dumps({"examples": rows}).encode())


def test_an_honest_night_is_promoted_and_a_poisoned_one_is_not(
    project, broker, beginner, album, scratch, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        honest = finish(start_run(project, kind="nightly", options=QUICK), scratch)
    assert honest.state == "promoted", honest.reason
    assert champion_of(project.pk) == honest.candidate
    assert honest.figures["candidate"]["AP"] > 0.5 > honest.figures["champion"]["AP"]
    assert 0 < honest.figures["interval"][0] < honest.figures["difference"] < honest.figures["interval"][1]
    assert honest.reason.startswith("Better: ")

    poisoned = start_run(project, kind="nightly", options={**QUICK, "steps": 12})
    do(next_job(poisoned), scratch)
    shuffle(poisoned.examples_key)
    finish(poisoned, scratch)
    assert poisoned.state == "kept", poisoned.reason
    assert poisoned.reason.startswith("Worse: ")
    assert poisoned.champion == honest.candidate == champion_of(project.pk)
    assert poisoned.figures["champion"]["AP"] == honest.figures["candidate"]["AP"]
    assert poisoned.candidate.stage == "candidate"
    assert poisoned.request.jobs.filter(task="ml.evaluate").count() == 1, "the champion's results are reused"

    assert roll_back(project.pk) == beginner == champion_of(project.pk)
    _what_was_kept(honest)


def _what_was_kept(run: TrainingRun) -> None:
    """Everything a page shows, and nothing that only the training needed."""
    version = run.candidate
    assert hashlib.sha256(media.read(version.checkpoint_key)).hexdigest() == version.checkpoint_sha256
    assert version.size_bytes == media.size(version.checkpoint_key)
    assert version.parameters == sum(value.numel() for value in CropFormer(SMALLEST).state_dict().values())
    assert version.figures == run.figures["candidate"]
    assert (run.images, run.masks, run.judged_images) == (12, 24, 10)
    assert (run.outcome["steps"], run.outcome["sha256"]) == (18, version.checkpoint_sha256)
    assert {"image", "champion_ap", "candidate_ap", "entities"} <= run.worst[0].keys()
    assert media.exists(f"{run.folder}/metrics.jsonl")
    assert not media.exists(f"{run.folder}/state.pt")
    run.request.refresh_from_db()
    assert run.request.state == "succeeded"
