"""A whole run in one process: the server's tasks and the worker's functions, job after job, no broker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from annotation_server import tasks
from annotation_server.requests.dispatch import message_of
from annotation_server.requests.models import Job
from annotation_server.segmentation.jobs import EvaluateJob, TrainJob
from annotation_server.training.models import TrainingRun
from ml_worker.evaluation_job import run_evaluation
from ml_worker.loaded_model import LoadedModel
from ml_worker.refusals import JobCancelled, JobRefused
from ml_worker.storage import FolderStorage
from ml_worker.training_job import run_training

Does = Callable[[dict[str, Any], FolderStorage, Path], None]


def _train(message: dict[str, Any], storage: FolderStorage, scratch: Path) -> None:
    run_training(TrainJob.from_dict(message), storage, scratch)


def _evaluate(message: dict[str, Any], storage: FolderStorage, scratch: Path) -> None:
    run_evaluation(EvaluateJob.from_dict(message), storage, LoadedModel())


OF_THE_WORKER: dict[str, Does] = {"ml.train": _train, "ml.evaluate": _evaluate}
OF_THE_SERVER: dict[str, Callable[[int], None]] = {
    "server.gather_examples": tasks.gather_examples,
    "server.take_in_candidate": tasks.take_in_candidate,
    "server.compare_models": tasks.compare_models,
}


def next_job(run: TrainingRun) -> Job | None:
    """The job of a run that is to be done next."""
    return Job.objects.filter(request=run.request_id, state="queued").order_by("id").first()


def do(job: Job, scratch: Path) -> None:
    """Do one job as its worker would, and report it as the worker would."""
    if job.task in OF_THE_SERVER:
        OF_THE_SERVER[job.task](job.pk)
        return
    (message,) = message_of(job)
    try:
        OF_THE_WORKER[job.task](message, FolderStorage(settings.MEDIA_ROOT), scratch)
    except JobRefused as refusal:
        tasks.fail_job(job.pk, str(refusal))
    except JobCancelled:
        pass
    else:
        report = {TrainJob.success_task: tasks.training_done, EvaluateJob.success_task: tasks.evaluation_done}
        report[message["success_task"]](job.pk, "")


def finish(run: TrainingRun, scratch: Path) -> TrainingRun:
    """Do every job of a run, to its end."""
    while (job := next_job(run)) is not None:
        do(job, scratch)
    run.refresh_from_db()
    return run
