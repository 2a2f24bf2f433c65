"""Working a report out: some images a job, then one job that sums them up."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.consistency.figures import finished_parts, measure_image
from annotation_server.consistency.models import Study, StudyImage, StudyPart
from annotation_server.consistency.protocol import find_study
from annotation_server.consistency.report import report_bytes, report_of
from annotation_server.errors import Conflict
from annotation_server.projects.models import Role
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request, WorkState
from annotation_server.requests.progress import NewJob
from annotation_server.requests.pulse import Pulse

MEASURE = "server.measure_study_images"
SUM_UP = "server.sum_up_study"
PER_JOB = 16
_OF_MEASURING = 0.95  # of the whole work


@transaction.atomic
def work_out(user: Any, study_id: int) -> Request:
    """Have a study's report worked out; the request that is under way if there is one.

    Images whose maps have not changed since are not measured again. Raises NotAllowed (below admin) and
    Conflict (``nothing_done``, ``state``).
    """
    find_study(user, study_id, Role.ADMIN)
    study = Study.objects.select_for_update(of=("self",)).select_related("request").get(pk=study_id)
    if study.state in (Study.State.PLANNED, Study.State.CANCELLED):
        raise Conflict(
            _("This cannot be done with a study that is: %(state)s.")
            % {"state": _(study.get_state_display())},
            code="state",
            state=study.state,
        )
    if study.request is not None and study.request.is_open:
        return study.request
    images = _images_done(study)
    if not images:
        raise Conflict(_("Nobody has drawn anything for this study yet."), code="nothing_done")
    pieces = [images[at : at + PER_JOB] for at in range(0, len(images), PER_JOB)]
    share = _OF_MEASURING / len(pieces)
    jobs = [
        NewJob(task=MEASURE, payload={"study": study.pk, "images": piece}, share=share) for piece in pieces
    ]
    study.request = progress.start(study.project_id, Request.Kind.STUDY, jobs, by=user)
    study.request.result = {"url": f"/projects/{study.project_id}/studies/{study.pk}"}
    study.request.save(update_fields=["result"])
    study.save(update_fields=["request"])
    audit.record(user, study.project_id, "study.work_out", study, images=len(images))
    return study.request


def has_work(study: Study) -> bool:
    """Whether anything is done that a report could tell of."""
    return bool(_images_done(study))


def measure_images(job: Job, pulse: Pulse) -> None:
    """Measure the images of a job; the last one to end has the report summed up."""
    rows = StudyImage.objects.filter(pk__in=job.payload["images"]).select_related(
        "study", "first__assignment"
    )
    for place, one in enumerate(rows.order_by("order")):
        pulse.check(place / len(job.payload["images"]))
        figures = measure_image(one)
        if figures is not one.figures:
            StudyImage.objects.filter(pk=one.pk).update(figures=figures)
    progress.finish(job.pk, _then_sum_up)


def sum_up(job: Job, pulse: Pulse) -> None:
    """Write the report under the name of its content, and let the study name it."""
    study = Study.objects.get(pk=job.payload["study"])
    content = report_bytes(report_of(study, pulse.check))
    study.report_sha256 = hashlib.sha256(content).hexdigest()
    media.write(study.report_key, content)
    pulse.check(1.0)
    Study.objects.filter(pk=study.pk).update(report_sha256=study.report_sha256)


def _then_sum_up(job: Job) -> Sequence[NewJob]:
    measuring = job.request.jobs.filter(task=MEASURE, state__in=WorkState.open_states())
    if measuring.exists() or job.request.jobs.filter(task=SUM_UP).exists():
        return ()
    return [NewJob(task=SUM_UP, payload={"study": job.payload["study"]}, share=1 - _OF_MEASURING)]


def _images_done(study: Study) -> list[int]:
    done = finished_parts(study).filter(phase=StudyPart.Phase.MASKS)
    return list(done.order_by("study_image__order").values_list("study_image", flat=True).distinct())
