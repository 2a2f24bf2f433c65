"""The published model's own numbers: where they lie, and how its weights are filled."""

import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_names import published_name

REPOSITORY = Path(__file__).resolve().parents[2]
EMBEDDINGS = ("query_feat.weight", "query_embed.weight", "level_embed.weight", "transformer.level_embed")


def data_folder() -> Path:
    return Path(os.environ.get("TESSERA_DATA", REPOSITORY.parent / "shared" / "data"))


def golden_folder() -> Path:
    """The folder of golden values, or the test is skipped."""
    folder = data_folder().parent / "golden"
    if not (folder / "keys_nano.json").is_file():
        pytest.skip(f"No golden values in {folder}: set TESSERA_DATA to the shared data folder.")
    return folder


def read_json(name: str) -> Any:
    return json.loads((golden_folder() / name).read_text())


def fill(key: str, shape: tuple[int, ...]) -> np.ndarray:
    """The value of a parameter, from its name alone."""
    generator = np.random.Generator(np.random.PCG64(zlib.crc32(key.encode())))
    noise = generator.standard_normal(tuple(shape))
    if key.endswith("sampling_offsets.bias"):
        value = 1.5 * noise
    elif len(shape) == 1 and key.endswith(".weight"):
        value = 1.0 + 0.1 * noise
    elif len(shape) == 1:
        value = 0.1 * noise
    elif key.endswith("relative_position_bias_table"):
        value = 0.5 * noise
    elif key.endswith(EMBEDDINGS):
        value = noise
    else:
        if not key.endswith("patch_embed.proj.weight"):
            noise = noise - noise.reshape(shape[0], -1).mean(1).reshape((-1,) + (1,) * (len(shape) - 1))
        value = noise / np.sqrt(np.prod(shape[1:])) * (4.0 if key.endswith("class_embed.weight") else 1.0)
    return value.astype(np.float32)


def nano_tensors() -> dict[str, Tensor]:
    """A state dict in the published layout and the nano size."""
    return {
        key: torch.from_numpy(fill(key, shape)) if kind == "param" else torch.zeros(shape)
        for key, shape, _, kind in read_json("keys_nano.json")
    }


def published_tensors(arch: Architecture) -> dict[str, Tensor]:
    """A filled state dict in the published layout for any sizes, its names made from ours."""
    with torch.device("meta"):
        ours = CropFormer(arch).state_dict()
    shapes: dict[str, tuple[int, ...]] = {}
    for name, tensor in ours.items():
        key = published_name(name, arch.backbone)
        rows = shapes[key][0] if key in shapes else 0  # query, key and value lie in one tensor
        shapes[key] = (rows + tensor.shape[0], *tensor.shape[1:])
    tensors = {key: torch.from_numpy(fill(key, shape)) for key, shape in shapes.items()}
    return {key: tensor.abs() + 0.5 if "running_var" in key else tensor for key, tensor in tensors.items()}
