"""Weights on disk: safetensors with the architecture in its header, or a published ``.pth`` as data only."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.convert_weights import UnfitWeights, convert_weights, is_detectron2_layout
from ml_worker.cropformer.model import CropFormer

FORMAT = "tessera-cropformer-1"
STARTER = Path(__file__).parent / "starter" / "model.safetensors"


class BadCheckpoint(ValueError):
    """This file cannot be used as a model; the sentence says why and what would do."""


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to be built: sizes, weights, and what its author wrote about it."""

    arch: Architecture
    weights: dict[str, Tensor]
    sha256: str
    settings: dict[str, Any] = field(default_factory=dict)

    def build(self) -> CropFormer:
        model = CropFormer(self.arch)
        model.load_state_dict(self.weights)
        return model.eval()


def save_weights(
    path: Path, model: CropFormer, settings: dict[str, Any], *, dtype: torch.dtype = torch.float32
) -> None:
    """Write weights, architecture and ``settings`` (JSON) in one file, whole or not at all."""
    weights = {key: value.detach().to("cpu", dtype).contiguous() for key, value in model.state_dict().items()}
    header = {
        "format": FORMAT,
        "architecture": json.dumps(model.arch.to_dict()),
        "settings": json.dumps(settings),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder) / path.name
        save_file(weights, part, metadata=header)
        part.chmod(0o644)
        _flush(part)
        part.replace(path)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read ``.safetensors`` of ours, or published weights (``.pth``, ``.safetensors``) in detectron2 layout.

    Raises ``BadCheckpoint`` on a missing, truncated, foreign or non-finite file. A ``.pth`` is read with
    ``weights_only``: nothing in it is executed.
    """
    if not path.is_file():
        raise BadCheckpoint(f"There is no checkpoint at {path}.")
    tensors, header = _read_safetensors(path) if path.suffix == ".safetensors" else (_read_pickle(path), {})
    _refuse_non_finite(path, tensors)
    sha256 = _sha256(path)
    if is_detectron2_layout(tensors):
        try:
            arch, weights = convert_weights(tensors)
        except (UnfitWeights, ValueError) as error:
            raise BadCheckpoint(f"{path.name}: {error}") from error
        return Checkpoint(arch, weights, sha256)
    if header.get("format") != FORMAT:
        raise BadCheckpoint(
            f"{path.name} is no CropFormer checkpoint: expected the format {FORMAT} or published weights."
        )
    arch = _read_architecture(path, header)
    weights = {key: tensor.float() for key, tensor in tensors.items()}
    _refuse_misfit(path, arch, weights)
    return Checkpoint(arch, weights, sha256, json.loads(header.get("settings", "{}")))


def save_training_state(path: Path, state: dict[str, Any]) -> None:
    """Write everything a run needs to go on, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    _flush(part)
    part.replace(path)


def load_training_state(path: Path) -> dict[str, Any]:
    return _read_with_weights_only(path)


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as stream:
            return {key: stream.get_tensor(key) for key in stream.keys()}, stream.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path.name} is damaged or cut short ({error}): copy it again.") from error


def _read_pickle(path: Path) -> dict[str, Tensor]:
    content = _read_with_weights_only(path)
    tensors = content.get("model", content)
    if not isinstance(tensors, dict):
        raise BadCheckpoint(f"{path.name} holds no state dict.")
    as_tensors = {key: torch.as_tensor(value) for key, value in tensors.items()}
    if not is_detectron2_layout(as_tensors):
        raise BadCheckpoint(f"{path.name} is not in the layout of published CropFormer weights.")
    return as_tensors


def _read_with_weights_only(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises anything from EOFError to UnpicklingError on a bad file
        raise BadCheckpoint(
            f"{path.name} cannot be read as plain tensors: it is damaged, or holds code, which is refused."
        ) from error
    if not isinstance(content, dict):
        raise BadCheckpoint(f"{path.name} holds no state dict.")
    return content


def _read_architecture(path: Path, header: dict[str, str]) -> Architecture:
    try:
        return Architecture.from_dict(json.loads(header["architecture"]))
    except (KeyError, ValueError, TypeError) as error:
        raise BadCheckpoint(f"{path.name} does not say which architecture it is for: {error}") from error


def _refuse_misfit(path: Path, arch: Architecture, weights: dict[str, Tensor]) -> None:
    with torch.device("meta"):
        wanted = CropFormer(arch).state_dict()
    wrong = sorted(set(wanted) ^ set(weights))
    wrong += [key for key in wanted if key in weights and wanted[key].shape != weights[key].shape]
    if wrong:
        raise BadCheckpoint(f"{path.name} does not fit its own architecture, first at {wrong[0]}.")


def _refuse_non_finite(path: Path, tensors: dict[str, Tensor]) -> None:
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise BadCheckpoint(
                f"{path.name} holds NaN or infinity in {key}: the training that wrote it failed."
            )
