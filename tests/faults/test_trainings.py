"""A trainer killed again and again: the run goes on, to the very weights of one that was not killed."""

from typing import Any

import pytest

from annotation_server import media
from annotation_server.requests.models import Job
from annotation_server.requests.reap import reap
from annotation_server.training.models import TrainingRun
from annotation_server.training.start import start_run
from tests.faults.test_workers import kill, wait_for
from tests.training.nano import QUICK, add_squares, register_beginner
from tests.training.night import finish

pytestmark = [pytest.mark.faults, pytest.mark.services, pytest.mark.django_db(transaction=True)]

SAVED_EVERY = 5
LONG = {**QUICK, "steps": 60, "save_every": SAVED_EVERY, "log_every": SAVED_EVERY, "seed": 3}
A_LONG_PROOF = 10
DEATHS = 3


def saved_steps(run: TrainingRun) -> int:
    """How far the trainer's log in the storage is."""
    key = f"{run.folder}/metrics.jsonl"
    return SAVED_EVERY * media.read(key).count(b"\n") if media.exists(key) else 0


def wait_until_saved(run: TrainingRun, steps: int) -> None:
    wait_for(lambda: reap() < 0 or saved_steps(run) >= steps, timeout_s=240, every_s=0.2)


def test_a_killed_trainer_costs_time_not_the_run(
    kills: int,
    project: Any,
    anna: Any,
    make_image: Any,
    make_annotation: Any,
    start_worker,
    settings,
    tmp_path,
) -> None:
    if kills < A_LONG_PROOF:
        pytest.skip(f"starts trainers again and again: --kills {A_LONG_PROOF}")
    settings.JOB_STALE_SECONDS = 12
    add_squares(project, anna, make_image, make_annotation)
    beginner = register_beginner(project, tmp_path)
    quiet = finish(start_run(project, kind="manual", started_from=beginner, options=LONG), tmp_path / "quiet")
    assert quiet.state == "promoted"

    start_worker("default", TESSERA_JOB_STALE_SECONDS="12")
    start_worker("ml")
    run = start_run(project, kind="manual", started_from=beginner, options=LONG)
    for death in range(1, DEATHS + 1):
        trainer = start_worker("training")
        wait_until_saved(run, 15 * death)
        kill(trainer)
    start_worker("training")
    kept = TrainingRun.objects.filter(pk=run.pk, state="kept")
    wait_for(lambda: reap() < 0 or kept.exists(), timeout_s=240, every_s=0.5)
    run.refresh_from_db()
    assert run.outcome["sha256"] == quiet.outcome["sha256"]
    assert Job.objects.get(request=run.request, task="ml.train").attempts == DEATHS + 1
