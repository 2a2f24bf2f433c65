"""Importing published checkpoints: uploaded and converted by the ML worker, or converted on this machine."""

import json
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit, media
from annotation_server.errors import BadContent, Refused
from annotation_server.images.upload import Offered
from annotation_server.model_registry.checkpoint_files import CheckpointFile, keep_checkpoint
from annotation_server.model_registry.models import ModelVersion
from annotation_server.queue import ML
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request, WorkState
from annotation_server.segmentation.jobs import ImportJob

TASK = "ml.import_checkpoint"
CONVERTER = "ml_worker.cropformer.convert_weights"
KINDS = ("cropformer", "mask2former")


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What a converter tells of weights: which model, its sizes, and the checksums of both files."""

    architecture: str
    sizes: dict[str, Any]
    sha256: str
    source_sha256: str

    @classmethod
    def from_told(cls, told: Any) -> "Imported":
        """Read the converter's JSON; raises Refused when it is none."""
        try:
            kind, sizes = told["kind"], told["architecture"]
            sha256, source = told["sha256"], told["source_sha256"]
        except (KeyError, TypeError) as error:
            raise Refused(_("What the worker tells of the weights cannot be read.")) from error
        if kind not in KINDS or not isinstance(sizes, dict) or not all(map(_is_sha256, (sha256, source))):
            raise Refused(_("What the worker tells of the weights cannot be read."))
        return cls(architecture=kind, sizes=sizes, sha256=sha256, source_sha256=source)


def begin_import(project_id: int, offered: Offered, name: str, *, by: Any) -> Request:
    """Store an uploaded checkpoint and have it converted; the request ends with a candidate, or says why not.

    The file lies under a random key first, so that no transaction waits for a copy.
    """
    if isinstance(offered.content, bytes) and not offered.content:
        raise BadContent(_("%(file_name)s is empty: choose another file.") % {"file_name": offered.name})
    upload_key = f"uploads/checkpoints/{uuid.uuid4().hex}"
    _write(upload_key, offered.content)
    job = ImportJob(
        job_id=0,
        upload_key=upload_key,
        file_name=offered.name,
        result_key=f"imports/{uuid.uuid4().hex}",
    )
    payload = {"name": name or offered.name, "message": job.without_id()}
    new = progress.NewJob(task=TASK, queue=ML, payload=payload)
    try:
        with transaction.atomic():
            request = progress.start(project_id, Request.Kind.IMPORT, [new], by=by)
            audit.record(by, project_id, "model.import", request, file_name=offered.name, name=name)
    except BaseException:
        media.delete(upload_key)
        raise
    return request


def take_in(job_id: int) -> ModelVersion | None:
    """Register the weights that the ML worker has converted, and end the job; its files are removed.

    None when the job had ended before, or when the result is refused, which fails it with the reason.
    """
    job = Job.objects.select_related("request").filter(pk=job_id).first()
    if job is None:
        return None
    version = None
    if job.state in WorkState.open_states():
        try:
            version = _take_in(job)
        except Refused as refusal:
            progress.fail(job.pk, refusal.sentence)
    _forget_files(job)
    return version


def import_here(path: Path, name: str, project_id: int | None) -> tuple[ModelVersion, bool]:
    """Convert a file of this machine, in a process of its own, and register it; (version, whether it is new).

    The server itself has no torch. Raises Refused with the converter's sentence.
    """
    with tempfile.TemporaryDirectory(prefix="tessera-import-") as folder:
        target = Path(folder) / "converted.safetensors"
        told = Imported.from_told(_converted(path, target))
        kept = keep_checkpoint(target, told.sha256)
    return register(project_id, name, kept, told)


@transaction.atomic
def register(
    project_id: int | None, name: str, kept: CheckpointFile, told: Imported
) -> tuple[ModelVersion, bool]:
    """The candidate of these weights in this project, or for all; (version, whether it is new)."""
    same = ModelVersion.objects.filter(checkpoint_sha256=kept.sha256)
    own = same.filter(project=None) if project_id is None else same.filter(project_id=project_id)
    known = own.first()
    if known is not None:
        return known, False
    version = ModelVersion.objects.create(
        project_id=project_id,
        name=name[:200],
        architecture=told.architecture,
        checkpoint_key=kept.key,
        checkpoint_sha256=kept.sha256,
        config={"architecture": told.sizes, "source_sha256": told.source_sha256},
        origin=f"Imported from published weights (SHA-256 {told.source_sha256[:12]}…).",
        parameters=kept.parameters,
        size_bytes=kept.size_bytes,
    )
    return version, True


@progress.when_given_up(TASK)
def _forget(job: Job, reason: str) -> None:
    """Remove what was uploaded for an import that failed or was called off."""
    transaction.on_commit(lambda: _forget_files(job))


def _take_in(job: Job) -> ModelVersion | None:
    result_key = job.payload["message"]["result_key"]
    try:
        told = Imported.from_told(json.loads(media.read(f"{result_key}.json")))
        with media.local_path(f"{result_key}.safetensors") as path:
            kept = keep_checkpoint(path, told.sha256)
    except (FileNotFoundError, ClientError, ValueError) as error:
        raise Refused(_("The worker's result is gone or cannot be read. Import the file again.")) from error
    registered: list[ModelVersion] = []

    def then(ended: Job) -> list[progress.NewJob]:
        version, _is_new = register(job.request.project_id, job.payload["name"], kept, told)
        registered.append(version)
        result = {"model_version": version.pk, "url": f"/projects/{job.request.project_id}/models"}
        Request.objects.filter(pk=job.request_id).update(result=result)
        audit.record(job.request.created_by, job.request.project_id, "model.imported", version)
        return []

    progress.finish(job.pk, then)
    return registered[0] if registered else None


def _converted(source: Path, target: Path) -> Any:
    """What the converter prints; raises Refused with its sentence."""
    ended = subprocess.run(
        [sys.executable, "-m", CONVERTER, str(source.resolve()), str(target)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        told = json.loads(ended.stdout)
    except ValueError:
        last = (ended.stderr.strip().splitlines() or [_("it said nothing")])[-1]
        raise Refused(_("The converter stopped: %(reason)s") % {"reason": last}) from None
    if ended.returncode:
        raise Refused(str(told.get("error", _("The converter refused these weights."))))
    return told


def _write(key: str, content: Path | bytes) -> None:
    if isinstance(content, Path):
        media.write_file(key, content)
    else:
        media.write(key, content)


def _forget_files(job: Job) -> None:
    message = job.payload["message"]
    for key in (
        message["upload_key"],
        f"{message['result_key']}.safetensors",
        f"{message['result_key']}.json",
    ):
        media.delete(key)


def _is_sha256(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)
