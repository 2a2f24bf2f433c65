"""The settings of a training run, checked before anything is computed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import torch

from annotation_server.segmentation.json_file import read_json
from ml_worker.train_views import Augmentation

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
RECOMPUTE = ("auto", "always", "never")
FINE_TUNING_EPOCHS = 8
FINE_TUNING_STEPS = (60, 6000)


class BadConfig(ValueError):
    """A setting is unknown or cannot be; the sentence names it."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that decides the outcome of a training run; docs/training.md tells what each setting means.

    Defaults are the published ones, except for the batch. ``data`` and ``validation["data"]`` are as
    ml_worker.dataset_sources reads them; ``augmentation`` sets ml_worker.train_views.Augmentation;
    ``inference`` is saved with the weights as their default settings.
    """

    architecture: dict[str, Any]
    data: dict[str, Any]
    steps: int
    augmentation: dict[str, Any] = field(default_factory=dict)
    batch: int = 8
    accumulate: int = 1
    learning_rate: float = 1e-4
    backbone_factor: float = 0.1
    weight_decay: float = 0.05
    warmup_steps: int = 0
    poly_power: float = 0.9
    clip_norm: float = 0.01
    points: int = 12_544
    precision: str = "float32"
    recompute: str = "auto"
    ema_decay: float = 0.0
    seed: int = 0
    start_from: str = ""
    save_every: int = 500
    log_every: int = 20
    validation: dict[str, Any] = field(default_factory=dict)
    inference: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "accumulate", "points", "save_every", "log_every"):
            if getattr(self, name) < 1:
                raise BadConfig(f"{name} is at least 1, not {getattr(self, name)}.")
        if self.batch % self.accumulate:
            raise BadConfig(f"batch ({self.batch}) is no multiple of accumulate ({self.accumulate}).")
        if self.precision not in PRECISIONS:
            raise BadConfig(f"precision is {', '.join(PRECISIONS)}, not {self.precision!r}.")
        if self.recompute not in RECOMPUTE:
            raise BadConfig(f"recompute is {', '.join(RECOMPUTE)}, not {self.recompute!r}.")
        if not math.isfinite(self.learning_rate) or self.learning_rate < 0:
            raise BadConfig(f"learning_rate is a positive number, not {self.learning_rate}.")
        if self.validation and not {"data", "every"} <= set(self.validation):
            raise BadConfig("validation needs data and every.")
        _ = self.views

    @property
    def views(self) -> Augmentation:
        if unknown := sorted(set(self.augmentation) - set(Augmentation._fields)):
            raise BadConfig(f"Unknown settings of augmentation: {', '.join(unknown)}.")
        lists_as_tuples: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in self.augmentation.items()
        }
        return Augmentation(**lists_as_tuples)

    @property
    def dtype(self) -> torch.dtype:
        return PRECISIONS[self.precision]

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Raises BadConfig for settings that are unknown, missing or of the wrong kind."""
        if unknown := sorted(set(settings) - {setting.name for setting in fields(cls)}):
            raise BadConfig(f"Unknown settings of training: {', '.join(unknown)}.")
        if missing := sorted({"architecture", "data", "steps"} - set(settings)):
            raise BadConfig(f"Settings of training are missing: {', '.join(missing)}.")
        try:
            return cls(**settings)
        except TypeError as error:
            raise BadConfig(f"A setting of training is of the wrong kind ({error}).") from error

    @classmethod
    def from_json(cls, path: Path) -> Self:
        return cls.from_dict(read_json(path))


def fine_tuning_config(
    settings: Mapping[str, Any], images: int, asked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """How a model whose checkpoint says ``settings`` is trained further on ``images`` images.

    Sides are 0.8 to 1 of those it predicts with, as in the published training; eight passes over the images,
    within limits that a night on one processor allows. What is ``asked`` for comes first.
    """
    asked = asked or {}
    short_side, long_side = int(settings.get("short_side", 800)), int(settings.get("long_side", 1333))
    sides = sorted({max(32, round(short_side * share / 32) * 32) for share in (0.8, 0.85, 0.9, 0.95, 1.0)})
    batch, (least, most) = asked.get("batch", 4), FINE_TUNING_STEPS
    steps = asked.get("steps", min(max(least, math.ceil(images * FINE_TUNING_EPOCHS / max(1, batch))), most))
    return {
        "learning_rate": 1e-4,
        "warmup_steps": min(50, steps // 10),
        "points": min(12_544, max(256, short_side * short_side // 50)),
        "ema_decay": 0.99 if steps < 1000 else 0.999,
        "save_every": 200,
        "log_every": 10,
        **asked,
        "batch": batch,
        "steps": steps,
        "augmentation": {"short_sides": sides, "long_side": long_side, **asked.get("augmentation", {})},
    }
