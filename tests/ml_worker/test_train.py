"""Training learns, starts from weights, and says what went wrong."""

import itertools
import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from ml_worker.checkpoints import load_checkpoint
from ml_worker.dataset import SceneDataset
from ml_worker.evaluate import evaluate
from ml_worker.predict import Predictor
from ml_worker.train import train
from ml_worker.train_config import BadConfig, TrainConfig, fine_tuning_config
from ml_worker.train_schedule import learning_rate_at
from ml_worker.train_step import StepFailed
from tests.ml_worker.conftest import TINY


@pytest.fixture
def config() -> TrainConfig:
    return TrainConfig(
        architecture=TINY.to_dict(),
        data={"scenes": {"count": 2, "side": 64, "seed": 11}},
        augmentation={"short_sides": [64], "long_side": 64},
        steps=6,
        batch=2,
        learning_rate=1e-3,
        backbone_factor=1.0,
        points=64,
        save_every=2,
        log_every=2,
        ema_decay=0.9,
        inference={"short_side": 64, "long_side": 64, "min_area": 16},
    )


def test_the_checkpoint_of_a_run_predicts_as_the_model_it_returns(
    config: TrainConfig, tmp_path: Path
) -> None:
    model = train(config, tmp_path).model
    checkpoint = load_checkpoint(tmp_path / "model.safetensors")
    assert checkpoint.settings["step"] == 6
    assert checkpoint.settings["short_side"] == 64
    assert all(torch.equal(checkpoint.weights[name], value) for name, value in model.state_dict().items())


def test_a_run_can_start_from_a_checkpoint(config: TrainConfig, tmp_path: Path) -> None:
    train(config, tmp_path / "first")
    further = replace(
        config,
        steps=1,
        learning_rate=0.0,
        ema_decay=0.0,
        start_from=str(tmp_path / "first/model.safetensors"),
    )
    model = train(further, tmp_path / "second").model
    start = load_checkpoint(tmp_path / "first" / "model.safetensors").weights
    assert all(torch.equal(value, start[name]) for name, value in model.state_dict().items())


def test_a_folder_of_another_run_is_refused(config: TrainConfig, tmp_path: Path) -> None:
    train(replace(config, steps=1), tmp_path)
    with pytest.raises(ValueError, match="another configuration"):
        train(config, tmp_path)


def test_a_loss_that_is_not_finite_stops_the_run(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"step \d+ is not finite \(examples: scene 1[12], .*Lower"):
        train(replace(config, learning_rate=1e30, clip_norm=1e9), tmp_path)


def test_the_learning_rate_warms_up_and_falls_to_zero(config: TrainConfig) -> None:
    slow = replace(config, steps=100, warmup_steps=10)
    rates = [learning_rate_at(slow, step) for step in range(100)]
    assert rates[0] == pytest.approx(1e-4, rel=0.02)
    assert max(rates) == rates[9]
    assert all(later < earlier for earlier, later in itertools.pairwise(rates[9:]))
    assert learning_rate_at(slow, 100) == 0


def test_it_learns_two_scenes_by_heart(config: TrainConfig, tmp_path: Path) -> None:
    longer = replace(
        config,
        data={"scenes": {"count": 2, "side": 64, "seed": 11, "entities": 5}},
        steps=120,
        learning_rate=3e-3,
        warmup_steps=10,
        save_every=1000,
        log_every=1000,
        points=128,
    )
    train(longer, tmp_path)
    predictor = Predictor.from_checkpoint(tmp_path / "model.safetensors")
    source = SceneDataset(count=2, side=64, seed=11, entities=5)
    figures = evaluate(predictor, iter([source[0], source[1]]))
    assert figures["mean_best_iou"] > 0.6
    assert figures["coverage"] > 0.8
    assert figures["AP50"] > 0.5


def test_the_best_weights_on_held_out_examples_are_kept(config: TrainConfig, tmp_path: Path) -> None:
    held_out = {"data": {"scenes": {"count": 2, "side": 64, "seed": 50}}, "every": 2, "images": 1}
    train(replace(config, steps=3, validation=held_out), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    judged = {row["step"]: row["validation_AP"] for row in rows if "validation_AP" in row}
    assert list(judged) == [2, 3]
    settings = load_checkpoint(tmp_path / "best.safetensors").settings
    assert judged[settings["step"]] == settings["validation_AP"] == max(judged.values())


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"steps": 0}, "steps is at least 1"),
        ({"accumulate": 3}, "no multiple of accumulate"),
        ({"precision": "int8"}, "precision is float32"),
        ({"learning_rate": float("nan")}, "learning_rate is a positive number"),
        ({"validation": {"every": 5}}, "validation needs data"),
        ({"stepz": 1}, "Unknown settings of training: stepz"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_settings_that_cannot_be_are_refused(config: TrainConfig, setting: dict, sentence: str) -> None:
    with pytest.raises(BadConfig, match=sentence):
        TrainConfig.from_dict({field.name: getattr(config, field.name) for field in fields(config)} | setting)


def test_fine_tuning_follows_the_checkpoint_and_the_number_of_images() -> None:
    few, many = (fine_tuning_config({"short_side": 224, "long_side": 448}, count) for count in (3, 1000))
    assert few["augmentation"] == {"short_sides": [192, 224], "long_side": 448}
    assert few["steps"] == 60 and many["steps"] == 2000
    assert fine_tuning_config({}, 10)["augmentation"]["short_sides"] == [640, 672, 704, 768, 800]
    assert fine_tuning_config({}, 10)["points"] == 12_544
    asked = fine_tuning_config({}, 10, {"steps": 7, "augmentation": {"vary_colours": True}})
    assert (asked["steps"], asked["warmup_steps"]) == (7, 0)
    assert asked["augmentation"]["vary_colours"] and asked["augmentation"]["long_side"] == 1333
