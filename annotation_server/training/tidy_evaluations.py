"""What stays of evaluations: maps that a run's page shows lie with the run; results nobody reads again go."""

import logging

from botocore.exceptions import ClientError

from annotation_server import media
from annotation_server.model_registry.models import ModelVersion
from annotation_server.training.evaluation_jobs import (
    EVALUATIONS,
    Judged,
    judged_examples,
    results_key,
    shown_map_key,
)
from annotation_server.training.models import TrainingRun

log = logging.getLogger(__name__)

_JUDGED = (TrainingRun.State.PROMOTED, TrainingRun.State.KEPT)


def keep_shown_maps(run: TrainingRun, images: list[int]) -> None:
    """Copy what both models saw in ``images`` to the run's own folder; what lies there stays as it is."""
    examples = judged_examples(run)
    for side, model in _models_of(run).items():
        key = results_key(Judged.of(model), examples)
        for image in images:
            kept = shown_map_key(run, image, side)
            if media.exists(kept):
                continue
            try:
                media.write(kept, media.read(f"{key}/{image}.elm.gz"))
            except (FileNotFoundError, ClientError):
                log.warning("The map of image %s that the %s of %s saw is gone.", image, side, run)


def tidy_evaluations() -> None:
    """Remove the results of models, but for those of open runs and of each project's last judged one.

    The latter spare the next night an evaluation: one of its models is the champion.
    """
    there = {f"{EVALUATIONS}/{name}" for name in media.folders(EVALUATIONS)}
    if not there:
        return
    wanted: set[str] = set()
    last_judged: set[int] = set()
    for run in TrainingRun.objects.select_related("champion", "candidate").order_by("-pk"):
        is_last = run.state in _JUDGED and run.project_id not in last_judged
        if is_last:
            last_judged.add(run.project_id)
        if is_last or run.is_open:
            wanted |= _keys_of(run)
        elif run.state in _JUDGED and _keys_of(run) & there:
            keep_shown_maps(run, [row["image"] for row in run.worst])
    for key in sorted(there - wanted):
        media.delete_folder(key)


def _models_of(run: TrainingRun) -> dict[str, ModelVersion]:
    both = {"champion": run.champion, "candidate": run.candidate}
    return {side: model for side, model in both.items() if model is not None}


def _keys_of(run: TrainingRun) -> set[str]:
    models = _models_of(run).values()
    examples = judged_examples(run) if models else []
    return {results_key(Judged.of(model), examples) for model in models}
