"""A real worker on a real broker: it takes jobs by name, beats, and reports by name."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import Connection
from PIL import Image

from annotation_server.segmentation.jobs import PredictJob
from annotation_server.segmentation.scenes import make_scene
from tests.session_services import tessera

REPOSITORY = Path(__file__).resolve().parents[2]
JOB = PredictJob(
    job_id=1, image_key="scene.png", width=96, height=64, result_key="out/1", reply_queue="ml-replies"
)


def test_the_worker_needs_neither_django_nor_a_database_nor_torch_before_its_first_job() -> None:
    code = (
        "import ml_worker.tasks, sys; idle = 'torch' in sys.modules;"
        "import ml_worker.prediction_job, ml_worker.candidates_question;"
        "server = ('django.apps', 'django.db', 'annotation_server.settings');"
        "print([module for module in server if module in sys.modules], idle)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120
    )
    assert answer.stdout.strip() == "[] False"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    Image.fromarray(make_scene(1, 64, 96)[0]).save(folder / "scene.png")
    return folder


@pytest.fixture
def worker(broker: str, media: Path, tmp_path: Path) -> Iterator[Any]:
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "CELERY_BROKER_URL": broker,
        "TESSERA_MEDIA_ROOT": str(media),
        "OMP_NUM_THREADS": "1",
    }
    with tessera.worker("ml", env=env, log=tmp_path / "ml.log") as process:
        yield process


@pytest.fixture
def send(broker: str) -> Callable[[PredictJob], None]:
    app = Celery("test", broker=broker, set_as_current=False)
    return lambda job: app.send_task("ml.predict", args=[job.to_dict()], queue="ml", ignore_result=True)


def replies(broker: str, until: str, timeout_s: float = 240) -> list[tuple[str, list[Any]]]:
    """(task, arguments) of all replies up to one of the task named."""
    heard: list[tuple[str, list[Any]]] = []
    deadline = time.monotonic() + timeout_s
    with Connection(broker) as connection, connection.SimpleQueue(JOB.reply_queue) as queue:
        while not heard or heard[-1][0] != until:
            message = queue.get(timeout=max(0.1, deadline - time.monotonic()))
            heard.append((message.headers["task"], message.payload[0]))
            message.ack()
    return heard


@pytest.mark.services
def test_jobs_are_done_refused_and_done_once(
    worker: Any, broker: str, media: Path, send: Callable[[PredictJob], None]
) -> None:
    send(JOB)
    heard = replies(broker, "server.store_prediction")
    assert heard[0][0] == "server.job_progress"
    assert heard[0][1][0] == 1 and 0 <= heard[0][1][1] <= 1
    assert heard[-1][1] == [1, "out/1"]
    assert json.loads((media / "out" / "1.json").read_text())["model"]["name"] == "starter"

    stamp = (media / "out" / "1.elm.gz").stat().st_mtime_ns
    send(JOB)
    assert replies(broker, "server.store_prediction")[-1][1] == [1, "out/1"]
    assert (media / "out" / "1.elm.gz").stat().st_mtime_ns == stamp

    send(replace(JOB, job_id=2, image_key="gone.png", result_key="out/2"))
    [job_id, sentence] = replies(broker, "server.fail_job")[-1][1]
    assert job_id == 2
    assert "Upload the image again" in sentence
    assert worker.poll() is None
