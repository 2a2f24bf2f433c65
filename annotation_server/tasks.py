"""Every task of the server's workers, in the order data comes to be: fetch, call."""

from celery import shared_task

from annotation_server.images import tiling
from annotation_server.requests import progress, reap
from annotation_server.requests.run import run_job


@shared_task(name="server.tile_image")
def tile_image(job_id: int) -> None:
    """Make an uploaded image ready."""
    run_job(job_id, tiling.tile_image)


@shared_task(name="server.job_progress")
def job_progress(job_id: int, fraction: float) -> None:
    """The ML worker is alive and so far with a job."""
    progress.heard(job_id, fraction)


@shared_task(name="server.fail_job")
def fail_job(job_id: int, reason: str) -> None:
    """The ML worker cannot do a job, and trying again would not help."""
    progress.fail(job_id, reason)


@shared_task(name="server.reap")
def reap_lost_jobs() -> None:
    """Every 15 s: send lost jobs again, end those that were lost too often."""
    reap.reap()
