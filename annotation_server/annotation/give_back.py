"""Letting go of an assignment, and going on from what somebody let go of."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation import lease
from annotation_server.annotation.access import WORKABLE, find_assignment
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import FIRST_REVISION, start_from_earlier
from annotation_server.errors import Conflict, LeaseLost, NotFound


@transaction.atomic
def give_back(user: Any, assignment_id: int, lease_token: str | None) -> Assignment:
    """Make the image free again; what was saved stays in history, closed.

    ``lease_token`` may be left out where no tab has the assignment open. Raises Conflict (``frozen``) for
    what is submitted, accepted or given back already, and LeaseLost while another tab or person holds it.
    """
    assignment = _locked(user, assignment_id)
    if assignment.state not in WORKABLE or assignment.round == Assignment.Round.REVIEW:
        raise Conflict(_("Only work that is not submitted can be given back."), code="frozen")
    _require_nobody_at_work(assignment, user, lease_token)
    assignment.state = Assignment.State.DROPPED
    lease.drop(assignment, "state")
    Annotation.objects.filter(assignment=assignment).update(state=Annotation.State.DROPPED)
    audit.record(user, assignment.image.project_id, "assignment.give_back", assignment)
    return assignment


@transaction.atomic
def start_from_given_back(user: Any, assignment_id: int, annotation_id: int) -> Assignment:
    """Let an assignment in which nothing is saved yet go on from an annotation that was given back.

    Only drawing goes on from drawing: hidden work begins as it was given. The assignment gets a new
    annotation and a new lease. Raises NotFound for anything but a given-back annotation of the same image,
    and Conflict (``begun``) when something was saved.
    """
    assignment = _locked(user, assignment_id)
    source = Annotation.objects.filter(
        pk=annotation_id,
        image=assignment.image_id,
        state=Annotation.State.DROPPED,
        assignment__round=Assignment.Round.DRAW,
    ).first()
    if source is None or assignment.round != Assignment.Round.DRAW:
        raise NotFound(_("This image has no such work that was given back."))
    own = Annotation.objects.filter(assignment=assignment).first()
    if assignment.state != Assignment.State.OPEN or (own and own.revision_number > FIRST_REVISION):
        raise Conflict(_("Something is saved here already: give it back first."), code="begun")
    if own is not None:
        own.delete()
    start_from_earlier(assignment, source)
    lease.take(assignment, user)
    audit.record(user, assignment.image.project_id, "assignment.go_on", assignment, source=source.pk)
    return Assignment.objects.select_related("image", "annotator", "annotation", "lease_holder").get(
        pk=assignment.pk
    )


def _require_nobody_at_work(assignment: Assignment, user: Any, lease_token: str | None) -> None:
    expires_at = assignment.lease_expires_at
    is_held = assignment.lease is not None and expires_at is not None and expires_at > timezone.now()
    if not is_held or lease.holds_lease(assignment, user, lease_token):
        return
    holder = assignment.lease_holder
    raise LeaseLost(
        _("This image is open in the editor now. Close it there, or give it back from there."),
        holder=holder.display_name if holder else None,
        lease_expires_at=expires_at,
    )


def _locked(user: Any, assignment_id: int) -> Assignment:
    find_assignment(user, assignment_id)
    rows = Assignment.objects.select_related("image", "annotator")
    return rows.select_for_update(of=("self",)).get(pk=assignment_id)
