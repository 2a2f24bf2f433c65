"""Asking a model version to pre-annotate images: one job for the ML worker per image."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.errors import Conflict, NotFound, NotReady
from annotation_server.images.models import Image
from annotation_server.images.rows import in_work_state, with_work
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.queue import ML
from annotation_server.requests import progress
from annotation_server.requests.models import Request, WorkState
from annotation_server.segmentation.jobs import PredictJob

TASK = "ml.predict"
AUTOMATIC = "New images, by themselves."


def predict(
    project_id: int, version: ModelVersion, image_ids: Sequence[int] | None, *, by: Any = None
) -> Request:
    """Start predicting the images named, or all that nobody has started and no model has seen.

    Raises NotFound for images of other projects, NotReady for images still being prepared and Conflict
    when there is nothing to do.
    """
    images = _untouched(project_id) if image_ids is None else _chosen(project_id, image_ids)
    jobs = _jobs(version, images)
    if not jobs:
        raise Conflict(
            _(
                "Every image is begun, has a prediction, or has one on its way. "
                "Choose images to predict again."
            ),
            code="nothing_to_do",
        )
    with transaction.atomic():
        request = progress.start(project_id, Request.Kind.PREDICT, jobs, by=by)
        audit.record(by, project_id, "model.predict", version, images=len(jobs), request=request.pk)
    return request


def pre_annotate(image: Image) -> Request | None:
    """Let the champion predict a new image, if its project wants that; None where nothing is to be done.

    Images that become ready one after the other share one request while it is open.
    """
    version = champion_of(image.project_id)
    if not image.project.pre_annotate or version is None:
        return None
    jobs = _jobs(version, _untouched(image.project_id).filter(pk=image.pk))
    if not jobs:
        return None
    with transaction.atomic():
        request = (
            Request.objects.select_for_update()
            .filter(
                project_id=image.project_id,
                kind=Request.Kind.PREDICT,
                message=AUTOMATIC,
                state__in=WorkState.open_states(),
            )
            .first()
        )
        if request is None:
            return progress.start(image.project_id, Request.Kind.PREDICT, jobs, message=AUTOMATIC)
        progress.add_jobs(request, jobs)
        return request


def _untouched(project_id: int) -> QuerySet[Image]:
    """Ready images without an assignment, a prediction, or a prediction on its way."""
    images = with_work(Image.objects.filter(project_id=project_id, state=Image.State.READY))
    coming = Image.objects.filter(jobs__task=TASK, jobs__state__in=WorkState.open_states())
    return in_work_state(images, "none").exclude(pk__in=coming.values("pk")).order_by("id")


def _chosen(project_id: int, image_ids: Sequence[int]) -> list[Image]:
    images = list(Image.objects.filter(project_id=project_id, pk__in=image_ids).order_by("id"))
    if missing := set(image_ids) - {image.pk for image in images}:
        raise NotFound(_("This project has no image %(missing)s.") % {"missing": min(missing)})
    for image in images:
        if image.state != Image.State.READY:
            raise NotReady(
                _("%(file_name)s is not ready: %(reason)s.")
                % {"file_name": image.file_name, "reason": image.error or _("it is still being prepared")}
            )
    return images


def _jobs(version: ModelVersion, images: Iterable[Image]) -> list[progress.NewJob]:
    return [
        progress.NewJob(task=TASK, queue=ML, image_id=image.pk, payload=_payload(version, image))
        for image in images
    ]


def _payload(version: ModelVersion, image: Image) -> dict[str, Any]:
    """Who predicts, and the PredictJob but for the job's id, which is added when it is sent."""
    job = PredictJob(
        job_id=0,
        image_key=image.file_key,
        width=image.width,
        height=image.height,
        result_key=f"predictions/{uuid.uuid4().hex}",
        **version.as_asked(),
    )
    return {"model_version": version.pk, "message": job.without_id()}
