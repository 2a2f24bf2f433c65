"""Weights on disk: safetensors with the architecture in its header, or a published ``.pth`` as data only."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.model import CropFormer
from ml_worker.cropformer.published_weights import convert_published, is_published_layout
from ml_worker.cropformer.unfit_weights import UnfitWeights
from ml_worker.saving import replacing
from ml_worker.tensor_files import BadCheckpoint, read_tensors

FORMAT = "tessera-cropformer-1"
STARTER = Path(__file__).parent / "starter" / "model.safetensors"


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
    weights = {key: value.detach().to("cpu", dtype) for key, value in model.state_dict().items()}
    write_weights(path, model.arch, weights, settings)


def write_weights(
    path: Path, arch: Architecture, weights: dict[str, Tensor], settings: dict[str, Any]
) -> None:
    """The same of a state dict; the same input gives the same bytes. Raises CannotSave."""
    header = {
        "format": FORMAT,
        "architecture": json.dumps(arch.to_dict()),
        "settings": json.dumps(settings),
    }
    with replacing(path) as part:
        save_file({key: value.contiguous() for key, value in weights.items()}, part, metadata=header)
        _settle_header(part)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read ``.safetensors`` of ours, or published weights (``.pth``, ``.safetensors``) in detectron2 layout.

    Raises ``BadCheckpoint`` on a missing, truncated, foreign or non-finite file. A ``.pth`` is read with
    ``weights_only``: nothing in it is executed.
    """
    if not path.is_file():
        raise BadCheckpoint(Sentence.NO_CHECKPOINT.about(path=path))
    tensors, header = read_tensors(path)
    if header.get("format") == FORMAT:
        arch = _read_architecture(path, header)
        weights = {key: tensor.float() for key, tensor in tensors.items()}
        _refuse_misfit(path, arch, weights)
        settings = _read_settings(path, header)
    elif is_published_layout(tensors):
        arch, weights = _converted(path, tensors)
        settings = {}
    else:
        raise BadCheckpoint(_what_else(path, tensors))
    _refuse_non_finite(path, weights)
    return Checkpoint(arch, weights, sha256_of(path), settings)


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _converted(path: Path, tensors: dict[str, Tensor]) -> tuple[Architecture, dict[str, Tensor]]:
    try:
        return convert_published(tensors)
    except UnfitWeights as error:
        raise BadCheckpoint(
            f"{path.name}: {error}",
            unknown=error.unknown,
            missing=error.missing,
            misshapen=error.misshapen,
        ) from error


def _what_else(path: Path, tensors: dict[str, Tensor]) -> str:
    """What a file is that holds neither our model nor a published one, and what to take in its place."""
    if any(key.startswith("pixel_level.") for key in tensors):
        return Sentence.STATE_OF_A_RUN.about(name=path.name)
    if any(key.startswith(("model.pixel_level_module.", "pixel_level_module.")) for key in tensors):
        return Sentence.OTHER_LAYOUT.about(name=path.name)
    names = ", ".join(sorted(tensors)[:3])
    return Sentence.OTHER_MODEL.about(name=path.name, tensors=names, format=FORMAT)


def _settle_header(path: Path) -> None:
    """Put the header's entries in order, which safetensors writes in a different one each time."""
    with path.open("r+b") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        settled = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        if len(settled) > length:
            raise ValueError(f"The header of {path.name} grew from {length} to {len(settled)} bytes.")
        stream.seek(8)
        stream.write(settled.ljust(length))


def _read_architecture(path: Path, header: dict[str, str]) -> Architecture:
    try:
        return Architecture.from_dict(json.loads(header["architecture"]))
    except (KeyError, ValueError, TypeError) as error:
        raise BadCheckpoint(f"{path.name} does not say which architecture it is for: {error}") from error


def _read_settings(path: Path, header: dict[str, str]) -> dict[str, Any]:
    try:
        settings = json.loads(header.get("settings", "{}"))
    except ValueError as error:
        raise BadCheckpoint(f"The settings in {path.name} cannot be read: {error}.") from error
    if not isinstance(settings, dict):
        raise BadCheckpoint(f"The settings in {path.name} are no JSON object.")
    return settings


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
            raise BadCheckpoint(Sentence.NOT_FINITE_WEIGHTS.about(name=path.name, tensor=key))
