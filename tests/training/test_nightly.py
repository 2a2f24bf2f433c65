"""Which projects are due at night, and what starting a run refuses."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from annotation_server.errors import Conflict, Refused
from annotation_server.model_registry.models import ModelVersion
from annotation_server.requests import progress
from annotation_server.training.models import TrainingRun
from annotation_server.training.nightly import (
    Due,
    NotDue,
    decide,
    newly_accepted_masks,
    next_night,
    run_nights,
)
from annotation_server.training.start import start_run


def test_it_works(project, champion, accepted, broker) -> None:
    project.retrain_min_masks, project.retrain_steps = 4, 30
    project.save()
    accepted("train")
    assert decide(project) == NotDue(
        reason="2 of 4 masks are newly accepted since the last training.", new_masks=2
    )
    assert run_nights() == []
    accepted("")
    assert isinstance(decide(project), Due)
    (started,) = run_nights()
    run = TrainingRun.objects.get(pk=started)
    assert (run.kind, run.state, run.started_from, run.config) == (
        "nightly",
        "gathering",
        champion,
        {"steps": 30},
    )
    assert [job.task for job in run.request.jobs.all()] == ["server.gather_examples"]
    assert run_nights() == [], "one is under way"
    assert "under way" in decide(project).reason


def test_a_project_has_one_run_a_night(project, champion, accepted, broker, monkeypatch) -> None:
    project.retrain_min_masks = 1
    project.save()
    accepted("train")
    for day in (3, 4):
        now = datetime(2026, 5, day, 2, 0, 0, 500, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        (started,) = run_nights()
        TrainingRun.objects.filter(pk=started).update(state="failed")
        assert isinstance(decide(project), Due)
        assert run_nights() == [], "another clock"


def test_a_night_switched_off_does_not_come(project, champion, accepted) -> None:
    accepted("train")
    project.retrain_min_masks, project.retrain_nightly = 1, False
    project.save()
    assert "switched off" in decide(project).reason
    assert run_nights() == []


def test_masks_count_once_and_those_of_val_never(project, champion, accepted) -> None:
    accepted("train"), accepted("val"), accepted("test")
    assert newly_accepted_masks(project.pk) == 2
    TrainingRun.objects.create(project=project, started_from=champion, state="kept", masks=2)
    assert newly_accepted_masks(project.pk) == 0
    TrainingRun.objects.create(project=project, started_from=champion, state="failed", masks=0)
    accepted("train")
    assert newly_accepted_masks(project.pk) == 2


def test_a_project_that_cannot_start_keeps_no_other_back(project, champion, accepted, broker) -> None:
    accepted("train")
    project.retrain_min_masks = 1
    project.save()
    ModelVersion.objects.filter(pk=champion.pk).update(architecture="classical")
    assert run_nights() == []
    with pytest.raises(Refused, match="learns nothing"):
        start_run(project, kind="manual")


def test_one_run_at_a_time(project, champion, accepted, ada, broker) -> None:
    accepted("train")
    run = start_run(project, kind="manual", by=ada, options={"seed": 7})
    assert (run.seed, run.config) == (7, {})
    with pytest.raises(Conflict, match="under way"):
        start_run(project, kind="manual", by=ada)
    assert TrainingRun.objects.count() == 1


def test_nothing_accepted_nothing_trained(project, champion) -> None:
    with pytest.raises(Conflict, match="accepted yet"):
        start_run(project, kind="manual")


def test_a_cancelled_run_is_over(project, champion, accepted, broker) -> None:
    accepted("train")
    run = start_run(project, kind="manual")
    progress.cancel(run.request_id)
    run.refresh_from_db()
    assert (run.state, run.reason) == ("cancelled", "Cancelled.")
    assert run.finished_at is not None
    start_run(project, kind="manual")


def test_the_command_decides_like_the_night(project, champion, accepted, broker, capsys) -> None:
    accepted("train")
    call_command("retrain", project=project.pk)
    assert "not due. 2 of 500 masks" in capsys.readouterr().out
    call_command("retrain", project=project.pk, now=True, steps=3)
    assert "has begun, from first" in capsys.readouterr().out
    assert TrainingRun.objects.get().config == {"steps": 3}
    with pytest.raises(CommandError, match="under way"):
        call_command("retrain", project=project.pk, now=True)
    with pytest.raises(CommandError, match="no project 999999999"):
        call_command("retrain", project=999_999_999)


@pytest.mark.parametrize(("hour", "day", "night"), [(1, 3, 3), (2, 3, 4), (23, 3, 4)])
def test_the_next_night_is_never_past(monkeypatch, settings, hour, day, night) -> None:
    settings.NIGHT_HOUR = 2
    now = datetime(2026, 5, day, hour, 0, 30, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    assert next_night() == datetime(2026, 5, night, 2, tzinfo=UTC)
