"""Checkpoints in the storage, under the name of their content."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import Refused

_PIECE = 4 * 1024**2
_LARGEST_HEADER = 64 * 1024**2


@dataclass(frozen=True, kw_only=True)
class CheckpointFile:
    """A checkpoint in the storage: its key, SHA-256, bytes, and how many parameters it holds."""

    key: str
    sha256: str
    size_bytes: int
    parameters: int


def keep_checkpoint(
    path: Path, sha256: str, check: Callable[[float], None] = lambda share: None
) -> CheckpointFile:
    """Copy a safetensors file to where checkpoints lie, if it is not there yet.

    Raises Refused when its content is not that of ``sha256``, or no safetensors file. ``check`` is called
    with the share read, and may raise to stop.
    """
    if _sha256(path, check) != sha256:
        raise Refused(_("The weights are not those the worker told of."))
    parameters = parameters_of(path)
    key = f"checkpoints/{sha256}.safetensors"
    if not media.exists(key):
        media.write_file(key, path)
    return CheckpointFile(key=key, sha256=sha256, size_bytes=path.stat().st_size, parameters=parameters)


def _sha256(path: Path, check: Callable[[float], None]) -> str:
    digest, size, done = hashlib.sha256(), max(1, path.stat().st_size), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            check(done / size)
    return digest.hexdigest()


def parameters_of(path: Path) -> int:
    """Numbers in all tensors, from the header: u64 LE length, then JSON {name: {shape}} (safetensors).

    Raises Refused for another kind of file.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length <= _LARGEST_HEADER else b""
    try:
        tensors = {name: row for name, row in json.loads(text).items() if name != "__metadata__"}
        return sum(math.prod(row["shape"]) for row in tensors.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(_("The weights are no safetensors file.")) from error
