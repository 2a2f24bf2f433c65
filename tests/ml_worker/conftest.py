"""One thread, small models: what the tests of the worker share."""

from pathlib import Path

import pytest
import torch

from ml_worker.checkpoints import Checkpoint, save_weights
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_weights import convert_published
from tests.ml_worker.golden import nano_tensors

TINY = Architecture(
    embed_dim=16,
    depths=(1, 1, 1, 1),
    backbone_heads=(1, 2, 4, 8),
    window=4,
    hidden=32,
    mask_dim=32,
    heads=4,
    encoder_layers=1,
    encoder_ffn=64,
    decoder_layers=3,
    decoder_ffn=64,
    queries=12,
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


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
