"""Train CropFormer: ``python -m ml_worker.train --config config.json --out folder``.

Every step draws its examples, augmentation and points from (seed, step) alone, so a run that was cut off and
started again with the same command ends with the same weights as one that was not.
"""

import argparse
import copy
import json
import logging
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from ml_worker.checkpoints import (
    load_checkpoint,
    load_training_state,
    save_training_state,
    save_weights,
)
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.losses import cropformer_losses
from ml_worker.cropformer.model import CropFormer
from ml_worker.dataset import Augmentation, ExampleSource, LabelMapFolder, SceneDataset, training_batch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that decides the outcome of a training run.

    ``data`` is {"scenes": {count, side, seed, cache}} or {"folder": path}; ``augmentation`` sets
    ml_worker.dataset.Augmentation. ``start_from`` names a checkpoint whose weights begin the run.
    ``inference`` (short_side, long_side, score_threshold, min_area) is saved with the weights. Defaults are
    the published ones.
    """

    architecture: dict[str, Any]
    data: dict[str, Any]
    steps: int
    augmentation: dict[str, Any] = field(default_factory=dict)
    batch: int = 8
    learning_rate: float = 1e-4
    backbone_factor: float = 0.1
    weight_decay: float = 0.05
    warmup_steps: int = 0
    poly_power: float = 0.9
    clip_norm: float = 0.01
    points: int = 12_544
    ema_decay: float = 0.0
    seed: int = 0
    start_from: str = ""
    save_every: int = 500
    log_every: int = 20
    inference: dict[str, Any] = field(default_factory=dict)

    @property
    def views(self) -> Augmentation:
        lists_as_tuples: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in self.augmentation.items()
        }
        variant = Architecture.from_dict(self.architecture).variant
        return Augmentation(**lists_as_tuples | {"variant": variant})

    @classmethod
    def from_json(cls, path: Path) -> Self:
        return cls(**json.loads(path.read_text()))


def train(config: TrainConfig, out: Path, *, device: str = "cpu") -> CropFormer:
    """Run to ``config.steps``, going on from ``out/state.pt`` where there is one.

    Writes ``out/model.safetensors`` and ``out/state.pt`` every ``save_every`` steps and at the end, and
    appends to ``out/metrics.jsonl``. Returns the trained model (averaged weights if ``ema_decay`` is set).
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    model = _first_model(config).to(device)
    average = copy.deepcopy(model)
    optimizer = _optimizer(model, config)
    step = _resume(out / "state.pt", model, average, optimizer, config)
    source = _source(config.data)
    started, first = time.monotonic(), step
    while step < config.steps:
        _set_learning_rate(optimizer, config, step)
        terms = _train_step(model, optimizer, source, config, step, device)
        _follow(average, model, config.ema_decay, step)
        step += 1
        if step % config.log_every == 0 or step == config.steps:
            speed = (time.monotonic() - started) / (step - first)
            _log(out / "metrics.jsonl", {"step": step, "seconds_per_step": round(speed, 4), **terms})
        if step % config.save_every == 0 or step == config.steps:
            _save(out, model, average, optimizer, config, step)
    return average.eval()


def _train_step(
    model: CropFormer,
    optimizer: torch.optim.Optimizer,
    source: ExampleSource,
    config: TrainConfig,
    step: int,
    device: str,
) -> dict[str, float]:
    torch.manual_seed(config.seed * 1_000_003 + step)
    rng = np.random.default_rng((config.seed, step))
    views, masks = training_batch(source, _indices(config, len(source), step), rng, config.views)
    model.train()
    output = model(views.to(device))
    losses = cropformer_losses(
        output, [mask.to(device) for mask in masks], points=config.points, variant=model.variant
    )
    if not math.isfinite(losses.total.item()):
        raise FloatingPointError(
            f"The loss of step {step} is not finite: lower learning_rate, or look at the data it came from."
        )
    optimizer.zero_grad(set_to_none=True)
    losses.total.backward()
    nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
    optimizer.step()
    return {"loss": losses.total.item(), **losses.terms}


def _indices(config: TrainConfig, size: int, step: int) -> list[int]:
    """The examples of a step: epochs of shuffled order, a function of (seed, step) alone."""
    wanted = range(step * config.batch, (step + 1) * config.batch)
    epochs = {place // size for place in wanted}
    order = {epoch: np.random.default_rng((config.seed, epoch, 1)).permutation(size) for epoch in epochs}
    return [int(order[place // size][place % size]) for place in wanted]


def _first_model(config: TrainConfig) -> CropFormer:
    arch = Architecture.from_dict(config.architecture)
    model = CropFormer(arch)
    if config.start_from:
        checkpoint = load_checkpoint(Path(config.start_from))
        model.load_state_dict(checkpoint.weights)
    return model


def _source(data: dict[str, Any]) -> ExampleSource:
    match data:
        case {"scenes": settings}:
            cache = settings.get("cache")
            return SceneDataset(**(settings | {"cache": Path(cache) if cache else None}))
        case {"folder": folder}:
            return LabelMapFolder(Path(folder))
    raise ValueError('data must be {"scenes": {…}} or {"folder": path}.')


def _optimizer(model: CropFormer, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW; the backbone learns slower; norms, embeddings and position tables do not decay."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    spared = (nn.Embedding, nn.LayerNorm, nn.GroupNorm)
    undecayed = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, spared)
        for parameter in module.parameters()
    }
    for name, parameter in model.named_parameters():
        in_backbone = name.startswith("pixel_level.module.encoder.")
        decays = id(parameter) not in undecayed and "position_bias_table" not in name
        groups.setdefault((in_backbone, decays), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "factor": config.backbone_factor if in_backbone else 1.0,
                "weight_decay": config.weight_decay if decays else 0.0,
            }
            for (in_backbone, decays), parameters in groups.items()
        ],
        lr=config.learning_rate,
    )


def learning_rate_at(config: TrainConfig, step: int) -> float:
    """Polynomial decay to zero after a linear warm-up."""
    warmup = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    return config.learning_rate * warmup * (1 - step / config.steps) ** config.poly_power


def _set_learning_rate(optimizer: torch.optim.Optimizer, config: TrainConfig, step: int) -> None:
    rate = learning_rate_at(config, step)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


@torch.no_grad()
def _follow(average: CropFormer, model: CropFormer, decay: float, step: int) -> None:
    """Exponential average of the weights; its horizon grows with the steps, so early noise is forgotten."""
    keep = min(decay, (1 + step) / (10 + step)) if decay else 0.0
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - keep)
        else:
            mean.copy_(value)


def _resume(
    path: Path, model: CropFormer, average: CropFormer, optimizer: torch.optim.Optimizer, config: TrainConfig
) -> int:
    if not path.exists():
        return 0
    state = load_training_state(path)
    if json.loads(state["config"]) != json.loads(json.dumps(asdict(config))):
        raise ValueError(f"{path} belongs to a run with another configuration: choose another --out.")
    model.load_state_dict(state["model"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def _save(
    out: Path,
    model: CropFormer,
    average: CropFormer,
    optimizer: torch.optim.Optimizer,
    config: TrainConfig,
    step: int,
) -> None:
    settings = {"step": step, "training": asdict(config), **config.inference}
    save_weights(out / "model.safetensors", average, settings)
    save_training_state(
        out / "state.pt",
        {
            "step": step,
            "config": json.dumps(asdict(config)),
            "model": model.state_dict(),
            "average": average.state_dict(),
            "optimizer": optimizer.state_dict(),
        },
    )


def _log(path: Path, row: dict[str, Any]) -> None:
    logger.info("step %(step)d: loss %(loss).3f, %(seconds_per_step).3f s a step", row)
    with path.open("a") as stream:
        stream.write(json.dumps(row) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(arguments.threads)
    train(TrainConfig.from_json(arguments.config), arguments.out, device=arguments.device)


if __name__ == "__main__":
    main()
