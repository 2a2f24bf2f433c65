"""One thread, small models: what the tests of the worker share."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml_worker.checkpoints import Checkpoint, save_weights
from ml_worker.cropformer.architecture import NANO
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_weights import convert_published
from tests.ml_worker.golden import nano_tensors

TINY = replace(NANO, queries=12)


@pytest.fixture(autouse=True)
def one_thread_and_seed() -> None:
    """Whatever ran before, a test draws the same numbers."""
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture
def tiny_model() -> CropFormer:
    torch.manual_seed(0)
    return CropFormer(TINY).eval()


@pytest.fixture
def tiny_checkpoint(tiny_model: CropFormer, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_weights(path, tiny_model, {"short_side": 64, "long_side": 128})
    return path


@pytest.fixture(scope="session")
def nano_checkpoint() -> Checkpoint:
    """The published layout at its smallest, filled as the golden values were made."""
    arch, weights = convert_published(nano_tensors())
    return Checkpoint(arch, weights, "golden")
