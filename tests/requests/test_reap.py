"""Lost work is found, sent again, and in the end given up with a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation_server import queue
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request
from annotation_server.requests.progress import NewJob
from annotation_server.requests.reap import reap

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOWHERE = "redis://127.0.0.1:1/0"


def start(project: Any, jobs: int = 1) -> list[Job]:
    new = [NewJob(task="server.tile_image") for _ in range(jobs)]
    return list(progress.start(project.pk, Request.Kind.TILE, new).jobs.all())


def waiting() -> int:
    with queue.connected() as connection:
        return queue.waiting(connection, "default")


def aged(job: Job, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=timezone.now() - timedelta(hours=1),
        created_at=timezone.now() - timedelta(hours=1),
        **fields,
    )


def test_jobs_are_sent_after_commit(broker, project) -> None:
    (job,) = start(project)
    assert waiting() == 1
    job.refresh_from_db()
    assert job.sent_at is not None


def test_without_a_broker_jobs_wait_and_reap_sends_them_later(broker, project, settings) -> None:
    settings.CELERY_BROKER_URL = NOWHERE
    jobs = start(project, 3)
    assert {job.sent_at for job in jobs} == {None}
    for job in jobs:
        aged(job)
    assert reap() == 0
    settings.CELERY_BROKER_URL = broker
    assert reap() == 3
    assert waiting() == 3
    assert reap() == 0


def test_a_job_whose_worker_died_is_sent_again_three_times_at_most(broker, project) -> None:
    (job,) = start(project)
    for attempt in (1, 2, 3):
        assert progress.begin(job.pk).attempts == attempt
        assert reap() == 0
        aged(job)
        assert reap() == (1 if attempt < 3 else 0)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "stopped 3 times" in job.error
    assert job.request.state == "failed"


def test_attempts_that_get_further_do_not_use_up_a_long_job(broker, project) -> None:
    (job,) = start(project)
    for share in (0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.801):
        assert progress.begin(job.pk).progress == 0
        progress.tick(job.pk, share)
        aged(job)
        assert reap() == (0 if share == 0.801 else 1), share
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 7)
    assert "stopped 7 times" in job.error


def test_the_last_error_is_the_reason(broker, project) -> None:
    (job,) = start(project)
    for _ in range(3):
        progress.begin(job.pk)
        progress.put_back(job.pk, "OSError: The disk is full.")
        assert reap() == 0, "it must wait a little"
        aged(job)
        reap()
    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed",
        "It was tried 3 times; the last time: OSError: The disk is full.",
    )


def test_a_job_in_line_is_not_sent_again_but_a_vanished_one_is(broker, project, settings) -> None:
    (job,) = start(project)
    aged(job, sent_at=timezone.now() - timedelta(hours=1))
    assert reap() == 0
    with queue.connected() as connection:
        connection.default_channel.queue_purge("default")
    assert reap() == 1
    assert waiting() == 1


def test_answers_of_the_ml_worker_overtake_long_work(broker, project) -> None:
    start(project, 2)
    with queue.connected() as connection:
        queue.send(connection, "server.job_progress", [1, 0.5])
        first = connection.SimpleQueue("default").get(timeout=30)
        assert first.headers["task"] == "server.job_progress"
        first.reject()


def test_a_broker_that_is_gone_costs_an_upload_little_time(project, settings) -> None:
    settings.CELERY_BROKER_URL = NOWHERE
    before = timezone.now()
    start(project, 200)
    assert timezone.now() - before < timedelta(seconds=3)
    assert not queue.broker_answers()
