"""Workers killed, brokers gone, messages doubled: the work is done all the same, and exactly once."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from annotation_server import process_group, queue
from annotation_server.annotation.candidates import ask_for_candidates
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.start import store_prediction
from annotation_server.broker import valkey_command, valkey_url
from annotation_server.images.folder import add_ready
from annotation_server.images.models import Image
from annotation_server.images.upload import Offered, take
from annotation_server.model_registry.predict import predict
from annotation_server.model_registry.register import ensure_starter
from annotation_server.requests import progress, questions
from annotation_server.requests.dispatch import message_of
from annotation_server.requests.models import Job, Question, Request
from annotation_server.requests.reap import reap
from annotation_server.segmentation.tiled_map import void_map
from tests.images import pictures

pytestmark = [
    pytest.mark.faults,
    pytest.mark.services,
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
]


def wait_for(what: Callable[[], Any], *, timeout_s: float = 240, every_s: float = 0.05) -> Any:
    """The first truthy answer of ``what``."""
    deadline = time.monotonic() + timeout_s
    while not (answer := what()):
        assert time.monotonic() < deadline, f"This never came true: {what}"
        time.sleep(every_s)
    return answer


def state_of(thing: Job | Request | Image) -> str:
    thing.refresh_from_db()
    return thing.state


def kill(worker: Popen[bytes]) -> None:
    """SIGKILL for the worker and its pool, as the kernel does when memory runs out."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def prediction_of(project: Any, side: int) -> Job:
    image = add_ready(project, Offered("a.png", pictures.encoded("PNG", pictures.gradient(side, side))))
    return predict(project.pk, ensure_starter(), [image.pk]).jobs.get()


def test_a_worker_killed_while_predicting_costs_time_not_work(project, start_worker, settings) -> None:
    settings.JOB_STALE_SECONDS = 1
    start_worker("default")
    first = start_worker("ml")
    job = prediction_of(project, 3000)
    wait_for(lambda: state_of(job) == "running", every_s=0.01)
    kill(first)
    assert state_of(job) == "running"
    start_worker("ml")
    wait_for(lambda: reap() == 1)
    wait_for(lambda: state_of(job) == "succeeded")
    assert job.attempts == 2
    prediction = Annotation.objects.get()
    assert (prediction.state, prediction.image) == ("frozen", job.image)
    assert state_of(job.request) == "succeeded"


def test_a_worker_killed_while_tiling_costs_time_not_work(project, ada, start_worker, settings) -> None:
    settings.JOB_STALE_SECONDS = 1
    project.pre_annotate = False
    project.save()
    first = start_worker("default", TESSERA_JOB_STALE_SECONDS="1")
    content = pictures.encoded("PNG", pictures.noise(5000, 4000), compress_level=1)
    taken = take(project, [Offered("big.png", content)], by=ada)
    (image,), job = taken.accepted, taken.request.jobs.get()
    wait_for(lambda: state_of(job) == "running", every_s=0.01)
    kill(first)
    assert state_of(image) == "tiling"
    start_worker("default")
    wait_for(lambda: reap() == 1)
    wait_for(lambda: state_of(image) == "ready")
    wait_for(lambda: state_of(job) == "succeeded")
    assert job.attempts == 2


def test_uploads_go_on_while_the_broker_is_gone(project, ada, start_worker, settings, tmp_path) -> None:
    project.pre_annotate = False
    project.save()
    socket = tmp_path / "v.sock"
    broker = start_valkey(socket)
    settings.CELERY_BROKER_URL = valkey_url(socket)
    start_worker("default", CELERY_BROKER_URL=settings.CELERY_BROKER_URL)
    process_group.stop(broker, grace_s=5)
    assert not queue.broker_answers()

    before = time.monotonic()
    taken = take(project, [Offered(f"{n}.png", picture(n)) for n in range(20, 25)], by=ada)
    assert time.monotonic() - before < 60  # none of them waits for a broker that is gone
    assert len(taken.accepted) == 5
    assert reap() == 0

    broker = start_valkey(socket)
    Job.objects.update(heartbeat_at=taken.request.created_at.replace(year=2020))
    try:
        assert wait_for(reap) == 5
        wait_for(lambda: state_of(taken.request) == "succeeded")
    finally:
        process_group.stop(broker, grace_s=5)
    assert set(Image.objects.values_list("state", flat=True)) == {"ready"}


def start_valkey(socket: Path) -> Popen[bytes]:
    broker = process_group.start(valkey_command(socket), log=socket.with_suffix(".log"))
    wait_for(socket.exists)
    return broker


def picture(n: int) -> bytes:
    return pictures.encoded("PNG", pictures.gradient(n, n))


def test_messages_that_come_twice_and_requests_that_are_cancelled(project, start_worker) -> None:
    once = prediction_of(project, 64)
    with queue.connected() as connection:
        for _ in range(3):
            queue.send(connection, once.task, message_of(once), queue="ml")
    images = [add_ready(project, Offered(f"{n}.png", picture(n))) for n in range(600, 606)]
    called_off = predict(project.pk, ensure_starter(), [image.pk for image in images])
    start_worker("default")
    start_worker("ml")
    wait_for(lambda: called_off.jobs.filter(state="succeeded").exists(), every_s=0.01)
    progress.cancel(called_off.pk)
    stored = Annotation.objects.count()
    wait_for(lambda: nothing_waits("ml") and nothing_waits("default"))
    time.sleep(1)

    assert Annotation.objects.filter(image=once.image).count() == 1
    assert state_of(once.request) == "succeeded"
    assert once.request.done == 1
    assert Annotation.objects.count() == stored < 7
    assert state_of(called_off) == "cancelled"
    assert set(called_off.jobs.values_list("state", flat=True)) == {"succeeded", "cancelled"}


def nothing_waits(name: str) -> bool:
    with queue.connected() as connection:
        return queue.waiting(connection, name) == 0


def test_a_worker_killed_while_somebody_waits_is_asked_again(
    project, anna, start_worker, monkeypatch
) -> None:
    monkeypatch.setattr(questions, "ASK_AGAIN_AFTER", timedelta(seconds=1))
    image = add_ready(project, Offered("a.png", picture(400)))
    annotation = store_prediction(image, ensure_starter(), void_map(400, 400), {})
    question = ask_for_candidates(anna, annotation, (0, 0, 400, 400))
    first = start_worker("questions")
    wait_for(lambda: nothing_waits("questions"), every_s=0.01)
    kill(first)
    assert questions.look(anna, question.pk)[0].state == "waiting"
    start_worker("questions")
    wait_for(lambda: questions.look(anna, question.pk)[0].state == "answered")
    assert Question.objects.get(pk=question.pk).attempts >= 2
