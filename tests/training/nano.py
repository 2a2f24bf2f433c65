"""A model small enough to learn within seconds, and what it can learn: where the square is."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from annotation_server import media
from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from ml_worker.checkpoints import save_weights
from ml_worker.cropformer.architecture import NANO
from ml_worker.cropformer.model import CropFormer
from tests.training.conftest import accept

SIDE = 64
SMALLEST = replace(NANO, decoder_layers=2, queries=4)
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


def add_squares(
    project: Project,
    annotator: User,
    make_image: Callable[..., Image],
    make_annotation: Callable[..., Annotation],
) -> None:
    """Accepted pictures of squares: 12 of split train, 10 of split val."""
    for split, seeds in (("val", range(100, 110)), ("train", range(12))):
        for seed in seeds:
            label_map = square(seed)
            image = make_image(project, SIDE, SIDE, picture(label_map), split=split)
            accept(make_annotation(image, annotator, label_map))


def register_beginner(project: Project, folder: Path) -> ModelVersion:
    """The project's champion: weights that have learned nothing yet."""
    torch.manual_seed(0)
    path = folder / "nano.safetensors"
    save_weights(path, CropFormer(SMALLEST), SETTINGS)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    key = f"checkpoints/{sha256}.safetensors"
    media.write_file(key, path)
    return ModelVersion.objects.create(
        project=project, name="beginner", stage="champion", checkpoint_key=key, checkpoint_sha256=sha256
    )
