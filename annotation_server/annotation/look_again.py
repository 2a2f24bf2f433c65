"""Letting a new champion look at accepted masks, so that it can suggest names at once.

Vectors of different models cannot be compared: what an earlier champion saw counts for nothing once another
serves the project. A request goes through the accepted annotations with names, some at a time; the editor
goes on meanwhile with what there is, and asks for its own annotation as it always does.
"""

import gzip
import logging
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from botocore.exceptions import ClientError
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.mask_vectors import keep_answer, vectors_wanted
from annotation_server.annotation.models import Annotation, Mask
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.queue import ML
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request, WorkState
from annotation_server.requests.progress import NewJob, when_given_up
from annotation_server.requests.pulse import Pulse
from annotation_server.segmentation.jobs import EmbedJob

log = logging.getLogger(__name__)

PLAN = "server.plan_vectors"
TASK = "ml.embed_masks"
PER_JOB = 16
PER_PLAN = 256
WITHOUT_FEATURES = ("classical",)


def look_again(project_id: int, version: ModelVersion, *, by: Any = None) -> Request | None:
    """Have the project's new champion look at accepted, named masks; None where there are none.

    A look of an earlier champion that is still under way is called off.
    """
    earlier = Request.objects.filter(
        project_id=project_id, kind=Request.Kind.EMBED, state__in=WorkState.open_states()
    )
    for request_id in earlier.values_list("pk", flat=True):
        progress.cancel(request_id)
    if version.architecture in WITHOUT_FEATURES or not _unseen(project_id, version).exists():
        return None
    return progress.start(project_id, Request.Kind.EMBED, [_plan(version, after=0)], by=by)


def plan(job: Job, pulse: Pulse) -> None:
    """Add the jobs for the next annotations, and the next plan where more are left."""
    version = ModelVersion.objects.get(pk=job.payload["model_version"])
    project_id = job.request.project_id
    champion = champion_of(project_id)
    found: list[Annotation] = []
    if champion is not None and champion.pk == version.pk:
        unseen = _unseen(project_id, version).filter(pk__gt=job.payload["after"])
        found = list(unseen.select_related("image").order_by("pk")[:PER_PLAN])
    jobs = []
    for at in range(0, len(found), PER_JOB):
        pulse.check(at / len(found))
        jobs.append(_job(version, found[at : at + PER_JOB]))
    if len(found) == PER_PLAN:
        jobs.append(_plan(version, after=found[-1].pk))
    progress.finish(job.pk, lambda ended: jobs)


def take_in(job_id: int) -> None:
    """Keep what the worker saw of some annotations, and end their job; its files are removed.

    It fails where nothing could be seen, with the first reason.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None or job.state not in WorkState.open_states():
        return
    message = job.payload["message"]
    reasons = [_kept(message["result_key"], wanted["annotation"]) for wanted in message["wanted"]]
    if all(reasons):
        progress.fail(job.pk, reasons[0])
    else:
        progress.finish(job.pk)
    media.delete_folder(message["result_key"])


def _kept(result_key: str, annotation_id: int) -> str:
    """Keep one annotation's vectors; the reason why not, empty where they are kept."""
    try:
        told = orjson.loads(gzip.decompress(media.read(f"{result_key}/{annotation_id}.json.gz")))
    except (FileNotFoundError, ClientError, OSError, EOFError, ValueError):
        told = {}
    answer = told.get("answer") if isinstance(told, dict) else None
    if isinstance(answer, dict) and keep_answer(annotation_id, answer):
        return ""
    reason = str(told.get("error") or _("The answer could not be read."))
    log.warning("The masks of annotation %s were not looked at. %s", annotation_id, reason)
    return reason


@when_given_up(TASK)
def _clear_up(job: Job, reason: str) -> None:
    """Tell a worker that is at it to stop; what it has written is not wanted."""
    result_key = job.payload["message"]["result_key"]
    media.delete_folder(result_key)
    if job.state == WorkState.CANCELLED:
        media.write(f"{result_key}/cancelled", b"")


def _unseen(project_id: int, version: ModelVersion) -> QuerySet[Annotation]:
    """Accepted annotations with a name, of which there are no vectors of the map as it is by this model."""
    named = Mask.objects.filter(annotation=OuterRef("pk"), term__isnull=False, deleted=False, area__gt=0)
    seen = Q(vectors__model_sha256=version.checkpoint_sha256, vectors__map_sha256=F("map_sha256"))
    return accepted(project_id).filter(Exists(named)).exclude(seen)


def _plan(version: ModelVersion, *, after: int) -> NewJob:
    return NewJob(task=PLAN, payload={"model_version": version.pk, "after": after})


def _job(version: ModelVersion, annotations: Sequence[Annotation]) -> NewJob:
    result_key = f"embeddings/{uuid.uuid4().hex}"
    job = EmbedJob(
        job_id=0,
        result_key=result_key,
        wanted=[
            vectors_wanted(one, version, f"{result_key}/map-{one.pk}.elm.gz").to_dict() for one in annotations
        ],
    )
    return NewJob(task=TASK, queue=ML, payload={"message": job.without_id(), "in_background": True})
