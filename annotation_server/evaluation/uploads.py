"""Taking files of masks in, and deleting them."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.errors import BadContent, Conflict
from annotation_server.evaluation.models import EvaluationUpload
from annotation_server.evaluation.read_upload import read_upload
from annotation_server.images.upload import Offered, sha256_of
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request, WorkState
from annotation_server.requests.progress import NewJob, when_given_up
from annotation_server.requests.pulse import Pulse

READ = "server.read_evaluation_upload"


def begin_upload(project_id: int, offered: Offered, name: str, *, by: Any) -> EvaluationUpload:
    """Store an uploaded file and have it read.

    The file lies under a random key first, so that no transaction waits for a copy. Raises BadContent for an
    empty file.
    """
    if isinstance(offered.content, bytes) and not offered.content:
        raise BadContent(_("%(file_name)s is empty: choose another file.") % {"file_name": offered.name})
    key = f"uploads/evaluation/{uuid.uuid4().hex}"
    if isinstance(offered.content, Path):
        media.write_file(key, offered.content)
    else:
        media.write(key, offered.content)
    try:
        return _record(project_id, key, sha256_of(offered.content), (name or offered.name)[:200], by=by)
    except BaseException:
        media.delete(key)
        raise


@transaction.atomic
def _record(project_id: int, key: str, sha256: str, name: str, *, by: Any) -> EvaluationUpload:
    upload = EvaluationUpload.objects.create(
        project_id=project_id, name=name, file_key=key, sha256=sha256, created_by=by
    )
    job = NewJob(task=READ, payload={"upload": upload.pk})
    upload.request = progress.start(project_id, Request.Kind.EVALUATE, [job], by=by)
    upload.request.result = {"url": f"/projects/{project_id}/evaluation"}
    upload.request.save(update_fields=["result"])
    upload.save(update_fields=["request"])
    audit.record(by, project_id, "evaluation.upload", upload, name=name, sha256=sha256)
    return upload


def take_in(job: Job, pulse: Pulse) -> None:
    """Read the file of a job's upload; what it says is kept, the file goes."""
    upload = EvaluationUpload.objects.get(pk=job.payload["upload"])
    with media.local_path(upload.file_key) as path:
        kept = read_upload(upload, path, pulse.check)

    def then(ended: Job) -> Sequence[NewJob]:
        upload.state, upload.format = WorkState.SUCCEEDED, kept.format
        upload.images, upload.masks, upload.problems = kept.images, kept.masks, kept.problems
        _forget_file(upload)
        return ()

    progress.finish(job.pk, then)


@when_given_up(READ)
def end_upload(job: Job, reason: str) -> None:
    """The upload says why it was not taken; its file goes."""
    upload = EvaluationUpload.objects.filter(pk=job.payload["upload"]).first()
    if upload is not None:
        upload.state, upload.error = WorkState(job.state), reason
        _forget_file(upload)


def delete_upload(upload: EvaluationUpload, *, by: Any) -> None:
    """Delete an upload and its masks; reports of it keep their figures. Raises Conflict while it is read."""
    if upload.state in WorkState.open_states():
        raise Conflict(_("This file is being read. Cancel its request first."), code="open")
    folder = upload.folder
    with transaction.atomic():
        audit.record(by, upload.project_id, "evaluation.delete_upload", upload, name=upload.name)
        upload.delete()
        transaction.on_commit(lambda: media.delete_folder(folder))


def _forget_file(upload: EvaluationUpload) -> None:
    """Save the row without its file, which goes after the commit; so do masks of one that failed."""
    key, folder, upload.file_key = upload.file_key, upload.folder, ""
    upload.save()
    transaction.on_commit(lambda: media.delete(key))
    if upload.state != WorkState.SUCCEEDED:
        transaction.on_commit(lambda: media.delete_folder(folder))
