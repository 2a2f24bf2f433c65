"""Review: a second person accepts a submitted annotation or returns it with a reason."""

from typing import Any

from django.db import transaction

from annotation_server import audit
from annotation_server.annotation.access import OVERSEERS, find_annotation
from annotation_server.annotation.models import Annotation, Assignment, Review, Revision
from annotation_server.annotation.submission import record_verdict
from annotation_server.errors import Conflict, NotAllowed, Refused
from annotation_server.permissions import require_role
from annotation_server.projects.models import Membership, Role

LONGEST_REASON = 5000


@transaction.atomic
def review(user: Any, annotation_id: int, verdict: str, reason: str = "") -> Review:
    """Give a verdict on a submitted annotation; accepted is final, returned is editable again.

    Nobody reviews what they drew on. Only where a project has no second person who could (its sole
    reviewer, curator or admin did the work) may that person accept it. Raises NotAllowed, Refused, and
    Conflict (``not_submitted``).
    """
    find_annotation(user, annotation_id)
    annotation = (
        Annotation.objects.select_related("image", "assignment")
        .select_for_update(of=("self",))
        .get(pk=annotation_id)
    )
    require_role(user, annotation.image.project_id, Role.REVIEWER)
    _check_verdict(verdict, reason)
    if annotation.state != Annotation.State.SUBMITTED or annotation.assignment is None:
        raise Conflict(
            f"Only what is submitted can be reviewed; this is {annotation.get_state_display().lower()}.",
            code="not_submitted",
            state=annotation.state,
        )
    if not may_review(user, annotation):
        raise NotAllowed("You drew on this annotation; someone else must review it.")
    accepted = verdict == Review.Verdict.ACCEPT
    annotation.state = Annotation.State.ACCEPTED if accepted else Annotation.State.RETURNED
    annotation.save(update_fields=["state"])
    annotation.assignment.state = Assignment.State.ACCEPTED if accepted else Assignment.State.RETURNED
    annotation.assignment.save(update_fields=["state"])
    record_verdict(annotation, user, verdict)
    audit.record(
        user,
        annotation.image.project_id,
        f"annotation.{verdict}",
        annotation,
        revision=annotation.revision_number,
        map_sha256=annotation.map_sha256,
    )
    return Review.objects.create(
        annotation=annotation,
        reviewer=user,
        verdict=verdict,
        reason=reason.strip(),
        revision_number=annotation.revision_number,
        map_sha256=annotation.map_sha256,
    )


def may_review(user: Any, annotation: Annotation) -> bool:
    """Whether a reviewer (or above) had no hand in it, or nobody else could review it."""
    if not _drew_on(user, annotation):
        return True
    others = Membership.objects.filter(project_id=annotation.image.project_id, role__in=OVERSEERS)
    return not others.exclude(user=user).exists()


def _drew_on(user: Any, annotation: Annotation) -> bool:
    assignment = annotation.assignment
    if assignment is not None and assignment.annotator_id == user.pk:
        return True
    return Revision.objects.filter(annotation=annotation, author=user).exists()


def _check_verdict(verdict: str, reason: str) -> None:
    if verdict not in Review.Verdict.values:
        raise Refused("The verdict must be “accept” or “return”.", code="invalid")
    if verdict == Review.Verdict.RETURN and not reason.strip():
        raise Refused("Say what should be changed: the annotator reads it.", code="reason_needed")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused(f"A reason is a text of at most {LONGEST_REASON} characters.", code="invalid")
