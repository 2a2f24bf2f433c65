"""The end of a training run: candidate beside champion, and what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from annotation_server import audit
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.training.compare import Keep, Promote, Verdict, compare
from annotation_server.training.evaluation import image_rows, read_figures, worst_images
from annotation_server.training.evaluation_jobs import Judged, judged_examples, results_key
from annotation_server.training.models import ChampionChange, TrainingRun
from annotation_server.training.promote import promote

CHAMPION_CHANGED = "Another model became champion while this one was judged: train again to compare with it."


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict, both models' figures, and the images to look at first."""

    verdict: Verdict
    champion: dict[str, float]
    candidate: dict[str, float]
    worst: list[dict[str, Any]]


def judge(run: TrainingRun, check: Callable[[float], None]) -> Judgement:
    """Compare both models on a run's frozen images; raises Refused for results that cannot be read."""
    assert run.champion is not None
    assert run.candidate is not None
    examples = judged_examples(run)
    champion = read_figures(_key(run.champion, examples), examples, lambda share: check(0.3 * share))
    candidate = read_figures(_key(run.candidate, examples), examples, lambda share: check(0.3 + 0.3 * share))
    verdict = compare(champion, candidate, seed=run.seed)
    check(0.9)
    return Judgement(
        verdict=verdict,
        champion=model_figures(champion),
        candidate=model_figures(candidate),
        worst=worst_images(image_rows(champion, candidate)),
    )


def conclude(run: TrainingRun, judgement: Judgement) -> None:
    """Write a judgement down and act on it; within the transaction that ends the run's last job."""
    assert run.champion is not None
    assert run.candidate is not None
    verdict = judgement.verdict
    present = champion_of(run.project_id)
    if isinstance(verdict, Promote) and (present is None or present.pk != run.champion_id):
        verdict = Keep(**{**vars(verdict), "reason": CHAMPION_CHANGED})
    _note_figures(run.champion, judgement.champion)
    _note_figures(run.candidate, judgement.candidate)
    if isinstance(verdict, Promote):
        promote(run.project_id, run.candidate, cause=ChampionChange.Cause.TRAINED)
        run.state = TrainingRun.State.PROMOTED
    else:
        run.state = TrainingRun.State.KEPT
        audit.record(None, run.project_id, "training.keep", run, reason=verdict.reason)
    run.reason, run.worst, run.finished_at = verdict.reason, judgement.worst, timezone.now()
    run.figures = {
        "champion": judgement.champion,
        "candidate": judgement.candidate,
        **verdict.to_dict(),
    }
    run.save()


def _key(version: ModelVersion, examples: list[dict[str, Any]]) -> str:
    return results_key(Judged.of(version), examples)


def _note_figures(version: ModelVersion, figures: dict[str, float]) -> None:
    """A shared version keeps none: its figures differ from project to project."""
    if version.project_id is not None:
        version.figures = figures
        version.save(update_fields=["figures"])
