"""The jobs of a training run, each adding the next in the transaction that ends it.

    gather → ml.train → take in → ml.evaluate, some images each, of both models → compare

Whatever comes twice finds its job ended and does nothing; a job that fails or is cancelled ends the run
(give_up.py).
"""

from collections.abc import Sequence

from django.db import transaction

from annotation_server.model_registry.register import champion_of
from annotation_server.queue import TRAINING
from annotation_server.requests import progress
from annotation_server.requests.models import Job, WorkState
from annotation_server.requests.progress import NewJob
from annotation_server.requests.pulse import Pulse
from annotation_server.segmentation.jobs import TrainJob
from annotation_server.training.candidate import candidate_of, keep_weights, read_outcome
from annotation_server.training.evaluation_jobs import Judged, evaluation_jobs, judged_examples
from annotation_server.training.give_up import COMPARE, EVALUATE, SHARES, TAKE_IN, TRAIN, clear_up
from annotation_server.training.judge import conclude, judge
from annotation_server.training.mini_release import Frozen, freeze
from annotation_server.training.models import TrainingRun
from annotation_server.training.tidy_evaluations import keep_shown_maps


def gather(job: Job, pulse: Pulse) -> None:
    """Freeze the examples of a job's run, then have it trained."""
    run = _run_of(job)
    frozen = freeze(run, pulse.check)

    def then(ended: Job) -> Sequence[NewJob]:
        _note_frozen(run, frozen)
        return [_training(run)]

    progress.finish(job.pk, then)


def training_done(job_id: int) -> None:
    """The trainer has written its weights: have them taken in."""

    def then(job: Job) -> Sequence[NewJob]:
        return [
            NewJob(
                task=TAKE_IN, payload={"run": job.payload["run"], "trained_by": job.pk}, share=SHARES[TAKE_IN]
            )
        ]

    progress.finish(job_id, then)


def take_in(job: Job, pulse: Pulse) -> None:
    """Register the trained weights as a candidate, then have both models evaluated."""
    run = _run_of(job)
    outcome = read_outcome(run, job.payload["trained_by"])
    weights = keep_weights(run, outcome["sha256"], lambda share: pulse.check(share / 2))
    candidate = candidate_of(run, weights)
    champion = champion_of(run.project_id) or run.started_from
    models = [Judged.of(champion), Judged.of(candidate)]
    jobs = evaluation_jobs(run, models, judged_examples(run), lambda share: pulse.check((1 + share) / 2))

    def then(ended: Job) -> Sequence[NewJob]:
        candidate.save()
        run.champion, run.candidate, run.outcome = champion, candidate, outcome
        run.state = TrainingRun.State.EVALUATING if jobs else TrainingRun.State.COMPARING
        run.save(update_fields=["champion", "candidate", "outcome", "state"])
        return jobs or [_comparison(run)]

    progress.finish(job.pk, then)


def evaluation_done(job_id: int) -> None:
    """Some images are evaluated; when all are, have the models compared."""

    def then(job: Job) -> Sequence[NewJob]:
        siblings = Job.objects.filter(request_id=job.request_id, task=EVALUATE)
        if siblings.filter(state__in=WorkState.open_states()).exists():
            return ()
        run = _run_of(job)
        run.state = TrainingRun.State.COMPARING
        run.save(update_fields=["state"])
        return [_comparison(run)]

    progress.finish(job_id, then)


def compare(job: Job, pulse: Pulse) -> None:
    """Judge candidate beside champion, and promote it or keep the champion."""
    run = _run_of(job)
    judgement = judge(run, pulse.check)
    keep_shown_maps(run, [row["image"] for row in judgement.worst])

    def then(ended: Job) -> Sequence[NewJob]:
        conclude(run, judgement)
        transaction.on_commit(lambda: clear_up(run))
        return ()

    progress.finish(job.pk, then)


def _run_of(job: Job) -> TrainingRun:
    runs = TrainingRun.objects.select_related("project", "release", "started_from", "champion", "candidate")
    return runs.get(pk=job.payload["run"])


def _note_frozen(run: TrainingRun, frozen: Frozen) -> None:
    run.images, run.masks, run.judged_images = frozen.images, frozen.masks, frozen.judged
    run.examples_sha256, run.left_out = frozen.sha256, frozen.left_out
    run.state = TrainingRun.State.TRAINING
    run.save()


def _training(run: TrainingRun) -> NewJob:
    job = TrainJob(
        job_id=0,
        examples_key=run.examples_key,
        run_key=run.folder,
        start_key=run.started_from.checkpoint_key,
        start_sha256=run.started_from.checkpoint_sha256,
        config={**run.config, "seed": run.seed},
    )
    return NewJob(
        task=TRAIN, queue=TRAINING, payload={"run": run.pk, "message": job.without_id()}, share=SHARES[TRAIN]
    )


def _comparison(run: TrainingRun) -> NewJob:
    return NewJob(task=COMPARE, payload={"run": run.pk}, share=SHARES[COMPARE])
