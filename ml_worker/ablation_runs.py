"""Train and evaluate the rows of ablation tables with equal budgets, going on where a run stopped."""

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ml_worker.ablation_report import markdown, table_record
from ml_worker.ablation_tables import Row, Table, training_part
from ml_worker.checkpoints import Checkpoint, load_checkpoint
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from ml_worker.dataset import BadExample, Example, ExampleSource
from ml_worker.dataset_sources import open_source
from ml_worker.evaluate import evaluate
from ml_worker.predict import Predictor
from ml_worker.train import Nobody, train
from ml_worker.train_config import TrainConfig
from ml_worker.train_state import Run
from ml_worker.train_step import StepFailed

logger = logging.getLogger(__name__)

TOLD_EVERY_SECONDS = 10.0
SAVED_EVERY_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """What all rows have in common: data, budget and sizes. ``training`` are settings of TrainConfig."""

    tables: dict[str, Table]
    sizes: Architecture
    train_data: dict[str, Any]
    test_data: dict[str, Any]
    training: dict[str, Any]
    short_side: int
    long_side: int
    seeds: int = 1
    start_from: Path | None = None
    device: str = "cpu"


def run(ablation: Ablation, out: Path) -> list[str]:
    """Train and evaluate what is missing, writing ``out/ablation.json`` and ``.md`` after every row.

    Returns a sentence for each row that failed; the others are done all the same.
    """
    test_images = open_source(ablation.test_data)
    wanted = [
        (row, seed)
        for seed in range(ablation.seeds)
        for row in _distinct([row for table in ablation.tables.values() for row in table.rows])
    ]
    failures = []
    started = time.monotonic()
    for done, (row, seed) in enumerate(wanted):
        logger.info(
            "[%d/%d] %s, seed %d (%.0f min so far)", done + 1, len(wanted), row.name, seed, _minutes(started)
        )
        try:
            _figures(ablation, row, seed, test_images, out)
        except (StepFailed, torch.OutOfMemoryError) as error:
            failures.append(f"{row.name}, seed {seed}: {error}")
            logger.info("  failed: %s", error)
        write_report(ablation, out)
    return failures


def write_report(ablation: Ablation, out: Path) -> str:
    """Put what is finished into ``out/ablation.json`` and ``out/ablation.md``; returns the latter."""
    tables = []
    for table in ablation.tables.values():
        found = {row.name: _finished(ablation, row, out) for row in table.rows}
        tables.append(table_record(table, found))
    told = _told(ablation)
    text = markdown(tables, told)
    (out / "ablation.json").write_text(json.dumps({"of": told, "tables": tables}, indent=2) + "\n")
    (out / "ablation.md").write_text(text)
    return text


def _distinct(rows: list[Row]) -> list[Row]:
    """Rows of several tables may be the same model; those that share weights stand beside each other."""
    first: dict[Any, Row] = {}
    for row in rows:
        first.setdefault((training_part(row.variant), row.association_layers, row.variant), row)
    order = list(dict.fromkeys(key[:2] for key in first))
    return sorted(
        first.values(), key=lambda row: order.index((training_part(row.variant), row.association_layers))
    )


def _figures(ablation: Ablation, row: Row, seed: int, test_images: ExampleSource, out: Path) -> None:
    """Train, unless the weights are there, and evaluate, unless the figures are there."""
    target = _figures_path(ablation, row, seed, out)
    if target.exists():
        return
    folder = target.parent
    weights = _trained(ablation, row, seed, folder)
    checkpoint = load_checkpoint(weights)
    checkpoint = replace(checkpoint, arch=replace(checkpoint.arch, variant=row.variant))
    figures = evaluate(Predictor(checkpoint, device=ablation.device), _fit_examples(test_images))
    parameters = sum(tensor.numel() for tensor in checkpoint.weights.values())
    record = {"row": row.name, "seed": seed, "parameters": parameters, **figures}
    part = target.with_suffix(".part")
    part.write_text(json.dumps(record) + "\n")
    part.replace(target)
    logger.info("  APᵉ %.1f, best IoU %.1f", 100 * figures["AP"], 100 * figures["mean_best_iou"])


def _fit_examples(source: ExampleSource) -> Iterator[Example]:
    for index in range(len(source)):
        try:
            yield source[index]
        except BadExample as error:
            logger.info("  left out %s: %s", source.name(index), error)


class _Progress(Nobody):
    """Says now and then how far a row is."""

    def __init__(self) -> None:
        self.begun: tuple[float, int] | None = None
        self.told = time.monotonic()

    def stepped(self, run: Run) -> None:
        now = time.monotonic()
        self.begun = self.begun or (now, run.step)
        if now - self.told < TOLD_EVERY_SECONDS or run.step == self.begun[1]:
            return
        self.told = now
        pace = (now - self.begun[0]) / (run.step - self.begun[1])
        left = pace * (run.config.steps - run.step)
        logger.info("  step %d of %d, %.2f s each, %.0f s left", run.step, run.config.steps, pace, left)


def _trained(ablation: Ablation, row: Row, seed: int, folder: Path) -> Path:
    done = folder / "done"
    if not done.exists():
        config = _config(ablation, row, seed)
        first = _started(load_checkpoint(ablation.start_from), config) if ablation.start_from else None
        train(
            config,
            folder,
            device=ablation.device,
            save_seconds=SAVED_EVERY_SECONDS,
            first_model=first,
            watcher=_Progress(),
        )
        (folder / "state.pt").unlink(missing_ok=True)
        done.touch()
    return folder / "model.safetensors"


def _config(ablation: Ablation, row: Row, seed: int) -> TrainConfig:
    sizes = replace(
        ablation.sizes, variant=training_part(row.variant), association_layers=row.association_layers
    )
    return TrainConfig(
        architecture=json.loads(json.dumps(sizes.to_dict())),
        data=ablation.train_data,
        augmentation={"short_sides": [ablation.short_side], "long_side": ablation.long_side},
        seed=seed,
        inference={
            "short_side": ablation.short_side,
            "long_side": ablation.long_side,
            "score_threshold": 0.0,
            "min_area": 1,
            "min_share": 0.0,
            "split": False,
        },
        **ablation.training,
    )


def _started(checkpoint: Checkpoint, config: TrainConfig) -> CropFormer:
    """A model of the row's variant with every weight of the checkpoint that fits; the rest is drawn anew."""
    torch.manual_seed(config.seed)
    model = CropFormer(Architecture.from_dict(config.architecture))
    own = model.state_dict()
    fitting = {
        key: tensor
        for key, tensor in checkpoint.weights.items()
        if key in own and own[key].shape == tensor.shape
    }
    model.load_state_dict(own | fitting)
    fresh = len(own) - len(fitting)
    if fresh:
        logger.info("  %d of %d tensors are not in the checkpoint and start anew", fresh, len(own))
    return model


def _figures_path(ablation: Ablation, row: Row, seed: int, out: Path) -> Path:
    config = _config(ablation, row, seed)
    start = str(ablation.start_from or "")
    run_name = f"seed-{seed}-{_digest([asdict(config), start])}"
    return out / "runs" / run_name / f"figures-{_digest([row.variant.to_dict(), ablation.test_data])}.json"


def _finished(ablation: Ablation, row: Row, out: Path) -> list[dict[str, Any]]:
    paths = [_figures_path(ablation, row, seed, out) for seed in range(ablation.seeds)]
    return [json.loads(path.read_text()) for path in paths if path.exists()]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _told(ablation: Ablation) -> dict[str, Any]:
    settings = ", ".join(f"{name} {value}" for name, value in ablation.training.items())
    sizes = ablation.sizes
    return {
        "training data": json.dumps(ablation.train_data),
        "test data": json.dumps(ablation.test_data),
        "budget of a row": f"{settings}; shorter side {ablation.short_side} px",
        "sizes": f"{sizes.backbone}, {sizes.embed_dim} features first, {sizes.depths} blocks, "
        f"{sizes.hidden} channels, {sizes.decoder_layers} decoder layers, {sizes.queries} queries",
        "begun from": ablation.start_from.name if ablation.start_from else "random weights",
        "seeds": ablation.seeds,
        "device": ablation.device,
    }


def _minutes(started: float) -> float:
    return (time.monotonic() - started) / 60
