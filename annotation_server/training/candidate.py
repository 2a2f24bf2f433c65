"""Taking in trained weights: checked against what the trainer says, copied, registered as a candidate."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import Refused
from annotation_server.model_registry.models import ModelVersion
from annotation_server.training.models import TrainingRun

_PIECE = 4 * 1024**2
_LARGEST_HEADER = 64 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A checkpoint in the storage: its key, SHA-256, bytes, and how many parameters it holds."""

    key: str
    sha256: str
    size_bytes: int
    parameters: int


def read_outcome(run: TrainingRun, job_id: int) -> dict[str, Any]:
    """The trainer's ``result.json``; raises Refused when it is not of this job or cannot be read."""
    try:
        told = json.loads(media.read(f"{run.folder}/result.json"))
    except (FileNotFoundError, ClientError) as error:
        raise Refused(_("The trainer left no result.")) from error
    except ValueError as error:
        raise Refused(_("The trainer's result cannot be read.")) from error
    if not isinstance(told, dict) or told.get("job_id") != job_id or not isinstance(told.get("sha256"), str):
        raise Refused(_("The trainer's result is not of this training."))
    return {name: value for name, value in told.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    """Whether the database's JSON takes it: NaN and infinity are no JSON."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_is_plain(inside) for inside in value.values())
    return not isinstance(value, list) or all(_is_plain(inside) for inside in value)


def keep_weights(run: TrainingRun, sha256: str, check: Callable[[float], None]) -> Weights:
    """Copy the trained weights to where checkpoints lie, under the name of their content.

    Raises Refused when they are not those the trainer told of, or no safetensors file.
    """
    try:
        with media.local_path(f"{run.folder}/model.safetensors") as path:
            if _sha256(path, check) != sha256:
                raise Refused(_("The trained weights are not those the trainer told of."))
            parameters = _parameters(path)
            key = f"checkpoints/{sha256}.safetensors"
            if not media.exists(key):
                media.write_file(key, path)
            return Weights(key=key, sha256=sha256, size_bytes=path.stat().st_size, parameters=parameters)
    except (FileNotFoundError, ClientError) as error:
        raise Refused(_("The trainer left no weights.")) from error


def candidate_of(run: TrainingRun, weights: Weights) -> ModelVersion:
    """The candidate, not saved yet; it proposes with the same options as the champion it comes from."""
    before = run.started_from
    return ModelVersion(
        project_id=run.project_id,
        name=f"{'night' if run.kind == TrainingRun.Kind.NIGHTLY else 'training'} {run.pk}",
        architecture=before.architecture,
        checkpoint_key=weights.key,
        checkpoint_sha256=weights.sha256,
        config=before.config,
        origin=f"Trained from “{before.name}” on {run.masks} masks of {run.images} images of this project.",
        parameters=weights.parameters,
        size_bytes=weights.size_bytes,
    )


def _sha256(path: Path, check: Callable[[float], None]) -> str:
    digest, size, done = hashlib.sha256(), max(1, path.stat().st_size), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            check(done / size)
    return digest.hexdigest()


def _parameters(path: Path) -> int:
    """Numbers in all tensors, from the header: u64 LE length, then JSON {name: {shape}} (safetensors)."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length <= _LARGEST_HEADER else b""
    try:
        tensors = {name: row for name, row in json.loads(text).items() if name != "__metadata__"}
        return sum(math.prod(row["shape"]) for row in tensors.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(_("The trained weights are no safetensors file.")) from error
