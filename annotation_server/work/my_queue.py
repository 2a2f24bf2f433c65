"""My queue: what waits for one person across projects, and what they did today."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from annotation_server.annotation.access import OVERSEERS, blind_images
from annotation_server.annotation.active_time import active_ms
from annotation_server.annotation.models import Annotation, Assignment, Comment, Review, Revision
from annotation_server.annotation.start import FIRST_REVISION
from annotation_server.annotation.submission import Submission
from annotation_server.permissions import visible_projects
from annotation_server.projects.models import Membership

MOST_ROWS = 100
MOST_COUNTED = 1000
_DONE_ROWS = 20
_COLUMNS = {
    "annotation": F("pk"),
    "project": F("image__project_id"),
    "project_name": F("image__project__name"),
    "file_name": F("image__file_name"),
    "width": F("image__width"),
    "height": F("image__height"),
    "annotator": F("assignment__annotator__username"),
    "round": Case(
        When(assignment__round__in=Assignment.HIDDEN, then=Value(Assignment.Round.DRAW.value)),
        default=F("assignment__round"),
    ),
    "entities": F("mask_count"),
    "revision": F("revision_number"),
}
_AS_THEY_ARE = ("image_id", "assignment_id", "state", "void_px", "changed_at", "submitted_at")
Row = dict[str, Any]


def my_queue(user: Any, since: datetime) -> dict[str, Any]:
    """Every list of one person's work, the most urgent first, and their figures since a moment."""
    mine = Annotation.objects.filter(
        assignment__annotator=user, image__project__in=visible_projects(user).values("pk")
    )
    returned = mine.filter(assignment__state=Assignment.State.RETURNED)
    begun = mine.filter(assignment__state=Assignment.State.OPEN)
    waiting = mine.filter(assignment__state=Assignment.State.SUBMITTED)
    done = mine.filter(assignment__state__in=[Assignment.State.ACCEPTED, Assignment.State.REPLACED])
    sole = _projects_without_another_reviewer(user)
    answer = {
        "returned": _listed(_with_last_review(returned).order_by("pk")),
        "open": _listed(begun.order_by("-changed_at", "pk")),
        "to_review": _listed(to_review(user).order_by("submitted_at", "pk")),
        "waiting": _listed(waiting.order_by("submitted_at", "pk")),
        "done": _listed(done.order_by("-submitted_at", "pk"), most=_DONE_ROWS),
    }
    for row in answer["waiting"]["results"]:
        row["may_review"] = row["project"] in sole
    _add_given_back(answer["open"]["results"], user)
    return {**answer, "today": figures_since(user, since)}


def to_review(user: Any) -> QuerySet[Annotation]:
    """What others have submitted in the projects that this person oversees."""
    submitted = Annotation.objects.filter(state=Annotation.State.SUBMITTED, assignment__isnull=False)
    submitted = submitted.exclude(assignment__round__in=Assignment.HIDDEN)
    if not user.is_staff:
        overseen = Membership.objects.filter(user=user, role__in=OVERSEERS)
        submitted = submitted.filter(image__project__in=overseen.values("project"))
    return submitted.exclude(assignment__annotator=user)


def figures_since(user: Any, since: datetime) -> dict[str, int]:
    """Images and masks a person submitted since a moment, hidden work too, and their active time (ms)."""
    submitted = Submission.objects.filter(
        annotator=user, day__gte=since.date(), submitted_at__gte=since, attempt=1
    )
    counts = submitted.aggregate(images=Count("pk"), masks=Sum("masks"))
    hidden = Annotation.objects.filter(
        assignment__annotator=user, assignment__round__in=Assignment.HIDDEN, submitted_at__gte=since
    ).aggregate(images=Count("pk"), masks=Sum("mask_count"))
    saves = Revision.objects.filter(author=user, created_at__gte=since)
    moments = saves.order_by("created_at").values_list("created_at", flat=True)
    return {
        "images": counts["images"] + hidden["images"],
        "masks": (counts["masks"] or 0) + (hidden["masks"] or 0),
        "active_ms": active_ms(moments),
    }


def _listed(rows: QuerySet[Annotation], most: int = MOST_ROWS) -> dict[str, Any]:
    """The first rows, and how many there are, counted up to MOST_COUNTED."""
    open_comments = Comment.objects.filter(
        annotation=OuterRef("pk"), parent__isnull=True, resolved_at__isnull=True
    )
    counted = open_comments.order_by().values("annotation").annotate(n=Count("pk")).values("n")
    extras = [name for name in _REVIEW if name in rows.query.annotations]
    values = rows.annotate(open_comments=Subquery(counted)).values(
        *_AS_THEY_ARE, "open_comments", *extras, **_COLUMNS
    )
    return {
        "count": rows.order_by().values("pk")[:MOST_COUNTED].count(),
        "results": [_row(row) for row in values[:most]],
    }


_REVIEW = ("reason", "reviewer", "reviewed_at")


def _with_last_review(rows: QuerySet[Annotation]) -> QuerySet[Annotation]:
    last = Review.objects.filter(annotation=OuterRef("pk")).order_by("-pk")
    return rows.annotate(
        reason=Subquery(last.values("reason")[:1]),
        reviewer=Subquery(last.values("reviewer__username")[:1]),
        reviewed_at=Subquery(last.values("created_at")[:1]),
    )


def _row(row: Row) -> Row:
    image, void_px = row.pop("image_id"), row.pop("void_px")
    assignment = row.pop("assignment_id")
    return {
        **row,
        "image": image,
        "assignment": assignment,
        "coverage": 1 - void_px / (row["width"] * row["height"]),
        "open_comments": row["open_comments"] or 0,
        "thumbnail_url": f"/api/v1/images/{image}/thumbnail",
    }


def _add_given_back(rows: Iterable[Row], user: Any) -> None:
    """Where nothing is saved yet: the newest drawing of the image that somebody gave back."""
    untouched = {row["image"]: row for row in rows if row["revision"] == FIRST_REVISION}
    found = Annotation.objects.filter(
        Q(revision_number__gt=FIRST_REVISION),
        image__in=untouched.keys() - set(blind_images(user)),
        state=Annotation.State.DROPPED,
        assignment__round=Assignment.Round.DRAW,
    )
    values = found.order_by("pk").values("pk", "image_id", "void_px", "assignment__annotator__username")
    for one in values:
        row = untouched[one["image_id"]]
        row["given_back"] = {
            "annotation": one["pk"],
            "annotator": one["assignment__annotator__username"],
            "coverage": 1 - one["void_px"] / (row["width"] * row["height"]),
        }


def _projects_without_another_reviewer(user: Any) -> set[int]:
    """Projects this person oversees alone: there they may accept their own work."""
    overseers = Membership.objects.filter(role__in=OVERSEERS)
    own = set(overseers.filter(user=user).values_list("project", flat=True))
    shared = overseers.filter(project__in=own).exclude(user=user).values_list("project", flat=True)
    return own - set(shared)
