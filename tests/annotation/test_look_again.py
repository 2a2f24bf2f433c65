"""A new champion looks at the accepted masks, so that its suggestions rest on them at once."""

import numpy as np
import pytest
from kombu import Connection

from annotation_server import media, queue
from annotation_server.annotation.look_again import look_again, plan, take_in
from annotation_server.annotation.models import Annotation, Mask
from annotation_server.annotation.term_vectors import sums_of
from annotation_server.annotation.vector_models import MaskVectors
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.requests import progress
from annotation_server.requests.dispatch import deliver, message_of
from annotation_server.requests.models import Job, Request
from annotation_server.requests.run import run_job
from annotation_server.segmentation.jobs import EmbedJob
from ml_worker.embedding_job import run_embedding
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobCancelled
from ml_worker.storage import FolderStorage


@pytest.fixture
def version(project) -> ModelVersion:
    """The project's own champion, which has the starter's weights."""
    starter = champion_of(project.pk)
    return ModelVersion.objects.create(
        project=project, name="new", stage="champion", checkpoint_sha256=starter.checkpoint_sha256
    )


@pytest.fixture
def accepted(project, anna, make_image, make_annotation):
    """`accepted(named="tree")`: an accepted annotation of two masks."""

    def accepted(**named):
        image = make_image(project, 64, 48)
        label_map = np.repeat([[1] * 32 + [2] * 32], 48, axis=0).astype(np.uint16)
        annotation = make_annotation(image, anna, label_map, **named)
        Annotation.objects.filter(pk=annotation.pk).update(state="accepted")
        return annotation

    return accepted


@pytest.fixture
def plan_all():
    """Plan what is to be looked at, as a worker of the server would; the jobs for the model."""

    def plan_all(request):
        for job in Job.objects.filter(request=request, task="server.plan_vectors", state="queued"):
            run_job(job.pk, plan)
            job.refresh_from_db()
            assert job.state == "succeeded", job.error
        return list(request.jobs.filter(task="ml.embed_masks"))

    return plan_all


@pytest.fixture(scope="module")
def loaded():
    return LoadedModel()


@pytest.fixture
def work(media_root, loaded):
    """Do a job as the ML worker would."""

    def work(job):
        run_embedding(EmbedJob.from_dict(message_of(job)[0]), FolderStorage(media_root), loaded)

    return work


def test_it_works(project, version, accepted, plan_all, work):
    named, unnamed = accepted(named="tree"), accepted()
    request = look_again(project.pk, version)
    (job,) = plan_all(request)
    assert [wanted["annotation"] for wanted in job.payload["message"]["wanted"]] == [named.pk]
    work(job)
    take_in(job.pk)
    request.refresh_from_db()
    assert request.state == "succeeded"
    kept = MaskVectors.objects.get()
    assert (kept.annotation_id, kept.model_sha256) == (named.pk, version.checkpoint_sha256)
    assert kept.map_sha256 == Annotation.objects.get(pk=named.pk).map_sha256
    dim = len(bytes(kept.vectors)) // 4
    assert sums_of(project.pk, version.checkpoint_sha256, dim).counts.tolist() == [2.0]
    assert not media.exists(job.payload["message"]["wanted"][0]["map_key"])
    assert look_again(project.pk, version) is None, "all is seen"
    Mask.objects.filter(annotation=unnamed, number=1).update(term=named.masks.first().term)
    assert look_again(project.pk, version) is not None


def test_what_was_seen_by_another_model_or_before_a_change_is_looked_at_again(project, version, accepted):
    annotation = accepted(named="tree")
    row = MaskVectors.objects.create(
        annotation=annotation,
        map_sha256=annotation.map_sha256,
        model_sha256=version.checkpoint_sha256,
        numbers=b"",
        vectors=b"",
    )
    assert look_again(project.pk, version) is None
    for change in ({"model_sha256": "0" * 64}, {"map_sha256": "0" * 64}):
        MaskVectors.objects.update(
            **{"map_sha256": row.map_sha256, "model_sha256": row.model_sha256, **change}
        )
        assert look_again(project.pk, version) is not None


def test_many_are_planned_in_parts(project, version, accepted, plan_all, monkeypatch):
    monkeypatch.setattr("annotation_server.annotation.look_again.PER_PLAN", 2)
    monkeypatch.setattr("annotation_server.annotation.look_again.PER_JOB", 1)
    for _ in range(3):
        accepted(named="tree")
    request = look_again(project.pk, version)
    assert len(plan_all(request)) == 2
    assert len(plan_all(request)) == 3
    assert not request.jobs.filter(task="server.plan_vectors", state="queued").exists()


def test_a_newer_champion_ends_the_look_of_the_one_before(project, version, accepted, plan_all, work):
    accepted(named="tree")
    first = look_again(project.pk, version)
    (job,) = plan_all(first)
    ModelVersion.objects.filter(pk=version.pk).update(stage="retired")
    newer = ModelVersion.objects.create(
        project=project, name="newer", stage="champion", checkpoint_sha256="1" * 64
    )
    second = look_again(project.pk, newer)
    first.refresh_from_db()
    assert first.state == "cancelled"
    with pytest.raises(JobCancelled):
        work(job)
    take_in(job.pk)
    assert not MaskVectors.objects.exists()
    ModelVersion.objects.filter(pk=newer.pk).update(stage="retired")
    assert plan_all(second) == [], "one that is champion no more looks at nothing"


def test_what_cannot_be_seen_fails_with_the_reason(project, version, accepted, plan_all, work):
    whole, gone = accepted(named="tree"), accepted(named="tree")
    media.delete(gone.image.file_key)
    request = look_again(project.pk, version)
    (job,) = plan_all(request)
    work(job)
    take_in(job.pk)
    request.refresh_from_db()
    assert request.state == "succeeded", "the others count"
    assert MaskVectors.objects.get().annotation_id == whole.pk
    request = look_again(project.pk, version)
    (job,) = plan_all(request)
    work(job)
    take_in(job.pk)
    request.refresh_from_db()
    assert request.state == "failed"
    assert "file is gone" in request.error


def test_a_job_that_is_given_up_leaves_no_files(project, version, accepted, plan_all):
    accepted(named="tree")
    (job,) = plan_all(look_again(project.pk, version))
    assert media.exists(job.payload["message"]["wanted"][0]["map_key"])
    progress.fail(job.pk, "Gave up.")
    assert not media.exists(job.payload["message"]["wanted"][0]["map_key"])


@pytest.mark.services
def test_what_a_person_waits_for_goes_first(project, version, broker):
    background = {"message": {"result_key": "x"}, "in_background": True}
    jobs = [
        progress.NewJob(task="ml.embed_masks", queue=queue.ML, payload=background),
        progress.NewJob(task="ml.predict", queue=queue.ML, payload={"message": {"result_key": "y"}}),
    ]
    request = progress.start(project.pk, Request.Kind.EMBED, jobs)
    deliver(request.jobs.all())
    with Connection(broker) as connection, connection.SimpleQueue(queue.ML) as waiting:
        assert waiting.get(timeout=30).headers["task"] == "ml.predict"
        assert waiting.get(timeout=30).headers["task"] == "ml.embed_masks"


def test_a_model_without_features_is_not_asked(project, version, accepted):
    accepted(named="tree")
    version.architecture = "classical"
    assert look_again(project.pk, version) is None
