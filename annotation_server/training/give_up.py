"""Ending a run that failed or was cancelled: its state, its other jobs, the trainer, and its files."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotation_server import media
from annotation_server.requests import progress
from annotation_server.requests.models import Job, WorkState
from annotation_server.requests.progress import when_given_up
from annotation_server.training.models import TrainingRun

LATELY = timedelta(days=7)
GATHER = "server.gather_examples"
TRAIN = "ml.train"
TAKE_IN = "server.take_in_candidate"
EVALUATE = "ml.evaluate"
COMPARE = "server.compare_models"

# Of a run's work, as it is felt; the evaluations share theirs among them.
SHARES = {GATHER: 0.05, TRAIN: 0.7, TAKE_IN: 0.02, EVALUATE: 0.21, COMPARE: 0.02}


@when_given_up(GATHER)
@when_given_up(TRAIN)
@when_given_up(TAKE_IN)
@when_given_up(EVALUATE)
@when_given_up(COMPARE)
def end_run(job: Job, reason: str) -> None:
    """The run ends with the reason of the job that ended first; its other jobs are called off."""
    was_cancelled = job.state == WorkState.CANCELLED
    ended = TrainingRun.objects.filter(pk=job.payload["run"], state__in=TrainingRun.OPEN).update(
        state=TrainingRun.State.CANCELLED if was_cancelled else TrainingRun.State.FAILED,
        reason=reason,
        finished_at=timezone.now(),
    )
    if not ended:
        return
    others = Job.objects.filter(request_id=job.request_id, state__in=WorkState.open_states())
    for other in others.values_list("pk", flat=True):
        progress.call_off(other)
    run = TrainingRun.objects.get(pk=job.payload["run"])
    transaction.on_commit(lambda: _stop_trainer(run))


def clear_up(run: TrainingRun) -> None:
    """Remove what only the training itself needed; examples, metrics and evaluations stay."""
    for name in ("state.pt", "model.safetensors"):
        media.delete(f"{run.folder}/{name}")


def clear_up_late() -> None:
    """Clear up once more after runs that ended lately: a trainer may have saved while it was called off."""
    lately = timezone.now() - LATELY
    for run in TrainingRun.objects.filter(finished_at__gte=lately).exclude(state__in=TrainingRun.OPEN):
        clear_up(run)


def _stop_trainer(run: TrainingRun) -> None:
    media.write(f"{run.folder}/cancelled", b"")
    clear_up(run)
