"""How jobs and requests move, whatever comes twice, late or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation_server.errors import Conflict, Refused
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request
from annotation_server.requests.progress import NewJob
from annotation_server.requests.pulse import Pulse
from annotation_server.requests.run import run_job


def start(project: Any, jobs: int = 1, **of_job: Any) -> Request:
    return progress.start(
        project.pk, Request.Kind.TILE, [NewJob(task="test.task", **of_job) for _ in range(jobs)]
    )


def go_silent(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))


def test_it_works(project) -> None:
    request = start(project, 2)
    first, second = request.jobs.all()
    assert progress.begin(first.pk).attempts == 1
    request.refresh_from_db()
    assert request.state == "running"
    assert progress.tick(first.pk, 0.5)
    assert progress.finish(first.pk)
    progress.begin(second.pk)
    progress.finish(second.pk)
    request.refresh_from_db()
    assert (request.state, request.done, request.message) == ("succeeded", 2, "2 of 2 done.")
    assert request.finished_at is not None


def test_a_message_that_comes_twice_does_nothing_twice(project) -> None:
    request = start(project)
    job = request.jobs.get()
    done = []
    assert run_job(job.pk, lambda job, pulse: done.append(job.pk))
    assert not run_job(job.pk, lambda job, pulse: done.append(job.pk))
    assert done == [job.pk]
    assert not progress.finish(job.pk)
    request.refresh_from_db()
    assert request.done == 1


def test_a_job_that_a_live_worker_has_is_not_begun_again(project) -> None:
    job = start(project).jobs.get()
    assert progress.begin(job.pk) is not None
    assert progress.begin(job.pk) is None
    go_silent(job)
    assert progress.begin(job.pk).attempts == 2


def test_what_follows_upon_a_job_is_added_once_as_it_ends(project) -> None:
    request = start(project, 2)
    asked = []

    def when_all_have_ended(job: Job) -> list[NewJob]:
        asked.append(job.pk)
        open_ones = request.jobs.filter(state__in=("queued", "running"))
        return [] if open_ones.exists() else [NewJob(task="test.after")]

    first, second = request.jobs.all()
    assert progress.finish(first.pk, when_all_have_ended)
    assert not progress.finish(first.pk, when_all_have_ended)
    assert progress.finish(second.pk, when_all_have_ended)
    assert not progress.finish(second.pk, when_all_have_ended)
    request.refresh_from_db()
    assert (request.is_open, request.done, request.total) == (True, 2, 3)
    assert [job.task for job in request.jobs.all()] == ["test.task", "test.task", "test.after"]
    assert asked == [first.pk, second.pk]


def test_a_refusal_ends_the_job_with_its_sentence(project) -> None:
    def refuse(job: Job, pulse: Pulse) -> None:
        raise Refused("The picture is damaged.")

    request = start(project, 2)
    first, second = request.jobs.all()
    assert not run_job(first.pk, refuse)
    run_job(second.pk, lambda job, pulse: None)
    request.refresh_from_db()
    assert (request.state, request.error) == ("failed", "The picture is damaged.")
    assert request.message == "1 of 2 done, 1 failed."


def test_an_unforeseen_error_leaves_the_job_for_later(project) -> None:
    def stumble(job: Job, pulse: Pulse) -> None:
        raise OSError("The disk is full.")

    job = start(project).jobs.get()
    with pytest.raises(OSError, match="full"):
        run_job(job.pk, stumble)
    job.refresh_from_db()
    assert (job.state, job.sent_at, job.error) == ("queued", None, "OSError: The disk is full.")


def test_a_cancelled_request_never_runs_what_waits(project) -> None:
    request = start(project, 3)
    first, second, third = request.jobs.all()
    progress.begin(first.pk)
    progress.finish(first.pk)
    progress.begin(second.pk)
    assert progress.cancel(request.pk).state == "cancelled"
    assert not progress.tick(second.pk, 0.9)
    assert not progress.finish(second.pk)
    assert progress.begin(third.pk) is None
    request.refresh_from_db()
    assert request.state == "cancelled"
    with pytest.raises(Conflict, match="over already: Cancelled"):
        progress.cancel(request.pk)


@pytest.mark.django_db(transaction=True)
def test_running_work_hears_that_it_was_cancelled(project, settings) -> None:
    settings.JOB_STALE_SECONDS = 0.2
    request = start(project)

    def work(job: Job, pulse: Pulse) -> None:
        progress.cancel(job.request_id)
        deadline = timezone.now() + timedelta(seconds=10)
        while timezone.now() < deadline:
            pulse.check(0.5)
        pytest.fail("It was never told.")

    assert not run_job(request.jobs.get().pk, work)
    request.refresh_from_db()
    assert request.state == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_the_pulse_keeps_a_job_alive_and_tells_its_share(project, settings) -> None:
    settings.JOB_STALE_SECONDS = 0.2

    def work(job: Job, pulse: Pulse) -> None:
        begun = job.heartbeat_at
        deadline = timezone.now() + timedelta(seconds=10)
        pulse(0.25)
        while job.heartbeat_at == begun or job.progress != 0.25:
            assert timezone.now() < deadline
            job.refresh_from_db()

    assert run_job(start(project).jobs.get().pk, work)


def test_what_gives_up_a_task_is_told_in_the_same_breath(project, make_image) -> None:
    image = make_image(project, state="tiling")
    request = start(project)
    request.jobs.update(task="server.tile_image", image=image)
    progress.cancel(request.pk)
    image.refresh_from_db()
    assert (image.state, image.error) == ("failed", "Cancelled.")


def test_jobs_can_join_an_open_request_and_reopen_an_ended_one(project) -> None:
    request = start(project)
    run_job(request.jobs.get().pk, lambda job, pulse: None)
    progress.add_jobs(request, [NewJob(task="test.task")])
    request.refresh_from_db()
    assert (request.state, request.total, request.finished_at) == ("running", 2, None)


def test_a_remote_workers_word_is_a_heartbeat(project) -> None:
    job = start(project).jobs.get()
    progress.heard(job.pk, 0.0)
    progress.heard(job.pk, 0.4)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.progress) == ("running", 1, 0.4)
    progress.finish(job.pk)
    progress.heard(job.pk, 0.6)
    job.refresh_from_db()
    assert (job.state, job.progress) == ("succeeded", 1.0)
