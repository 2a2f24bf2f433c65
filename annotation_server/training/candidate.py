"""Taking in trained weights: checked against what the trainer says, copied, registered as a candidate."""

import json
import math
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import Refused
from annotation_server.model_registry.checkpoint_files import CheckpointFile, keep_checkpoint
from annotation_server.model_registry.models import ModelVersion
from annotation_server.training.models import TrainingRun


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


def keep_weights(run: TrainingRun, sha256: str, check: Callable[[float], None]) -> CheckpointFile:
    """Copy the trained weights to where checkpoints lie, under the name of their content.

    Raises Refused when they are not those the trainer told of, or no safetensors file.
    """
    try:
        with media.local_path(f"{run.folder}/model.safetensors") as path:
            return keep_checkpoint(path, sha256, check)
    except (FileNotFoundError, ClientError) as error:
        raise Refused(_("The trainer left no weights.")) from error


def candidate_of(run: TrainingRun, weights: CheckpointFile) -> ModelVersion:
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
