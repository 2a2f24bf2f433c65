"""What a run needs to go on exactly where it stopped, and how it is kept.

Everything random in a step is drawn from (seed, step): its number stands for the generators' states.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from ml_worker.checkpoints import save_weights
from ml_worker.cropformer.model import CropFormer
from ml_worker.saving import replacing
from ml_worker.tensor_files import read_pickle
from ml_worker.train_config import TrainConfig
from ml_worker.train_schedule import WeightAverage, make_optimizer

STATE, WEIGHTS, BEST = "state.pt", "model.safetensors", "best.safetensors"


class OtherRun(ValueError):
    """The folder holds the state of a run with other settings."""


@dataclass
class Run:
    """A training run between two steps.

    ``left_out``: name → reason of every example that was unfit; ``final``: the losses of the last step.
    """

    config: TrainConfig
    model: CropFormer
    average: WeightAverage | None
    optimizer: torch.optim.AdamW
    scaler: torch.amp.GradScaler
    step: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    final: dict[str, float] = field(default_factory=dict)
    best: float = -1.0
    seconds: float = 0.0

    @property
    def result(self) -> CropFormer:
        """The weights the run is for: averaged ones where an average is kept."""
        return self.average.model if self.average else self.model  # type: ignore[return-value]

    def save(self, out: Path) -> None:
        """Both files, each whole or not at all; raises CannotSave and leaves the older ones."""
        self.save_weights(out / WEIGHTS)
        state = {
            "step": self.step,
            "config": json.dumps(asdict(self.config)),
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict() if self.average else {},
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "left_out": self.left_out,
            "final": self.final,
            "best": self.best,
            "seconds": self.seconds,
        }
        with replacing(out / STATE) as part:
            torch.save(state, part)

    def save_weights(self, path: Path, **about: Any) -> None:
        settings = {"step": self.step, "training": asdict(self.config), **about, **self.config.inference}
        save_weights(path, self.result, settings)


def begin(config: TrainConfig, out: Path, device: str, first_model: Callable[[], CropFormer]) -> Run:
    """The run of ``config`` as ``out`` left it, or a new one; raises OtherRun."""
    model = first_model().to(device)
    average = None
    if config.ema_decay:
        mean = first_model_like(model)
        average = WeightAverage(mean, config.ema_decay)
    scaler = torch.amp.GradScaler(torch.device(device).type, enabled=config.precision == "float16")
    run = Run(config, model, average, make_optimizer(model, config), scaler)
    path = out / STATE
    if path.exists():
        _go_on(run, path)
    return run


def first_model_like(model: CropFormer) -> CropFormer:
    """A copy of the model that no gradient reaches."""
    copy = CropFormer(model.arch).to(next(model.parameters()).device)
    copy.load_state_dict(model.state_dict())
    return copy.requires_grad_(False).eval()


def _deciding(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide the outcome."""
    return {name: value for name, value in settings.items() if name != "recompute"}


def _go_on(run: Run, path: Path) -> None:
    state = read_pickle(path)
    if _deciding(json.loads(state["config"])) != _deciding(json.loads(json.dumps(asdict(run.config)))):
        raise OtherRun(f"{path} belongs to a run with another configuration: choose another --out.")
    run.model.load_state_dict(state["model"])
    if run.average:
        run.average.model.load_state_dict(state["average"])
    run.optimizer.load_state_dict(state["optimizer"])
    run.scaler.load_state_dict(state["scaler"])
    run.step, run.left_out = int(state["step"]), dict(state["left_out"])
    run.final = dict(state["final"])
    run.best, run.seconds = float(state["best"]), float(state["seconds"])
