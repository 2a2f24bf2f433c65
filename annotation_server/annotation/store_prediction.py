"""Taking in what a model proposed: checked like anything that comes from outside, stored exactly once."""

import json
import math
from typing import Any

from botocore.exceptions import ClientError
from django.db import transaction

from annotation_server import media
from annotation_server.annotation import alternatives
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.start import store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.requests import progress
from annotation_server.requests.models import Job, WorkState
from annotation_server.segmentation.bundle import BadBundle, decode_bundle, decompress_bundle
from annotation_server.segmentation.tiled_map import TiledMap


class BadResult(ValueError):
    """The worker's files are not a prediction of this image; the sentence says why."""


def take_in(job_id: int) -> Annotation | None:
    """Store the prediction that the ML worker has written for a job, and end the job.

    None when the job had ended before (the message came twice, or the job was cancelled), or when the
    result is refused, which fails the job with the reason. The result's files are removed either way.
    """
    job = Job.objects.select_related("image").filter(pk=job_id).first()
    if job is None:
        return None
    result_key = job.payload["message"]["result_key"]
    annotation = None
    if job.state in WorkState.open_states():
        try:
            label_map, scores = _read(job, result_key)
            annotation = _store_once(job, label_map, scores)
        except (BadResult, BadBundle) as error:
            progress.fail(job.pk, f"The worker's result was refused. {error}")
    if annotation is not None:
        alternatives.keep(annotation, result_key)
    media.delete(f"{result_key}.alternatives.json.gz")
    media.delete(f"{result_key}.elm.gz")
    media.delete(f"{result_key}.json")
    return annotation


@transaction.atomic
def _store_once(job: Job, label_map: TiledMap, scores: dict[int, float]) -> Annotation | None:
    still_open = Job.objects.select_for_update().filter(pk=job.pk, state__in=WorkState.open_states())
    version = ModelVersion.objects.filter(pk=job.payload["model_version"]).first()
    if not still_open.exists() or job.image is None or version is None:
        return None
    annotation = store_prediction(job.image, version, label_map, scores)
    progress.finish(job.pk)
    return annotation


def _read(job: Job, result_key: str) -> tuple[TiledMap, dict[int, float]]:
    try:
        bundle, description = media.read(f"{result_key}.elm.gz"), media.read(f"{result_key}.json")
    except (FileNotFoundError, ClientError) as error:
        raise BadResult("Its files are not in the storage.") from error
    label_map, _ = decode_bundle(decompress_bundle(bundle))
    wanted = job.payload["message"]
    if (label_map.width, label_map.height) != (wanted["width"], wanted["height"]):
        raise BadResult(
            f"Its label map has {label_map.width} × {label_map.height} px, the image "
            f"{wanted['width']} × {wanted['height']}."
        )
    return label_map, _scores(description, wanted["checkpoint_sha256"])


def _scores(description: bytes, checkpoint_sha256: str) -> dict[int, float]:
    """Score by entity number; raises BadResult for anything else than the format of docs/."""
    try:
        told = json.loads(description)
        model = told["model"]["sha256"]
        scores = {_number(mask["number"]): _score(mask["score"]) for mask in told["masks"]}
    except (ValueError, KeyError, TypeError) as error:
        raise BadResult(f"Its description cannot be read: {error!r}.") from error
    if checkpoint_sha256 and model != checkpoint_sha256:
        raise BadResult("It was made with other weights than were asked for.")
    return scores


def _number(value: Any) -> int:
    if isinstance(value, int) and 1 <= value <= 65_000:
        return value
    raise ValueError(f"{value!r} is no entity number")


def _score(value: Any) -> float:
    if isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1:
        return float(value)
    raise ValueError(f"{value!r} is no score")
