"""Starting a training run: by night, by hand, or on a published release."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.accepted import accepted
from annotation_server.errors import Conflict, NotReady, Refused
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.projects.models import Project
from annotation_server.releases.models import Release
from annotation_server.requests import progress
from annotation_server.requests.models import Request
from annotation_server.training.give_up import GATHER, SHARES
from annotation_server.training.models import TrainingRun
from annotation_server.training.promote import require_usable_by

TRAINABLE = ("cropformer", "mask2former")


@transaction.atomic
def start_run(
    project: Project,
    *,
    kind: TrainingRun.Kind,
    by: Any = None,
    started_from: ModelVersion | None = None,
    release: Release | None = None,
    options: dict[str, Any] | None = None,
) -> TrainingRun:
    """Record a run, from the project's champion if no other is named, and have it done.

    ``options`` are settings of the training; those not named are the trainer's own. Raises Conflict when one
    is under way or nothing is accepted, NotReady where there is no model, NotFound for one of another
    project, and Refused when it cannot be trained or the release is not published.
    """
    origin = _trainable(project.pk, started_from or champion_of(project.pk))
    if release is None and not accepted(project.pk).exists():
        raise Conflict(_("No annotation of this project is accepted yet."), code="nothing_to_train")
    if release is not None and (release.project_id != project.pk or release.state != Release.State.PUBLISHED):
        raise Refused(
            _("Release %(name)s cannot be trained on: it is not a published release of this project.")
            % {"name": release.name}
        )
    try:
        with transaction.atomic():
            run = TrainingRun.objects.create(
                project=project,
                kind=kind,
                release=release,
                started_from=origin,
                config=({"steps": project.retrain_steps} if project.retrain_steps else {}) | (options or {}),
                created_by=by,
            )
    except IntegrityError:
        raise Conflict(
            _("A training of this project is under way. Wait for its end, or cancel it."),
            code="training_open",
        ) from None
    run.seed = run.config.pop("seed", run.pk)
    job = progress.NewJob(task=GATHER, payload={"run": run.pk}, share=SHARES[GATHER])
    run.request = progress.start(project.pk, Request.Kind.TRAIN, [job], by=by)
    run.request.result = {"url": f"/projects/{project.pk}/training-runs/{run.pk}"}
    run.request.save(update_fields=["result"])
    run.save(update_fields=["seed", "config", "request"])
    audit.record(by, project.pk, "training.start", run, kind=kind, request=run.request.pk)
    return run


def _trainable(project_id: int, version: ModelVersion | None) -> ModelVersion:
    if version is None:
        raise NotReady(_("There is no champion to train from: import a model and promote it."))
    require_usable_by(project_id, version)
    if version.architecture not in TRAINABLE:
        raise Refused(
            _("“%(name)s” learns nothing: start from a model that can be trained.") % {"name": version.name},
            code="not_trainable",
        )
    return version
