"""Importing checkpoints: over HTTP through the ML worker, and by the operator's command."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import torch
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation_server import media
from annotation_server.audit import AuditEvent
from annotation_server.model_registry.importing import TASK, take_in
from annotation_server.model_registry.models import ModelVersion
from annotation_server.requests import progress
from annotation_server.requests.dispatch import message_of
from annotation_server.requests.models import Job, Request
from annotation_server.segmentation.jobs import ImportJob
from ml_worker.import_job import run_import
from ml_worker.refusals import JobRefused
from ml_worker.storage import FolderStorage
from tests.ml_worker.conftest import TINY
from tests.ml_worker.golden import published_tensors

URL = "/api/v1/model-versions/import"
BIAS = "sem_seg_head.predictor.class_embed.bias"


@pytest.fixture(scope="module")
def published() -> bytes:
    """A small checkpoint in the published layout."""
    content = BytesIO()
    torch.save({"model": published_tensors(TINY), "iteration": 9}, content)
    return content.getvalue()


def upload(client: Any, project: Any, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("model_final.pth", content, "application/octet-stream")
    return client.post(URL, {"project": project.pk, "file": file, **fields}, format="multipart")


def work(job: Job, media_root: Path) -> None:
    """What the ML worker does, and reports, with a job."""
    try:
        run_import(ImportJob.from_dict(*message_of(job)), FolderStorage(media_root))
    except JobRefused as refusal:
        progress.fail(job.pk, str(refusal))
    else:
        take_in(job.pk)


def files_of(job: Job) -> list[str]:
    message = job.payload["message"]
    keys = (message["upload_key"], *(message["result_key"] + end for end in (".safetensors", ".json")))
    return [key for key in keys if media.exists(key)]


def test_it_works(project, ada, client_of, published, media_root) -> None:
    answer = upload(client_of(ada), project, published, name="CropFormer Swin-T")
    assert answer.status_code == 202
    request = Request.objects.get(pk=answer.json()["request"])
    job = request.jobs.get()
    assert (request.kind, job.task, job.queue, len(files_of(job))) == ("import", TASK, "ml", 1)

    work(job, media_root)
    request.refresh_from_db()
    version = ModelVersion.objects.get(pk=request.result["model_version"])
    assert (request.state, version.name, version.stage) == ("succeeded", "CropFormer Swin-T", "candidate")
    assert (version.project, version.architecture) == (project, "cropformer")
    assert version.config["architecture"]["queries"] == TINY.queries
    assert version.size_bytes == media.size(version.checkpoint_key)
    assert version.parameters > 10_000
    assert files_of(job) == []
    verbs = AuditEvent.objects.filter(actor=ada, project=project).values_list("verb", flat=True)
    assert set(verbs) == {"model.import", "model.imported"}


def test_the_same_weights_are_registered_once(project, ada, client_of, published, media_root) -> None:
    for _ in range(2):
        upload(client_of(ada), project, published)
    for job in Job.objects.all():
        work(job, media_root)
        take_in(job.pk)  # the message comes twice
    assert ModelVersion.objects.filter(project=project).count() == 1
    assert set(Request.objects.values_list("state", flat=True)) == {"succeeded"}


@pytest.mark.django_db
def test_refused_weights_fail_the_request_with_the_sentence(project, ada, client_of, media_root) -> None:
    tensors = published_tensors(TINY)
    del tensors[BIAS]
    content = BytesIO()
    torch.save(tensors, content)
    upload(client_of(ada), project, content.getvalue())
    job = Job.objects.get()
    work(job, media_root)
    job.request.refresh_from_db()
    assert job.request.state == "failed"
    assert job.request.error == f"model_final.pth: These weights make no CropFormer; missing: {BIAS}."


def test_files_of_what_was_called_off_are_removed(
    project, ada, client_of, published, media_root, django_capture_on_commit_callbacks
) -> None:
    upload(client_of(ada), project, published)
    job = Job.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        progress.cancel(job.request_id)
    assert files_of(job) == []


def test_a_result_that_is_not_what_was_told_is_refused(
    project, ada, client_of, published, media_root
) -> None:
    upload(client_of(ada), project, published)
    job = Job.objects.get()
    run_import(ImportJob.from_dict(*message_of(job)), FolderStorage(media_root))
    media.write(job.payload["message"]["result_key"] + ".safetensors", b"something else")
    assert take_in(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The weights are not those the worker told of.")


def test_only_admins_import_and_not_without_a_file_or_beyond_the_limit(
    project, ada, carl, eve, client_of, published, settings
) -> None:
    assert upload(client_of(carl), project, published).status_code == 403
    assert upload(client_of(eve), project, published).status_code == 404
    assert upload(client_of(ada), project, b"").status_code == 422
    missing = client_of(ada).post(URL, {"project": project.pk}, format="multipart")
    assert (missing.status_code, "file" in missing.json()["fields"]) == (400, True)
    settings.MAX_CHECKPOINT_BYTES = 1000
    too_large = upload(client_of(ada), project, published)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")
    assert not Job.objects.exists()


@pytest.mark.workers
def test_the_command_registers_and_makes_champion(project, published, tmp_path) -> None:
    (tmp_path / "swin.pth").write_bytes(published)
    out = StringIO()
    call_command("import_checkpoint", tmp_path / "swin.pth", project=project.pk, champion=True, stdout=out)
    version = ModelVersion.objects.get(project=project)
    assert (version.name, version.stage) == ("swin.pth", "champion")
    assert media.exists(version.checkpoint_key)
    assert out.getvalue().startswith(f"Registered: swin.pth, number {version.pk} (cropformer, ")


def test_the_command_wants_a_file_that_is_there(db, tmp_path) -> None:
    with pytest.raises(CommandError, match="no file"):
        call_command("import_checkpoint", tmp_path / "gone.pth")
