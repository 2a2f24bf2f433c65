"""Evaluating champion and candidate on the same frozen images, some images a job; nothing is done twice."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError
from django.conf import settings
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.model_registry.models import ModelVersion
from annotation_server.queue import ML
from annotation_server.requests.progress import NewJob
from annotation_server.segmentation.jobs import EvaluateJob
from annotation_server.training.give_up import EVALUATE, SHARES
from annotation_server.training.models import TrainingRun

EVALUATIONS = "evaluations"
IMAGES_A_JOB = 32
SIDES = ("truth", "champion", "candidate")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A model as it is evaluated: weights and the options it proposes with."""

    architecture: str
    checkpoint_key: str
    checkpoint_sha256: str
    options: dict[str, Any]

    @classmethod
    def of(cls, version: ModelVersion) -> Self:
        return cls(**version.as_asked())


def judged_examples(run: TrainingRun) -> list[dict[str, Any]]:
    """The frozen images that both models are evaluated on; none before they are frozen."""
    try:
        return list(json.loads(media.read(run.judged_key))["examples"])
    except (FileNotFoundError, ClientError):
        return []


def results_key(model: Judged, examples: Sequence[dict[str, Any]]) -> str:
    """Storage prefix of a model's results: the same for the same weights, options, images and code."""
    images = [(row["image"], row["image_key"], row["map_sha256"]) for row in examples]
    version = settings.SPECTACULAR_SETTINGS["VERSION"]
    told = [model.architecture, model.checkpoint_sha256, model.options, images, version]
    return f"{EVALUATIONS}/{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]}"


def shown_map_key(run: TrainingRun, image: int, side: str) -> str:
    """Storage key of what a model saw in an image that the run's page shows."""
    return f"{run.folder}/maps/{image}-{side}.elm.gz"


def bundle_of(run: TrainingRun, image: int, side: str) -> str:
    """Storage key of the label map of one of SIDES of a judged image; raises NotFound if there is none."""
    examples = judged_examples(run)
    row = next((row for row in examples if row["image"] == image), None)
    if side == "truth" and row is not None:
        return str(row["map_key"])
    model = {"champion": run.champion, "candidate": run.candidate}.get(side)
    if row is None or model is None:
        raise NotFound(_("This image is not among those that the training was judged by."))
    kept = shown_map_key(run, image, side)
    return kept if media.exists(kept) else f"{results_key(Judged.of(model), examples)}/{image}.elm.gz"


def evaluation_jobs(
    run: TrainingRun,
    models: Sequence[Judged],
    examples: Sequence[dict[str, Any]],
    check: Callable[[float], None],
) -> list[NewJob]:
    """Jobs for images that a model has no results of yet; ``check`` is called with the share looked at."""
    missing: list[tuple[Judged, str, list[int]]] = []
    for place, model in enumerate(models):
        key = results_key(model, examples)
        images = []
        for done, row in enumerate(examples):
            check((place + done / len(examples)) / len(models))
            if not _is_done(key, row["image"]):
                images.append(row["image"])
        parts = range(0, len(images), IMAGES_A_JOB)
        missing += [(model, key, images[at : at + IMAGES_A_JOB]) for at in parts]
    share = SHARES[EVALUATE] / max(1, len(missing))
    return [_job(run, model, key, images, share) for model, key, images in missing]


def _is_done(key: str, image: int) -> bool:
    return media.exists(f"{key}/{image}.json") and media.exists(f"{key}/{image}.elm.gz")


def _job(run: TrainingRun, model: Judged, key: str, images: list[int], share: float) -> NewJob:
    job = EvaluateJob(
        job_id=0,
        examples_key=run.judged_key,
        images=images,
        result_key=key,
        architecture=model.architecture,
        checkpoint_key=model.checkpoint_key,
        checkpoint_sha256=model.checkpoint_sha256,
        options=model.options,
    )
    return NewJob(task=EVALUATE, queue=ML, payload={"run": run.pk, "message": job.without_id()}, share=share)
