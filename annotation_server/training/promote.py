"""Who is champion of a project: promoted, rolled back, retired; always exactly one, each change kept."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.look_again import look_again
from annotation_server.errors import Conflict, NotFound
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import champion_of
from annotation_server.projects.models import Project
from annotation_server.training.models import ChampionChange

_TAKEN_OVER = (
    *("name", "architecture", "checkpoint_key", "checkpoint_sha256", "config"),
    *("origin", "parameters", "size_bytes", "figures"),
)


@transaction.atomic
def promote(
    project_id: int,
    version: ModelVersion,
    *,
    cause: ChampionChange.Cause = ChampionChange.Cause.CHOSEN,
    by: Any = None,
) -> ModelVersion:
    """Make a version the project's champion; the one before is retired, and can be rolled back to.

    A shared version is taken over as a copy of the project's own, unless it is the shared champion, which
    serves wherever a project has none. The new champion looks at accepted masks, so that it can suggest
    names. Raises Conflict (``is_champion``) when it is champion already.
    """
    Project.objects.select_for_update().get(pk=project_id)
    require_usable_by(project_id, version)
    before = champion_of(project_id)
    if before is not None and before.pk == version.pk:
        raise Conflict(_("“%(name)s” is the champion already.") % {"name": version.name}, code="is_champion")
    after = _crown(project_id, version)
    ChampionChange.objects.create(
        project_id=project_id, before=before, after=after, cause=cause, actor=_person(by)
    )
    audit.record(by, project_id, "model.promote", after, before=before and before.pk, cause=cause)
    look_again(project_id, after, by=_person(by))
    return after


@transaction.atomic
def roll_back(project_id: int, *, by: Any = None) -> ModelVersion:
    """Take the last change of champion back; that is a change too, so a second roll-back undoes the first.

    Raises Conflict (``nothing_to_roll_back``) when there was no change, or its version is gone.
    """
    Project.objects.select_for_update().get(pk=project_id)
    last = ChampionChange.objects.filter(project_id=project_id).first()
    if last is None or last.before is None:
        raise Conflict(_("There was no other champion before this one."), code="nothing_to_roll_back")
    return promote(project_id, _serving(last.before), cause=ChampionChange.Cause.ROLLED_BACK, by=by)


@transaction.atomic
def retire(project_id: int | None, version_id: int, *, by: Any = None) -> ModelVersion:
    """Set a version aside; it can be promoted again. Raises Conflict (``is_champion``) for the champion."""
    version = ModelVersion.objects.select_for_update().get(pk=version_id)
    if version.stage == ModelVersion.Stage.CHAMPION:
        raise Conflict(
            _("“%(name)s” is the champion. Promote another model, or roll back.") % {"name": version.name},
            code="is_champion",
        )
    if version.stage != ModelVersion.Stage.RETIRED:
        version.stage = ModelVersion.Stage.RETIRED
        version.save(update_fields=["stage"])
        audit.record(by, project_id, "model.retire", version)
    return version


def require_usable_by(project_id: int, version: ModelVersion) -> None:
    """Raise NotFound unless a version is shared or the project's own."""
    if version.project_id not in {None, project_id}:
        raise NotFound(_("This model version belongs to another project."))


def _crown(project_id: int, version: ModelVersion) -> ModelVersion:
    own = ModelVersion.objects.filter(project_id=project_id, stage=ModelVersion.Stage.CHAMPION)
    own.update(stage=ModelVersion.Stage.RETIRED)
    if version.project_id is None:
        if version.stage == ModelVersion.Stage.CHAMPION:
            return version
        version = _taken_over(project_id, version)
    version.stage = ModelVersion.Stage.CHAMPION
    version.save(update_fields=["stage"])
    return version


def _taken_over(project_id: int, shared: ModelVersion) -> ModelVersion:
    """The project's own row for a shared version's weights."""
    fields = {name: getattr(shared, name) for name in _TAKEN_OVER}
    earlier = ModelVersion.objects.filter(
        project_id=project_id, checkpoint_sha256=shared.checkpoint_sha256, architecture=shared.architecture
    )
    return earlier.first() or ModelVersion.objects.create(project_id=project_id, **fields)


def _serving(version: ModelVersion) -> ModelVersion:
    """Where the shared champion has been exchanged since, its successor stands for it."""
    if version.project_id is not None or version.stage == ModelVersion.Stage.CHAMPION:
        return version
    shared = ModelVersion.objects.filter(project=None, stage=ModelVersion.Stage.CHAMPION).first()
    return shared or version


def _person(by: Any) -> Any:
    return by if getattr(by, "pk", None) else None
