"""Review: a second person accepts a submitted annotation or returns it with reasons."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.access import OVERSEERS, WORKABLE, find_annotation
from annotation_server.annotation.measure import count_verdict_later
from annotation_server.annotation.models import Annotation, Assignment, Review, Revision
from annotation_server.annotation.submission import record_verdict
from annotation_server.errors import Conflict, NotAllowed, Refused
from annotation_server.permissions import require_role
from annotation_server.projects.models import Membership, Role

LONGEST_REASON = 5000
# A verdict and what it makes of the annotation and of its assignment.
_STATES = {
    Review.Verdict.ACCEPT: (Annotation.State.ACCEPTED, Assignment.State.ACCEPTED),
    Review.Verdict.RETURN: (Annotation.State.RETURNED, Assignment.State.RETURNED),
    Review.Verdict.REPLACE: (Annotation.State.REPLACED, Assignment.State.REPLACED),
}


@transaction.atomic
def review(user: Any, annotation_id: int, verdict: str, reason: str = "") -> Review:
    """Accept a submitted annotation as it is, or return it; accepted is final, returned is editable again.

    Nobody reviews what they drew on. Only where a project has no second person who could (its sole
    reviewer, curator or admin did the work) may that person accept it. A return needs a reason: a
    sentence, or a comment that is open. Raises NotAllowed, Refused, and Conflict (``not_submitted``).
    """
    find_annotation(user, annotation_id)
    if verdict not in (Review.Verdict.ACCEPT, Review.Verdict.RETURN):
        raise Refused(_("The verdict must be “accept” or “return”."), code="invalid")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused(
            _("A reason is a text of at most %(n)s characters.") % {"n": LONGEST_REASON}, code="invalid"
        )
    annotation = lock_for_review(user, annotation_id)
    if verdict == Review.Verdict.RETURN and not reason.strip() and not open_comments(annotation):
        raise Refused(_("Say what should be changed: the annotator reads it."), code="reason_needed")
    given = note_verdict(user, annotation, Review.Verdict(verdict), reason)
    count_verdict_later(annotation)
    audit.record(
        user,
        annotation.image.project_id,
        f"annotation.{verdict}",
        annotation,
        revision=annotation.revision_number,
        map_sha256=annotation.map_sha256,
    )
    return given


def lock_for_review(user: Any, annotation_id: int) -> Annotation:
    """A submitted annotation, locked, that this person may judge.

    Raises NotFound, NotAllowed, and Conflict (``not_submitted``).
    """
    annotation = (
        Annotation.objects.select_related("image", "assignment")
        .select_for_update(of=("self",))
        .get(pk=annotation_id)
    )
    require_role(user, annotation.image.project_id, Role.REVIEWER)
    if annotation.state != Annotation.State.SUBMITTED or annotation.assignment is None:
        raise Conflict(
            _("Only what is submitted can be reviewed; the state of this is: %(state)s.")
            % {"state": _(annotation.get_state_display())},
            code="not_submitted",
            state=annotation.state,
        )
    if annotation.assignment.round in Assignment.HIDDEN:
        raise Conflict(
            _("Only drawings are corrected; the work of a study stays as it is."), code="not_drawn"
        )
    if not may_review(user, annotation):
        raise NotAllowed(_("You drew on this annotation; someone else must review it."))
    return annotation


def note_verdict(user: Any, annotation: Annotation, verdict: Review.Verdict, reason: str = "") -> Review:
    """Give a locked annotation the state of a verdict, end the reviewers' maps of it, and keep the review."""
    assert annotation.assignment is not None
    annotation.state, annotation.assignment.state = _STATES[verdict]
    annotation.save(update_fields=["state"])
    annotation.assignment.save(update_fields=["state"])
    record_verdict(annotation, user, verdict)
    begun = Assignment.objects.filter(annotation__original=annotation, state__in=WORKABLE)
    begun.update(state=Assignment.State.DROPPED, lease=None, lease_holder=None, lease_expires_at=None)
    return Review.objects.create(
        annotation=annotation,
        reviewer=user,
        verdict=verdict,
        reason=reason.strip(),
        comments=open_comments(annotation),
        revision_number=annotation.revision_number,
        map_sha256=annotation.map_sha256,
    )


def open_comments(annotation: Annotation) -> list[int]:
    """Ids of the remarks that nobody has resolved yet."""
    remarks = annotation.comments.filter(parent__isnull=True, resolved_at__isnull=True)
    return list(remarks.order_by("id").values_list("id", flat=True))


def may_review(user: Any, annotation: Annotation) -> bool:
    """Whether a reviewer (or above) had no hand in it, or nobody else could; never hidden work."""
    if annotation.assignment is not None and annotation.assignment.round in Assignment.HIDDEN:
        return False
    if not _drew_on(user, annotation):
        return True
    others = Membership.objects.filter(project_id=annotation.image.project_id, role__in=OVERSEERS)
    return not others.exclude(user=user).exists()


def _drew_on(user: Any, annotation: Annotation) -> bool:
    assignment = annotation.assignment
    if assignment is not None and assignment.annotator_id == user.pk:
        return True
    return Revision.objects.filter(annotation=annotation, author=user).exists()
