"""Training in parts, in several processes, killed, and on a full disk: real processes, forked here."""

import json
import multiprocessing
import os
import resource
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ml_worker import train_step
from ml_worker.checkpoints import load_checkpoint
from ml_worker.saving import CannotSave
from ml_worker.tensor_files import read_pickle
from ml_worker.train import Nobody, train
from ml_worker.train_config import TrainConfig
from ml_worker.train_state import Run
from tests.ml_worker.conftest import TINY

FORK = multiprocessing.get_context("fork")
CONFIG = TrainConfig(
    architecture=TINY.to_dict(),
    data={"scenes": {"count": 3, "side": 64, "seed": 11}},
    augmentation={"short_sides": [64], "long_side": 64},
    steps=2,
    batch=2,
    learning_rate=1e-3,
    points=64,
    save_every=1,
    log_every=1,
    ema_decay=0.9,
)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one process that computes each batch at once."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("alone")
    train(CONFIG, out)
    return out


def losses(out: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (out / "metrics.jsonl").read_text().splitlines()]


def same_weights(one: Path, other: Path, tolerance: float = 0.0) -> bool:
    first, second = (load_checkpoint(out / "model.safetensors").weights for out in (one, other))
    return all(torch.allclose(value, second[name], rtol=0, atol=tolerance) for name, value in first.items())


def test_parts_of_a_batch_are_one_batch(alone: Path, tmp_path: Path) -> None:
    train(replace(CONFIG, accumulate=2), tmp_path)
    assert losses(tmp_path) == pytest.approx(losses(alone), rel=1e-5)
    assert same_weights(tmp_path, alone, 1e-4)


def test_examples_are_the_same_when_processes_read_them_ahead(alone: Path, tmp_path: Path) -> None:
    train(CONFIG, tmp_path, workers=2)
    assert losses(tmp_path) == losses(alone)
    assert same_weights(tmp_path, alone)


def test_a_step_short_of_memory_is_done_again_in_less(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed, short = train_step.cropformer_losses, [True]

    def short_once(*args: Any, **kwargs: Any) -> Any:
        if short:
            short.pop()
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return computed(*args, **kwargs)

    monkeypatch.setattr(train_step, "cropformer_losses", short_once)
    train(CONFIG, tmp_path)
    assert same_weights(tmp_path, alone)
    short.append(True)
    with pytest.raises(torch.OutOfMemoryError):
        train(replace(CONFIG, recompute="always"), tmp_path / "always")


def as_rank(rank: int, port: int, out: Path) -> None:
    os.environ |= {
        "TORCHELASTIC_RUN_ID": "test",
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    train(CONFIG, out)


def test_two_processes_share_a_batch_and_change_nothing(alone: Path, tmp_path: Path) -> None:
    """As under torchrun: the losses of one process with the whole batch."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [FORK.Process(target=as_rank, args=(rank, port, tmp_path)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=300)
    assert [process.exitcode for process in processes] == [0, 0]
    assert losses(tmp_path) == pytest.approx(losses(alone), rel=1e-5)
    assert same_weights(tmp_path, alone, 1e-4)


class Stopped(Exception):
    pass


class StopAfterTheFirst(Nobody):
    """Ends a run after its first step and save."""

    def stepped(self, run: Run) -> None:
        raise Stopped


class WaitAfterTheFirst(Nobody):
    """Stands still after the first step's save, so that the kill comes there."""

    def stepped(self, run: Run) -> None:
        time.sleep(300)


@pytest.mark.faults
def test_a_killed_run_goes_on_to_the_same_weights(alone: Path, tmp_path: Path) -> None:
    process = FORK.Process(target=train, args=(CONFIG, tmp_path), kwargs={"watcher": WaitAfterTheFirst()})
    process.start()
    deadline = time.monotonic() + 240
    while not (tmp_path / "state.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert read_pickle(tmp_path / "state.pt")["step"] == 1
    train(CONFIG, tmp_path)
    assert same_weights(tmp_path, alone)
    assert losses(tmp_path) == losses(alone)


def train_without_room(out: Path) -> None:
    """No file of this process may pass 64 kB: writing fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
    try:
        train(CONFIG, out)
    except CannotSave as error:
        told = "the one saved before is whole" in str(error)
        os._exit(17 if told else 18)


@pytest.mark.faults
def test_a_full_disk_leaves_the_older_state(alone: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        train(CONFIG, tmp_path, watcher=StopAfterTheFirst())
    older = {name: (tmp_path / name).read_bytes() for name in ("state.pt", "model.safetensors")}
    process = FORK.Process(target=train_without_room, args=(tmp_path,))
    process.start()
    process.join(timeout=300)
    assert process.exitcode == 17
    assert {name: (tmp_path / name).read_bytes() for name in older} == older
    assert {path.name for path in tmp_path.iterdir()} == {*older, "metrics.jsonl", "events"}


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_trains_and_keeps_its_scale(alone: Path, tmp_path: Path, precision: str) -> None:
    train(replace(CONFIG, precision=precision), tmp_path)
    assert losses(tmp_path)[0] == pytest.approx(losses(alone)[0], rel=0.05)
    scale = read_pickle(tmp_path / "state.pt")["scaler"].get("scale")
    assert (scale is not None) == (precision == "float16")
