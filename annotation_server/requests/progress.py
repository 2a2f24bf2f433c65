"""How requests and jobs move: started, claimed, kept alive, and ended exactly once.

Every step is one conditional UPDATE or one short transaction, so that two workers, a worker and a person,
or a message that came twice cannot both take it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server.errors import Conflict
from annotation_server.queue import DEFAULT
from annotation_server.requests.dispatch import enqueue
from annotation_server.requests.models import Job, Request, WorkState

REASONS_SHOWN = 5
# A job got further when its progress grew by so much; less is the heartbeat's chance.
REAL_GAIN = 0.005
_when_given_up: dict[str, Callable[[Job, str], None]] = {}


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """A job to be: Celery task name, queue, the image it is about, and what the message carries.

    ``share`` is its part of the request's work, where jobs are of different length.
    """

    task: str
    queue: str = DEFAULT
    image_id: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    share: float = 0.0


def when_given_up(task: str) -> Callable[[Callable[[Job, str], None]], Callable[[Job, str], None]]:
    """Decorator: what else to set right when a job of ``task`` fails or is cancelled.

    The function is given the job and the reason, and runs in the transaction that ends the job.
    """

    def register(react: Callable[[Job, str], None]) -> Callable[[Job, str], None]:
        _when_given_up[task] = react
        return react

    return register


@transaction.atomic
def start(
    project_id: int, kind: Request.Kind, jobs: Sequence[NewJob], *, by: Any = None, message: str = ""
) -> Request:
    """Record a piece of long work and send its jobs after commit; without jobs it has succeeded."""
    request = Request.objects.create(project_id=project_id, kind=kind, created_by=by, message=message)
    add_jobs(request, jobs)
    request.refresh_from_db()
    return request


@transaction.atomic
def add_jobs(request: Request, jobs: Sequence[NewJob]) -> list[Job]:
    """Add jobs to a request, whether or not the earlier ones have ended, and send them after commit."""
    made = Job.objects.bulk_create(
        [
            Job(
                request=request,
                task=new.task,
                queue=new.queue,
                image_id=new.image_id,
                payload=new.payload,
                share=new.share,
            )
            for new in jobs
        ]
    )
    Request.objects.filter(pk=request.pk).update(total=F("total") + len(made))
    _settle(request.pk)
    enqueue(made)
    return made


def begin(job_id: int) -> Job | None:
    """Claim a job for this worker; None if it has ended, is gone, or another worker is alive on it."""
    silence = timedelta(seconds=settings.JOB_STALE_SECONDS)
    return _claim(
        job_id,
        Q(state=WorkState.QUEUED) | Q(state=WorkState.RUNNING, heartbeat_at__lt=timezone.now() - silence),
    )


def _claim(job_id: int, free: Q) -> Job | None:
    got_further = When(progress__gt=F("furthest") + REAL_GAIN, then=1)
    claimed = Job.objects.filter(free, pk=job_id).update(
        state=WorkState.RUNNING,
        heartbeat_at=timezone.now(),
        in_vain=Case(got_further, default=F("in_vain") + 1),
        furthest=Greatest("furthest", "progress"),
        progress=0.0,
        attempts=F("attempts") + 1,
    )
    if not claimed:
        return None
    job = Job.objects.select_related("request", "image").get(pk=job_id)
    Request.objects.filter(pk=job.request_id, state=WorkState.QUEUED).update(state=WorkState.RUNNING)
    return job


def tick(job_id: int, share: float) -> bool:
    """Note that a running job is alive and ``share`` (0 to 1) done; False: stop working on it."""
    running = Job.objects.filter(pk=job_id, state=WorkState.RUNNING)
    return bool(running.update(heartbeat_at=timezone.now(), progress=min(max(share, 0.0), 1.0)))


def heard(job_id: int, share: float) -> None:
    """A remote worker, which cannot claim a job itself, says that it works on it."""
    _claim(job_id, Q(state=WorkState.QUEUED))
    tick(job_id, share)


def put_back(job_id: int, reason: str) -> None:
    """Give a job up for now after an unforeseen error; server.reap tries again later, or ends it."""
    Job.objects.filter(pk=job_id, state=WorkState.RUNNING).update(
        state=WorkState.QUEUED,
        sent_at=None,
        heartbeat_at=timezone.now() + timedelta(seconds=settings.JOB_STALE_SECONDS / 2),
        error=reason[:2000],
    )


def is_spent(job: Job) -> bool:
    """Whether a job was tried often enough: so many attempts in a row that none of them got further."""
    got_further = job.progress > job.furthest + REAL_GAIN
    return job.in_vain >= settings.JOB_MAX_ATTEMPTS and not got_further


def finish(job_id: int, then: Callable[[Job], Sequence[NewJob]] = lambda job: ()) -> bool:
    """End a job well; False if it had ended before.

    ``then`` gives the jobs that follow upon it, of the same request. It is called once, in the transaction
    that ends the job; of jobs that end at the same time, the later one sees that the earlier has ended.
    """
    return _end(job_id, WorkState.SUCCEEDED, "", then)


def fail(job_id: int, reason: str) -> bool:
    """End a job badly, for good, with a sentence; False if it had ended before."""
    return _end(job_id, WorkState.FAILED, reason)


def call_off(job_id: int) -> bool:
    """End one job because what it is about is no longer wanted; False if it had ended before."""
    return _end(job_id, WorkState.CANCELLED, "Cancelled.")


@transaction.atomic
def cancel(request_id: int) -> Request:
    """Call off a request: waiting jobs never run, running ones stop at their next tick."""
    request = Request.objects.select_for_update().get(pk=request_id)
    if not request.is_open:
        raise Conflict(
            _("This request is over already: %(state)s.") % {"state": _(request.get_state_display())},
            code="ended",
        )
    Request.objects.filter(pk=request_id).update(
        state=WorkState.CANCELLED, finished_at=timezone.now(), message="Cancelled."
    )
    for job_id in request.jobs.filter(state__in=WorkState.open_states()).values_list("pk", flat=True):
        call_off(job_id)
    request.refresh_from_db()
    return request


@transaction.atomic
def _end(
    job_id: int, state: WorkState, reason: str, then: Callable[[Job], Sequence[NewJob]] = lambda job: ()
) -> bool:
    still_open = Job.objects.filter(pk=job_id, state__in=WorkState.open_states())
    ended = {"state": state, "error": reason, "finished_at": timezone.now()}
    if state == WorkState.SUCCEEDED:
        ended["progress"] = 1.0
    if not still_open.update(**ended):
        return False
    job = Job.objects.select_related("image", "request").get(pk=job_id)
    Request.objects.filter(pk=job.request_id).update(done=F("done") + 1)
    if state != WorkState.SUCCEEDED and job.task in _when_given_up:
        _when_given_up[job.task](job, reason)
    if following := then(job):
        add_jobs(job.request, following)
    else:
        _settle(job.request_id)
    return True


def _settle(request_id: int) -> None:
    """Set a request's state from its jobs, unless it was cancelled."""
    request = Request.objects.select_for_update().get(pk=request_id)
    if request.state == WorkState.CANCELLED:
        return
    if request.done < request.total:
        if not request.is_open:
            request.state, request.finished_at = WorkState.RUNNING, None
            request.save(update_fields=["state", "finished_at"])
        return
    failed = list(request.jobs.filter(state=WorkState.FAILED).select_related("image"))
    request.state = WorkState.FAILED if failed else WorkState.SUCCEEDED
    request.message = f"{request.total - len(failed)} of {request.total} done" + (
        f", {len(failed)} failed." if failed else "."
    )
    request.error = "\n".join(_reason(job) for job in failed[:REASONS_SHOWN])
    request.finished_at = timezone.now()
    request.save(update_fields=["state", "message", "error", "finished_at"])


def _reason(job: Job) -> str:
    return f"{job.image.file_name}: {job.error}" if job.image else job.error
