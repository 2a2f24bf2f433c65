"""Whole nights with the real trainer on tiny pictures: an honest one is promoted, a poisoned one is not."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from annotation_server import media
from annotation_server.annotation.models import Annotation
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.training.models import TrainingRun
from annotation_server.training.promote import roll_back
from annotation_server.training.start import start_run
from ml_worker.checkpoints import save_weights
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from tests.training.conftest import accept
from tests.training.night import do, finish, next_job

pytestmark = pytest.mark.services

SIDE = 64
NANO = Architecture(
    embed_dim=16,
    depths=(1, 1, 1, 1),
    backbone_heads=(1, 2, 4, 8),
    window=4,
    hidden=32,
    mask_dim=32,
    heads=4,
    encoder_layers=1,
    encoder_ffn=64,
    decoder_layers=2,
    decoder_ffn=64,
    queries=4,
)
QUICK = {
    "batch": 2,
    "steps": 18,
    "learning_rate": 3e-3,
    "backbone_factor": 1.0,
    "clip_norm": 0.1,
    "points": 128,
    "ema_decay": 0.0,
    "warmup_steps": 0,
    "augmentation": {"short_sides": [SIDE], "long_side": SIDE},
}
SETTINGS = {"short_side": SIDE, "long_side": SIDE, "score_threshold": 0.05, "min_area": 4}


def square(seed: int) -> np.ndarray:
    """A label map [SIDE, SIDE] of ground, 1, and a square on it, 2."""
    rng = np.random.default_rng(seed)
    side = int(rng.integers(SIDE * 3 // 8, SIDE * 5 // 8))
    x, y = rng.integers(0, SIDE - side, 2)
    label_map = np.ones((SIDE, SIDE), np.uint16)
    label_map[y : y + side, x : x + side] = 2
    return label_map


def picture(label_map: np.ndarray) -> np.ndarray:
    return np.where(label_map[..., None] == 2, [230, 200, 40], [20, 40, 90]).astype(np.uint8)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture
def beginner(project: Any, media_root: Path, tmp_path: Path) -> ModelVersion:
    """The project's champion: weights that have learned nothing yet."""
    torch.manual_seed(0)
    path = tmp_path / "nano.safetensors"
    save_weights(path, CropFormer(NANO), SETTINGS)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    key = f"checkpoints/{sha256}.safetensors"
    media.write_file(key, path)
    return ModelVersion.objects.create(
        project=project, name="beginner", stage="champion", checkpoint_key=key, checkpoint_sha256=sha256
    )


@pytest.fixture
def album(project: Any, anna: Any, make_image: Any, make_annotation: Any) -> list[int]:
    """Accepted pictures of squares, 12 to learn from and 10 to judge by; the annotations of the first."""

    def add(seed: int, split: str) -> Annotation:
        label_map = square(seed)
        image = make_image(project, SIDE, SIDE, picture(label_map), split=split)
        return accept(make_annotation(image, anna, label_map))

    for seed in range(100, 110):
        add(seed, "val")
    return [add(seed, "train").pk for seed in range(12)]


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
    assert version.parameters == sum(value.numel() for value in CropFormer(NANO).state_dict().values())
    assert version.figures == run.figures["candidate"]
    assert (run.images, run.masks, run.judged_images) == (12, 24, 10)
    assert (run.outcome["steps"], run.outcome["sha256"]) == (18, version.checkpoint_sha256)
    assert {"image", "champion_ap", "candidate_ap", "entities"} <= run.worst[0].keys()
    assert media.exists(f"{run.folder}/metrics.jsonl")
    assert not media.exists(f"{run.folder}/state.pt")
    run.request.refresh_from_db()
    assert run.request.state == "succeeded"
