"""Work is sent by name: every name that is sent is one that a worker knows."""

import ast
from pathlib import Path

from annotation_server.annotation import candidates
from annotation_server.celery import app as server
from annotation_server.images import tiling
from annotation_server.model_registry import predict
from annotation_server.releases import start
from annotation_server.segmentation.jobs import EvaluateJob, PredictJob, TrainJob
from annotation_server.training import give_up

ML_TASKS = Path(__file__).parents[1] / "ml_worker/tasks.py"


def test_the_servers_workers_know_what_they_are_sent() -> None:
    server.loader.import_default_modules()
    sent = {tiling.TASK, start.TASK, give_up.GATHER, give_up.TAKE_IN, give_up.COMPARE}
    sent |= {PredictJob.success_task, PredictJob.failure_task, PredictJob.progress_task}
    sent |= {TrainJob.success_task, EvaluateJob.success_task}
    sent |= {entry["task"] for entry in server.conf.beat_schedule.values()}
    assert sent <= set(server.tasks)


def test_the_ml_worker_knows_what_it_is_sent() -> None:
    """Read, not imported: there is no torch in the server."""
    decorators = [
        decorator
        for node in ast.parse(ML_TASKS.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
    ]
    names = {keyword.value.value for call in decorators for keyword in call.keywords if keyword.arg == "name"}
    assert {predict.TASK, candidates.TASK, give_up.TRAIN, give_up.EVALUATE} <= names


def test_messages_are_json_and_kept_until_the_work_is_done() -> None:
    assert server.conf.accept_content == ["json"]
    assert server.conf.task_acks_late
    assert server.conf.task_reject_on_worker_lost
    assert server.conf.worker_prefetch_multiplier == 1
