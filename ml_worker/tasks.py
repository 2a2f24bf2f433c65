"""What the worker can be asked to do; thin: parse, do, report by name to the server's queue.

torch takes seconds and hundreds of megabytes: the first task loads it, so that an idle worker costs little.
"""

import functools
from typing import TYPE_CHECKING, Any

from annotation_server.segmentation.jobs import (
    AskedQuestion,
    CandidatesWanted,
    EmbedJob,
    EvaluateJob,
    ImportJob,
    PredictJob,
    TrainJob,
    VectorsWanted,
)
from ml_worker.celery import app
from ml_worker.config import WorkerConfig
from ml_worker.questions import LIMIT_S, answer_question
from ml_worker.reporting import Reached, do_job
from ml_worker.storage import Storage, open_storage

if TYPE_CHECKING:
    from ml_worker.candidates_question import RecentAnswers
    from ml_worker.loaded_model import LoadedModel


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

    def work(reached: Reached) -> str:
        loaded = loaded_model()
        from ml_worker.prediction_job import run_prediction

        run_prediction(job, open_storage(config), loaded, device=config.device, progress=reached)
        return job.result_key

    do_job(app, job, work)


@app.task(name="ml.train", acks_late=False)
def train(message: dict[str, Any]) -> None:
    """One TrainJob. A second delivery goes on from the last state, or finds the result and reports it.

    It may take longer than a broker waits before it gives a message to another worker, so this one is taken
    at once; the server sends the job of a dead worker again.
    """
    job = TrainJob.from_dict(message)
    config = WorkerConfig.from_environment()

    def work(reached: Reached) -> str:
        loaded_model().release()
        from ml_worker.training_job import run_training

        run_training(job, open_storage(config), config.scratch, device=config.device, progress=reached)
        return job.run_key

    do_job(app, job, work)


@app.task(name="ml.evaluate")
def evaluate(message: dict[str, Any]) -> None:
    """One EvaluateJob. A second delivery finds the results and only reports them."""
    job = EvaluateJob.from_dict(message)
    config = WorkerConfig.from_environment()

    def work(reached: Reached) -> str:
        loaded = loaded_model()
        from ml_worker.evaluation_job import run_evaluation

        run_evaluation(job, open_storage(config), loaded, device=config.device, progress=reached)
        return job.result_key

    do_job(app, job, work)


@app.task(name="ml.embed_masks")
def embed_masks(message: dict[str, Any]) -> None:
    """One EmbedJob. A second delivery finds the answers and only reports them."""
    job = EmbedJob.from_dict(message)
    config = WorkerConfig.from_environment()

    def work(reached: Reached) -> str:
        loaded = loaded_model()
        from ml_worker.embedding_job import run_embedding

        run_embedding(job, open_storage(config), loaded, device=config.device, progress=reached)
        return job.result_key

    do_job(app, job, work)


@app.task(name="ml.import_checkpoint")
def import_checkpoint(message: dict[str, Any]) -> None:
    """One ImportJob. A second delivery finds the result and only reports it."""
    job = ImportJob.from_dict(message)
    config = WorkerConfig.from_environment()

    def work(reached: Reached) -> str:
        from ml_worker.import_job import run_import

        run_import(job, open_storage(config), progress=reached)
        return job.result_key

    do_job(app, job, work)
