"""Tensors from a file of unknown origin: sizes are looked at before anything is read, nothing is executed."""

import _codecs
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core.multiarray import _reconstruct
from safetensors import SafetensorError, safe_open
from torch import Tensor

from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.cropformer.unfit_weights import WrongTensors

MOST_NUMBERS = 2**30  # of a model: five times HorNet-L's
MOST_FILE_BYTES = 16 * 2**30  # with an optimizer's state beside the model
# What numpy arrays are pickled with; none of it runs code of the file.
NUMPY_GLOBALS: list[Any] = [
    (_reconstruct, "numpy.core.multiarray._reconstruct"),
    (_reconstruct, "numpy._core.multiarray._reconstruct"),
    np.ndarray,
    np.dtype,
    *(type(np.dtype(name)) for name in ("float16", "float32", "float64", "int32", "int64", "bool")),
    (_codecs.encode, "_codecs.encode"),
]


class BadCheckpoint(WrongTensors):
    """This file cannot be used as a model; the sentence says why and what would do."""


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """(tensors by name, header) of ``.safetensors``, or of a ``.pth`` with a state dict, alone or as "model".

    A ``.pth`` has an empty header; what else lies in it (optimizer, iteration) is left out. Raises
    BadCheckpoint with a sentence.
    """
    if path.stat().st_size > MOST_FILE_BYTES:
        raise BadCheckpoint(Sentence.FILE_TOO_LARGE.about(name=path.name, gib=MOST_FILE_BYTES >> 30))
    if path.suffix == ".safetensors" or _begins_like_safetensors(path):
        tensors, header = _read_safetensors(path)
    else:
        tensors, header = _state_dict(path, read_pickle(path)), {}
    _refuse_huge(path, tensors)
    return tensors, header


def read_pickle(path: Path) -> dict[str, Any]:
    """The dict in a file of torch.save, read with ``weights_only``: tensors, arrays, numbers and strings."""
    zipped = zipfile.is_zipfile(path)
    if zipped:
        _refuse_swelling(path)
    try:
        with torch.serialization.safe_globals(NUMPY_GLOBALS):
            content = torch.load(str(path), map_location="cpu", weights_only=True, mmap=zipped)
    except Exception as error:  # torch raises anything from EOFError to UnpicklingError on a bad file
        raise BadCheckpoint(Sentence.FILE_UNREADABLE.about(name=path.name)) from error
    if not isinstance(content, dict):
        raise BadCheckpoint(f"{path.name} holds no state dict but a {type(content).__name__}.")
    return content


def _begins_like_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{"


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as stream:
            return {key: stream.get_tensor(key) for key in stream.keys()}, stream.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(Sentence.FILE_DAMAGED.about(name=path.name, error=error)) from error


def _state_dict(path: Path, content: Mapping[str, Any]) -> dict[str, Tensor]:
    tensors = content.get("model", content.get("state_dict", content))
    if not isinstance(tensors, dict) or not tensors:
        raise BadCheckpoint(Sentence.NO_STATE_DICT.about(name=path.name))
    as_tensors = {}
    for key, value in tensors.items():
        if not isinstance(key, str) or not isinstance(value, Tensor | np.ndarray):
            raise BadCheckpoint(f"{path.name} holds no state dict: {key!r} is no tensor.")
        try:
            as_tensors[key] = torch.as_tensor(value)
        except TypeError as error:
            raise BadCheckpoint(f"{path.name}: {key} holds no numbers ({error}).") from error
    return as_tensors


def _refuse_swelling(path: Path) -> None:
    """Torch stores its files unpacked: packed ones, or larger inside than outside, are not torch's."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise BadCheckpoint(Sentence.FILE_DAMAGED.about(name=path.name, error=error)) from error
    packed = [entry.filename for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    if packed or sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise BadCheckpoint(Sentence.FILE_PACKED.about(name=path.name))


def _refuse_huge(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """A tensor of a few bytes may claim any shape; nothing may be worked out from it before this look."""
    numbers = sum(tensor.numel() for tensor in tensors.values())
    if numbers > MOST_NUMBERS:
        largest = max(tensors, key=lambda key: tensors[key].numel())
        raise BadCheckpoint(
            f"{path.name} claims {numbers:,} numbers, more than {MOST_NUMBERS:,}: {largest} alone has "
            f"{tensors[largest].numel():,}. That is no model of this kind."
        )
