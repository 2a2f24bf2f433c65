"""From asking a model for predictions to frozen annotations, and everything that can be wrong between."""

import json
from typing import Any

import numpy as np
import pytest

from annotation_server import media
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.store_prediction import take_in
from annotation_server.errors import Conflict
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.predict import pre_annotate, predict
from annotation_server.model_registry.register import (
    champion_of,
    comparing_model_of,
    ensure_starter,
    starter_sha256,
)
from annotation_server.requests import progress
from annotation_server.requests.dispatch import message_of
from annotation_server.requests.models import Job, Request
from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.jobs import PredictJob
from annotation_server.segmentation.tiled_map import pack_map

URL = "/api/v1/model-versions"


@pytest.fixture
def model(db: None) -> ModelVersion:
    return ModelVersion.objects.create(name="tiny", checkpoint_sha256="ab" * 32, stage="champion")


def two_entities(width: int, height: int) -> np.ndarray:
    label_map = np.ones((height, width), np.uint16)
    label_map[:, width // 2 :] = 2
    label_map[0, 0] = 0
    return label_map


def write_result(job: Job, label_map: np.ndarray, **description: Any) -> None:
    """What the ML worker leaves in the storage."""
    key = job.payload["message"]["result_key"]
    masks = [{"number": int(n), "score": 0.5 + int(n) / 10} for n in np.unique(label_map) if n]
    told = {"model": {"name": "tiny", "sha256": "ab" * 32}, "masks": masks, **description}
    media.write(f"{key}.elm.gz", compress_bundle(encode_bundle(pack_map(label_map))))
    media.write(f"{key}.json", json.dumps(told).encode())


def predicting(project: Any, model: ModelVersion, image: Image) -> Job:
    return predict(project.pk, model, [image.pk]).jobs.get()


def test_it_works(project, model, make_image) -> None:
    image = make_image(project, 600, 40)
    job = predicting(project, model, image)
    write_result(job, two_entities(600, 40))
    annotation = take_in(job.pk)
    assert (annotation.state, annotation.model_version, annotation.void_px) == ("frozen", model, 1)
    masks = [(mask.number, mask.score, mask.provenance, mask.area) for mask in annotation.masks.all()]
    assert masks == [(1, 0.6, "model", 600 * 20 - 1), (2, 0.7, "model", 600 * 20)]
    assert annotation.label_map.width == 600
    job.refresh_from_db()
    assert (job.state, job.request.state) == ("succeeded", "succeeded")
    assert not media.exists(f"{job.payload['message']['result_key']}.json")


def test_the_message_is_a_predict_job(project, model, make_image) -> None:
    image = make_image(project, 600, 40)
    job = predicting(project, model, image)
    message = PredictJob.from_dict(*message_of(job))
    assert (message.job_id, message.image_key, message.width) == (job.pk, image.file_key, 600)
    assert message.checkpoint_sha256 == model.checkpoint_sha256


def test_a_result_that_comes_twice_is_stored_once(project, model, make_image) -> None:
    job = predicting(project, model, make_image(project, 60, 40))
    write_result(job, two_entities(60, 40))
    assert take_in(job.pk) is not None
    write_result(job, two_entities(60, 40))
    assert take_in(job.pk) is None
    assert Annotation.objects.count() == 1
    assert not media.exists(f"{job.payload['message']['result_key']}.elm.gz")


def test_an_image_that_only_a_model_has_seen_can_be_deleted(
    project, model, make_image, ada, client_of
) -> None:
    job = predicting(project, model, make_image(project, 60, 40))
    write_result(job, two_entities(60, 40))
    annotation = take_in(job.pk)
    assert client_of(ada).delete(f"/api/v1/images/{annotation.image_id}").status_code == 204
    assert not Annotation.objects.exists()


def test_a_cancelled_jobs_result_is_dropped(project, model, make_image) -> None:
    job = predicting(project, model, make_image(project, 60, 40))
    progress.cancel(job.request_id)
    write_result(job, two_entities(60, 40))
    assert take_in(job.pk) is None
    assert not Annotation.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda job: write_result(job, two_entities(61, 40)), "61 × 40 px"),
        (lambda job: write_result(job, two_entities(60, 40), model={"sha256": "cd" * 32}), "other weights"),
        (
            lambda job: write_result(job, two_entities(60, 40), masks=[{"number": 0, "score": 1}]),
            "no entity number",
        ),
        (lambda job: write_result(job, two_entities(60, 40), masks=[{"number": 1, "score": 7}]), "no score"),
        (lambda job: write_result(job, two_entities(60, 40), masks=None), "cannot be read"),
        (
            lambda job: media.write(job.payload["message"]["result_key"] + ".json", b"{}"),
            "not in the storage",
        ),
        (lambda job: _cut(job), "damaged|cut short"),
    ],
)
def test_a_wrong_result_fails_the_job_with_the_reason(spoil, words, project, model, make_image) -> None:
    job = predicting(project, model, make_image(project, 60, 40))
    spoil(job)
    assert take_in(job.pk) is None
    job.refresh_from_db()
    assert job.state == "failed"
    assert any(word in job.error for word in words.split("|"))
    assert not Annotation.objects.exists()


def _cut(job: Job) -> None:
    write_result(job, two_entities(60, 40))
    key = job.payload["message"]["result_key"] + ".elm.gz"
    media.write(key, media.read(key)[:-9])


def test_without_images_named_it_takes_those_nobody_began(
    project, model, make_image, make_annotation, anna
) -> None:
    begun, predicted, coming, fresh, waiting = (make_image(project, 60, 40) for _ in range(5))
    make_annotation(begun, anna)
    job = predicting(project, model, predicted)
    write_result(job, two_entities(60, 40))
    take_in(job.pk)
    predicting(project, model, coming)
    Image.objects.filter(pk=waiting.pk).update(state="tiling")
    request = predict(project.pk, model, None)
    assert [job.image for job in request.jobs.all()] == [fresh]
    with pytest.raises(Conflict, match="Choose images"):
        predict(project.pk, model, None)


def test_new_images_share_one_request_while_it_is_open(project, model, make_image) -> None:
    first, second, third = (make_image(project, 60, 40) for _ in range(3))
    request = pre_annotate(first)
    assert pre_annotate(first) is None, "one is on its way"
    assert pre_annotate(second) == request
    request.refresh_from_db()
    assert request.total == 2
    progress.cancel(request.pk)
    assert pre_annotate(third) != request


def test_a_project_may_do_without_predictions(project, model, make_image) -> None:
    image = make_image(project, 60, 40)
    image.project.pre_annotate = False
    assert pre_annotate(image) is None


def test_the_starter_is_the_shared_champion_until_another_is_set(project, db) -> None:
    starter = ensure_starter()
    assert (starter.stage, starter.project, starter.checkpoint_sha256) == ("champion", None, starter_sha256())
    assert ensure_starter() == starter
    ModelVersion.objects.filter(pk=starter.pk).update(checkpoint_sha256="0" * 64)
    renewed = ensure_starter()
    assert renewed.pk != starter.pk
    assert ModelVersion.objects.get(pk=starter.pk).stage == "retired"
    own = ModelVersion.objects.create(
        name="own", project=project, stage="champion", checkpoint_key="models/own"
    )
    assert champion_of(project.pk) == own


def test_the_classical_model_stands_beside_the_starter(project, make_image, carl) -> None:
    starter = ensure_starter()
    classical = ModelVersion.objects.get(architecture="classical")
    assert (classical.project, classical.stage, classical.checkpoint_key) == (None, "candidate", "")
    image = make_image(project, 60, 40)
    (job,) = predict(project.pk, classical, [image.pk], by=carl).jobs.all()
    assert PredictJob(job_id=1, **job.payload["message"]).architecture == "classical"
    classical.pk, classical.project, classical.stage = None, project, "champion"
    classical.save()
    assert champion_of(project.pk) == classical
    assert comparing_model_of(project.pk) == starter
    ModelVersion.objects.filter(pk=starter.pk).update(stage="retired")
    shared = ModelVersion.objects.get(architecture="classical", project=None)
    ModelVersion.objects.filter(pk=shared.pk).update(stage="champion")
    assert ensure_starter() == shared
    assert comparing_model_of(project.pk) is None


def test_over_http(project, model, make_image, anna, carl, eve, client_of) -> None:
    image = make_image(project, 60, 40)
    hidden = ModelVersion.objects.create(name="eve's", project=eve.memberships.get().project)
    listed = client_of(anna).get(URL, {"project": project.pk}).json()["results"]
    assert [row["name"] for row in listed] == ["tiny"]
    assert client_of(anna).get(f"{URL}/{hidden.pk}").status_code == 404
    wanted = {"project": project.pk, "images": [image.pk]}
    post = f"{URL}/{model.pk}/predict"
    assert client_of(anna).post(post, wanted, format="json").status_code == 403
    assert client_of(eve).post(post, wanted, format="json").status_code == 404
    assert client_of(carl).post(f"{URL}/{hidden.pk}/predict", wanted, format="json").status_code == 404
    answer = client_of(carl).post(post, wanted, format="json")
    assert answer.status_code == 202
    assert Request.objects.get(pk=answer.json()["request"]).jobs.get().image == image
    strange = {"project": project.pk, "images": [image.pk + 1000]}
    assert client_of(carl).post(post, strange, format="json").status_code == 404
