"""Running one job in a server worker: claim, keep alive, end."""

import logging
from collections.abc import Callable

from annotation_server.errors import Refused
from annotation_server.requests import progress
from annotation_server.requests.models import Job
from annotation_server.requests.pulse import Cancelled, Pulse

log = logging.getLogger(__name__)


def run_job(job_id: int, work: Callable[[Job, Pulse], None]) -> bool:
    """Do ``work`` for a job, once however often its message comes; whether it was done here and now.

    A Refused ends the job badly with its sentence. Any other error leaves it to be tried again by
    server.reap, and is raised for the worker's log.
    """
    job = progress.begin(job_id)
    if job is None:
        return False
    try:
        with Pulse(job.pk) as pulse:
            work(job, pulse)
    except Cancelled:
        log.info("Job %s was called off.", job_id)
        return False
    except Refused as refusal:
        progress.fail(job_id, refusal.sentence)
        return False
    except Exception as error:
        progress.put_back(job_id, f"{type(error).__name__}: {error}")
        raise
    return progress.finish(job_id)
