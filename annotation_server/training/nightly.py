"""The night: what is never trained on, which projects are due, and starting their runs."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.models import Assignment
from annotation_server.consistency.models import Study, StudyImage
from annotation_server.errors import Refused
from annotation_server.images.models import Image, Split
from annotation_server.projects.models import Project
from annotation_server.training.models import TrainingRun
from annotation_server.training.start import start_run

log = logging.getLogger(__name__)

_OVER = (Assignment.State.ACCEPTED, Assignment.State.REPLACED, Assignment.State.DROPPED)
_JUDGED = (TrainingRun.State.PROMOTED, TrainingRun.State.KEPT)


class Untrainable(Refused):
    """Training on these images would spoil what models or people are measured by."""

    code = "untrainable"


def under_study(images: QuerySet[Image]) -> QuerySet[Image]:
    """Those of ``images`` that people are measured by: drawn again, blind, or named, now or soon.

    That is every image of a study that is planned or runs, and whatever hidden work somebody has in hand.
    """
    in_hand = Assignment.objects.filter(round__in=Assignment.HIDDEN).exclude(state__in=_OVER)
    studied = StudyImage.objects.filter(study__state__in=Study.HOLDING)
    return images.filter(Q(pk__in=in_hand.values("image_id")) | Q(pk__in=studied.values("image_id")))


def refuse_untrainable(image_ids: Iterable[int]) -> None:
    """Raise Untrainable if one of these images is not of split train, or is in an open study."""
    images = Image.objects.filter(pk__in=list(image_ids))
    held_out = images.exclude(split=Split.TRAIN).order_by("pk").first()
    if held_out is not None:
        raise Untrainable(
            _("%(file_name)s is of split “%(split)s”: only images of split train are trained on.")
            % {"file_name": held_out.file_name, "split": held_out.split or "–"}
        )
    studied = under_study(images).order_by("pk").first()
    if studied is not None:
        raise Untrainable(
            _("%(file_name)s is in a consistency study that goes on: it is not trained on until that ends.")
            % {"file_name": studied.file_name}
        )


@dataclass(frozen=True, kw_only=True)
class Due:
    """The project is to be trained this night."""

    reason: str
    new_masks: int


@dataclass(frozen=True, kw_only=True)
class NotDue:
    """It is not; the sentence says why."""

    reason: str
    new_masks: int


def decide(project: Project) -> Due | NotDue:
    """Whether a project's night has come: switched on, none under way, enough newly accepted masks."""
    new = newly_accepted_masks(project.pk)
    counts = {"new": new, "wanted": project.retrain_min_masks}
    if not project.retrain_nightly:
        return NotDue(reason=_("Nightly training is switched off in this project."), new_masks=new)
    if TrainingRun.objects.filter(project=project, state__in=TrainingRun.OPEN).exists():
        return NotDue(reason=_("A training of this project is under way."), new_masks=new)
    if new < project.retrain_min_masks:
        return NotDue(
            reason=_("%(new)s of %(wanted)s masks are newly accepted since the last training.") % counts,
            new_masks=new,
        )
    return Due(reason=_("%(new)s masks are newly accepted since the last training.") % counts, new_masks=new)


def newly_accepted_masks(project_id: int) -> int:
    """Accepted masks that may be trained on, beyond those of the last run that was judged."""
    rows = accepted(project_id).order_by().exclude(image__split__in=(Split.VAL, Split.TEST))
    now = rows.aggregate(masks=Sum("mask_count"))["masks"] or 0
    last = TrainingRun.objects.filter(project_id=project_id, state__in=_JUDGED).first()
    return max(0, now - (last.masks if last else 0))


def next_night() -> datetime:
    """When the clock next starts the nights (settings.NIGHT_HOUR, UTC)."""
    now = timezone.now().astimezone(UTC)
    tonight = now.replace(hour=settings.NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


def run_nights() -> list[int]:
    """Start the runs of all projects that are due; their ids. One that cannot start keeps none back.

    A project has one run a night, however often this is called: two clocks, or a message that comes twice,
    do no harm, and a run that failed waits for the next night.
    """
    tonight = TrainingRun.objects.filter(
        kind=TrainingRun.Kind.NIGHTLY, created_at__gte=next_night() - timedelta(days=1)
    )
    waiting = Project.objects.filter(retrain_nightly=True).exclude(pk__in=tonight.values("project"))
    started = []
    for project in waiting.iterator():
        try:
            if isinstance(decide(project), Due):
                started.append(start_run(project, kind=TrainingRun.Kind.NIGHTLY).pk)
        except Refused as refusal:
            log.warning("Project %s is not trained this night. %s", project.pk, refusal.sentence)
    return started
