"""The next piece of work of a person, whatever it is: a single key leads there."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.review import may_review
from annotation_server.errors import NotFound
from annotation_server.permissions import visible_projects
from annotation_server.projects.models import Project
from annotation_server.work.my_queue import to_review

_PROJECTS_TRIED = 50
_REVIEWS_TRIED = 20


@dataclass(frozen=True)
class NextWork:
    """What comes next and where it is done; ``kind`` is returned, open, review or new."""

    kind: str
    url: str


def next_work(user: Any, project_id: int | None = None) -> NextWork:
    """What was returned, then what one began, then what waits for one's review, then a new image.

    Only in one project, if it is named. Raises NotFound (``nothing_to_do``).
    """
    found = _own(user, project_id) or _review(user, project_id) or _new(user, project_id)
    if found is None:
        raise NotFound(
            _("There is nothing to do now: every image that is ready is being worked on or done."),
            code="nothing_to_do",
        )
    return found


def _own(user: Any, project_id: int | None) -> NextWork | None:
    for state, kind, order in (
        (Assignment.State.RETURNED, "returned", "pk"),
        (Assignment.State.OPEN, "open", "-changed_at"),
    ):
        rows = Annotation.objects.filter(
            assignment__annotator=user,
            assignment__state=state,
            image__project__in=visible_projects(user).values("pk"),
        )
        first = _in_project(rows, project_id).order_by(order).values_list("pk", flat=True).first()
        if first is not None:
            return NextWork(kind, f"/annotate/{first}")
    return None


def _review(user: Any, project_id: int | None) -> NextWork | None:
    rows = _in_project(to_review(user), project_id).select_related("assignment", "image")
    for annotation in rows.order_by("submitted_at", "pk")[:_REVIEWS_TRIED]:
        if may_review(user, annotation):
            return NextWork("review", f"/review/{annotation.pk}")
    return None


def _new(user: Any, project_id: int | None) -> NextWork | None:
    """A new image, from the project in which the person worked last."""
    ids = [project_id] if project_id is not None else _by_last_work(user)
    for pk in ids:
        try:
            return NextWork("new", f"/annotate/{next_assignment(user, pk).annotation.pk}")
        except NotFound as refusal:
            if refusal.code != "nothing_to_do":
                raise
    return None


def _by_last_work(user: Any) -> list[int]:
    """The projects a person is a member of, the one they worked in last first."""
    own = Assignment.objects.filter(annotator=user, image__project=OuterRef("pk")).order_by("-pk")
    projects = Project.objects.filter(memberships__user=user).annotate(last=Subquery(own.values("pk")[:1]))
    ordered = projects.order_by(F("last").desc(nulls_last=True), "pk")
    return list(ordered.values_list("pk", flat=True)[:_PROJECTS_TRIED])


def _in_project(rows: QuerySet[Annotation], project_id: int | None) -> QuerySet[Annotation]:
    return rows if project_id is None else rows.filter(image__project=project_id)
