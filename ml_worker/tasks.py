"""What the worker can be asked to do; thin: parse, do, report by name to the server's queue.

torch takes seconds and hundreds of megabytes: the first task loads it, so that an idle worker costs little.
"""

import functools
import logging
import threading
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError
from kombu.exceptions import OperationalError

from annotation_server.segmentation.jobs import AskedQuestion, CandidatesWanted, PredictJob, VectorsWanted
from ml_worker.celery import app
from ml_worker.config import WorkerConfig
from ml_worker.questions import LIMIT_S, answer_question
from ml_worker.refusals import JobRefused
from ml_worker.storage import Storage, open_storage

if TYPE_CHECKING:
    from ml_worker.candidates_question import RecentAnswers
    from ml_worker.loaded_model import LoadedModel

logger = logging.getLogger(__name__)

HEARTBEAT_S = 5.0
MAY_PASS = (OSError, BotoCoreError, ClientError, OperationalError)


@functools.cache
def loaded_model() -> "LoadedModel":
    """The model this process holds; torch is loaded and given its threads here."""
    import torch

    from ml_worker.loaded_model import LoadedModel

    torch.set_num_threads(WorkerConfig.from_environment().threads)
    return LoadedModel()


@functools.cache
def recent_answers() -> "RecentAnswers":
    """What this process answered last."""
    from ml_worker.candidates_question import RecentAnswers

    return RecentAnswers()


@app.task(name="ml.candidates", time_limit=LIMIT_S)
def candidates(message: dict[str, Any]) -> None:
    """The question what the model sees in one place of an image."""
    config = WorkerConfig.from_environment()
    answer_question(AskedQuestion.from_dict(message), open_storage(config), _candidates)


def _candidates(payload: dict[str, Any], storage: Storage) -> dict[str, Any]:
    from ml_worker.candidates_question import candidates_in

    device = WorkerConfig.from_environment().device
    wanted = CandidatesWanted.from_dict(payload)
    return candidates_in(wanted, storage, loaded_model(), recent_answers(), device=device)


@app.task(name="ml.embed", time_limit=LIMIT_S)
def embed(message: dict[str, Any]) -> None:
    """The question what the model sees inside each mask of a label map."""
    config = WorkerConfig.from_environment()
    answer_question(AskedQuestion.from_dict(message), open_storage(config), _vectors)


def _vectors(payload: dict[str, Any], storage: Storage) -> dict[str, Any]:
    from ml_worker.embed import vectors_in

    device = WorkerConfig.from_environment().device
    return vectors_in(VectorsWanted.from_dict(payload), storage, loaded_model(), device=device)


@app.task(name="ml.predict")
def predict(message: dict[str, Any]) -> None:
    """One PredictJob. A second delivery finds the result and only reports it."""
    job = PredictJob.from_dict(message)
    config = WorkerConfig.from_environment()
    try:
        with Heartbeat(job) as heartbeat:
            loaded = loaded_model()
            from ml_worker.prediction_job import run_prediction

            run_prediction(
                job, open_storage(config), loaded, device=config.device, progress=heartbeat.reached
            )
    except JobRefused as error:
        _report(job, job.failure_task, str(error))
        return
    except MAY_PASS:
        raise  # storage or broker is away: the server sends the job again
    except MemoryError:
        _report(job, job.failure_task, "The worker has too little memory for this image.")
        return
    except Exception as error:
        logger.exception("Job %s failed.", job.job_id)
        _report(job, job.failure_task, f"The model stopped at an error ({type(error).__name__}: {error}).")
        return
    _report(job, job.success_task, job.result_key)


def _report(job: PredictJob, task: str, detail: str | float) -> None:
    app.send_task(task, args=[job.job_id, detail], queue=job.reply_queue, priority=0, ignore_result=True)


class Heartbeat:
    """Tells the server every few seconds how far a job is, for as long as the block runs."""

    def __init__(self, job: PredictJob, *, interval: float = HEARTBEAT_S) -> None:
        self._job = job
        self._interval = interval
        self._fraction = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.job_id}", daemon=True)

    def reached(self, fraction: float) -> None:
        self._fraction = fraction

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def _beat(self) -> None:
        while True:
            # A broker that is away for a moment must not end the work; the next beat tells.
            with suppress(*MAY_PASS):
                _report(self._job, self._job.progress_task, round(self._fraction, 4))
            if self._over.wait(self._interval):
                return
