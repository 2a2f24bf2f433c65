"""Leases: who may write to an assignment's label map now, in which tab."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.access import WORKABLE, find_assignment
from annotation_server.annotation.models import Assignment
from annotation_server.errors import Conflict, LeaseLost


@transaction.atomic
def claim(user: Any, assignment_id: int) -> Assignment:
    """Take the lease: one's own assignment, or anyone's as a reviewer or above; the old lease dies."""
    assignment = _locked(user, assignment_id)
    if assignment.state not in WORKABLE:
        raise Conflict(
            _("This assignment cannot be edited now: %(state)s.")
            % {"state": _(assignment.get_state_display())},
            code="frozen",
        )
    if assignment.lease_holder_id not in (None, user.pk):
        audit.record(
            user,
            assignment.image.project_id,
            "lease.take_over",
            assignment,
            taken_from=assignment.lease_holder_id,
        )
    take(assignment, user)
    return assignment


@transaction.atomic
def heartbeat(user: Any, assignment_id: int, lease: str | None) -> datetime:
    """Keep the lease; returns when it expires."""
    assignment = _locked(user, assignment_id)
    require_lease(assignment, user, lease)
    return prolong(assignment)


@transaction.atomic
def release(user: Any, assignment_id: int, lease: str | None) -> Assignment:
    """Give the lease back; the assignment stays the annotator's. A lease lost already is no error."""
    assignment = _locked(user, assignment_id)
    if holds_lease(assignment, user, lease):
        drop(assignment)
    return assignment


def take(assignment: Assignment, user: Any) -> None:
    """Give the lease to a person, whoever had it; the caller holds the row lock."""
    assignment.lease = uuid.uuid4()
    assignment.lease_holder = user
    prolong(assignment, "lease", "lease_holder")


def drop(assignment: Assignment, *also_save: str) -> None:
    """End the lease; the caller holds the row lock."""
    assignment.lease = assignment.lease_holder = assignment.lease_expires_at = None
    assignment.save(update_fields=["lease", "lease_holder", "lease_expires_at", *also_save])


def prolong(assignment: Assignment, *also_save: str) -> datetime:
    """Let the lease run its full time from now."""
    assignment.lease_expires_at = expires_at = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    assignment.save(update_fields=["lease_expires_at", *also_save])
    return expires_at


def holds_lease(assignment: Assignment, user: Any, lease: str | None) -> bool:
    """Whether this token is the current one.

    An expired lease that nobody has taken still holds: a person back from a tunnel loses nothing.
    """
    return (
        assignment.lease is not None
        and lease == str(assignment.lease)
        and assignment.lease_holder_id == user.pk
    )


def require_lease(assignment: Assignment, user: Any, lease: str | None) -> None:
    """Raises LeaseLost with who holds it and until when."""
    if holds_lease(assignment, user, lease):
        return
    holder = assignment.lease_holder
    if holder is None:
        sentence = _("Nobody holds this assignment now. Claim it again to go on.")
    elif holder.pk == user.pk:
        sentence = _("You hold this assignment in another tab. Take it over here, or go on there.")
    else:
        sentence = _("%(person)s has taken over this assignment.") % {"person": holder.display_name}
    raise LeaseLost(
        sentence,
        holder=holder.display_name if holder else None,
        lease_expires_at=assignment.lease_expires_at,
    )


def _locked(user: Any, assignment_id: int) -> Assignment:
    find_assignment(user, assignment_id)
    # Who holds the lease may change while this waits for the lock, so that person is fetched after it.
    rows = Assignment.objects.select_related("image", "annotator")
    return rows.select_for_update(of=("self",)).get(pk=assignment_id)
